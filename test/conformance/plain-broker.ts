import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { createAdmission, createGuardedBroker, createRefusals, createSessions, defaultLimits, listenTcp } from '@vigil/broker'
import { createMetrics, silentLog, systemClock } from '@vigil/program'
import { plainHouse } from './plain-house.ts'

/**
 * Our broker without the rules of a ward, started by the arguments that tests give Mosquitto's program: `-p PORT`, or `-c FILE`
 * with a few lines of its format.
 */
export async function startPlainBroker(args: readonly string[], folder: string): Promise<{ stop(): Promise<void> }> {
  const conf = after(args, '-c')
  const lines = conf === undefined ? [['listener', after(args, '-p') ?? '1883']] : readFileSync(resolve(folder, conf), 'utf8').split('\n').map((line) => line.trim().split(/\s+/))
  const said = (name: string): string | undefined => lines.find(([word]) => word === name)?.[1]
  const passwords = said('password_file')
  const limits = { ...defaultLimits, unsignedPerAddress: 100, connectsPerSecond: 1_000 }
  const house = plainHouse(
    {
      // Without a configuration file everyone is let in; a file has to say so.
      allowAnonymous: conf === undefined || said('allow_anonymous') === 'true',
      allowEmptyClientId: said('allow_zero_length_clientid') !== 'false',
      users: passwords === undefined ? undefined : readUsers(resolve(folder, passwords)),
      window: Number(said('max_inflight_messages') ?? 20),
    },
    limits,
  )
  const refusals = createRefusals({ metrics: createMetrics('plain'), log: silentLog, clock: systemClock })
  const sessions = createSessions(refusals)
  const admission = createAdmission({ limits, refusals, clock: systemClock })
  const broker = await createGuardedBroker({ sessions, house, connectTimeoutMs: limits.connectTimeoutMs, clock: systemClock, log: silentLog })
  const ports = lines.filter(([word]) => word === 'listener' || word === 'port').map(([, port]) => Number(port))
  const listeners = await Promise.all(ports.map((port) => listenTcp({ port, bind: '127.0.0.1', admission, refusals, limits, welcome: broker.welcome })))
  return {
    async stop() {
      const closing = listeners.map((listener) => listener.stop())
      await broker.close()
      admission.closeAll()
      await Promise.all(closing)
    },
  }
}

function after(args: readonly string[], flag: string): string | undefined {
  return args.includes(flag) ? args[args.indexOf(flag) + 1] : undefined
}

/** `user:$6$SALT$HASH`: SHA-512 of password and salt, both base64. */
function readUsers(path: string): Map<string, (password: string) => boolean> {
  const lines = readFileSync(path, 'utf8').split('\n').filter((line) => line.includes('$6$'))
  return new Map(
    lines.map((line) => {
      const [user = '', , , salt = '', hash = ''] = line.split(/[:$]/)
      return [user, (password) => createHash('sha512').update(password).update(Buffer.from(salt, 'base64')).digest('base64') === hash]
    }),
  )
}
