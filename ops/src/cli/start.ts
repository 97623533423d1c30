import { resolve } from 'node:path'
import { isAppError } from '@vigil/contract'
import { readSettings, systemClock, wordsOf } from '@vigil/program'
import { houseRoot } from '../migrations/migration-folder.ts'
import { createProgress } from '../start/progress.ts'
import { httpUrl, readyLine } from '../start/ready-line.ts'
import { startSettings } from '../start/settings.ts'
import { Ward, type SignIn } from '../start/ward.ts'

/** Everything is down within ten seconds of the signal. */
const STOP_LIMIT_MS = 9_200
const LAST_RESORT_MS = 9_800
const PARENT_CHECK_MS = 250

const { values: settings } = readSettings('vigil start', 'runs the whole ward: PostgreSQL, broker, bridge, central station, web app and a demo ward', startSettings, process.argv.slice(2))
const dataDir = resolve(settings.data)
const progress = createProgress({ dataDir, clock: systemClock, write: (text) => process.stderr.write(text) })
let ward: Ward | undefined
let stopping: Promise<never> | undefined

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => void stop(0, `Stopping (${signal}) …`))
stopWithNpm()

try {
  ward = await Ward.prepare({ root: houseRoot, dataDir, settings, env: process.env, clock: systemClock, progress })
  const signIn = await ward.start()
  if (stopping) await stopping
  process.stdout.write(`${welcome(signIn)}\n${JSON.stringify(readyLine(settings, dataDir))}\n`)
} catch (error) {
  // While stopping, a program that is interrupted in its start is no failure of its own.
  if (stopping) await stopping
  await stop(1, `Vigil did not start. ${sentenceOf(error)}`)
}

/** Stops once, whatever asks for it first: npm passes on the terminal's Ctrl-C, so the same signal may come twice. */
function stop(exitCode: number, why: string): Promise<never> {
  stopping ??= (async () => {
    progress.tell(why)
    setTimeout(() => {
      progress.tell(`Not everything ended within ${LAST_RESORT_MS / 1_000} s; the next start ends what is left.`)
      process.exit(1)
    }, LAST_RESORT_MS).unref()
    await ward?.stop(STOP_LIMIT_MS).catch((error: unknown) => {
      progress.tell(`Stopping failed. ${wordsOf(error)}`)
      process.exit(1)
    })
    if (exitCode === 0) progress.tell('Stopped')
    process.exit(exitCode)
  })()
  return stopping
}

/** A killed npm cannot pass a signal on: when it is gone, the ward it started stops too. */
function stopWithNpm(): void {
  if (process.env['npm_lifecycle_event'] !== 'start' || process.platform === 'win32') return
  const parent = process.ppid
  setInterval(() => process.ppid !== parent && void stop(0, 'Stopping (npm is gone) …'), PARENT_CHECK_MS).unref()
}

function sentenceOf(error: unknown): string {
  // A fault of ours is told with where it was.
  return isAppError(error) || !(error instanceof Error) ? wordsOf(error) : `${wordsOf(error)}\n${error.stack ?? ''}`
}

function welcome(signIn: SignIn): string {
  const how = {
    'made now': `Sign in as ${signIn.user} with password ${signIn.password} (shown only now; keep it)`,
    VIGIL_ADMIN_PASSWORD: `Sign in as ${signIn.user} with the password of VIGIL_ADMIN_PASSWORD`,
    earlier: `Sign in as ${signIn.user} with the password shown at the first start`,
  }[signIn.from]
  return `\nVigil runs at ${httpUrl(settings)}\n${how}\nData and logs are in ${dataDir}. Ctrl-C stops everything.\nNot a certified medical device: secondary monitoring only.\n`
}
