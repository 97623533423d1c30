import { accessSync, constants, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { Enrolment } from '@vigil/contract/api/enrolment'
import type { Problem } from '@vigil/contract'
import { checker } from '@vigil/contract/check'
import { AppError } from '@vigil/contract/errors'
import type { SettingSpec } from '@vigil/contract/settings'
import { commonSettings } from '@vigil/program/common-settings'
import { readSettings } from '@vigil/program/program-life'
import { systemClock } from '@vigil/program/system-clock'
import packageJson from '../../package.json' with { type: 'json' }
import { writeEnrolment } from '../platform/enrolment-file.ts'
import { hardwareName } from '../platform/hardware-name.ts'
import { openServer, type ServerIdentity } from '../platform/pinned-server.ts'
import { agentData, jsonOutput } from './agent-settings.ts'
import { failWith } from './fail.ts'

const enrolSettings = {
  url: { env: 'VIGIL_URL', kind: 'string', description: 'central station, as in the address bar of the app: https://ward.example:8080' },
  code: { env: 'VIGIL_CODE', kind: 'string', secret: true, description: 'one-time code from the app (Devices, Enrol a board); good for 10 minutes' },
  fingerprint: { env: 'VIGIL_FINGERPRINT', kind: 'string', description: 'SHA-256 of the server certificate as the app shows it; without it a certificate unknown to this system is shown and asked about' },
  data: agentData,
  json: jsonOutput,
  logLevel: commonSettings.logLevel,
} as const satisfies Record<string, SettingSpec>

const CLOCK_OFF_MS = 5 * 60_000
const checkEnrolment = checker(Enrolment)

/** `vigil-agent enrol`: turns a one-time code into a name, a secret and an address, kept on this board. */
export async function enrolCommand(argv: readonly string[]): Promise<void> {
  const { values } = readSettings('vigil-agent enrol', 'let this board in with a one-time code', enrolSettings, argv)
  try {
    const { url, code, fingerprint } = values
    if (url === undefined || code === undefined) throw new AppError('SETTINGS_INVALID', 'Give the server and the code: vigil-agent enrol --url https://ward.example:8080 --code K7QX3-M9TBD. The code is made in the app, under Devices.')
    const folder = join(values.data, 'agent')
    assertWritable(folder)
    const server = await openServer(url)
    try {
      await assertTrusted(server.identity(), fingerprint)
      const enrolment = read(await server.post('/api/v1/enrolment', { code, hardware: hardwareName(), firmware: packageJson.version }))
      const { id: device, site, secret, mqtt, ca } = enrolment
      writeEnrolment(folder, { device, site, mqtt, server: url }, { secret, ca })
      process.stdout.write(values.json ? `${JSON.stringify({ device, site, mqtt })}\n` : asText(enrolment, folder))
    } finally {
      server.close()
    }
  } catch (error) {
    failWith('vigil-agent enrol', error)
  }
}

/** The code works once: a board that cannot keep the answer does not ask. */
function assertWritable(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    accessSync(folder, constants.W_OK)
  } catch (cause) {
    throw new AppError('SETTINGS_INVALID', `${folder} cannot be written: ${(cause as Error).message}. Run this as the agent's user (sudo -u vigil vigil-agent enrol …), or choose another folder with --data.`, { cause })
  }
}

/** @throws AppError `SERVER_NOT_TRUSTED` */
async function assertTrusted(identity: ServerIdentity | undefined, expected: string | undefined): Promise<void> {
  if (!identity) return
  const { fingerprint, distrust } = identity
  if (expected !== undefined) {
    if (normalised(expected) === normalised(fingerprint)) return
    throw new AppError('SERVER_NOT_TRUSTED', `This is not the server you mean: its certificate is ${fingerprint}, not ${expected}. Nothing was sent. Somebody may stand in between; ask your operator.`)
  }
  if (distrust === undefined) return
  const seen = `The certificate of the server is not known to this system (${distrust}). Its fingerprint (SHA-256) is\n  ${fingerprint}\n`
  if (process.stdin.isTTY) {
    const prompt = createInterface({ input: process.stdin, output: process.stderr })
    const answer = await prompt.question(`${seen}Does the app show the same beside the code? Type yes to go on: `)
    prompt.close()
    if (/^y(es)?$/i.test(answer.trim())) return
  }
  throw new AppError('SERVER_NOT_TRUSTED', `${seen}Compare it with the one the app shows beside the code. If they are the same, add --fingerprint ${fingerprint}. Nothing was sent.`)
}

const normalised = (fingerprint: string): string => fingerprint.replace(/^sha-?256[:=/]/i, '').replaceAll(/[^0-9a-f]/gi, '').toUpperCase()

function read({ status, body }: { status: number; body: unknown }): Enrolment {
  if (status !== 201) {
    const problem = body as Partial<Problem>
    throw new AppError(problem.code === 'ENROLMENT_REFUSED' ? 'ENROLMENT_REFUSED' : 'SERVER_AWAY', problem.detail ?? `The server answered ${status}.`)
  }
  const checked = checkEnrolment(body)
  if (checked.ok) return checked.value
  throw new AppError('SERVER_AWAY', `The server's answer cannot be read: ${checked.reason}. Are server and agent of the same release?`)
}

function asText({ id, site, mqtt, serverTimeMs }: Enrolment, folder: string): string {
  const off = systemClock.now() - serverTimeMs
  return [
    `This board is ${id} at site ${site}. Its secret is in ${folder}, readable by this user alone.`,
    `It will connect to ${mqtt.join(', then ')}.`,
    ...(Math.abs(off) > CLOCK_OFF_MS ? [`Its clock is ${Math.round(Math.abs(off) / 60_000)} min ${off > 0 ? 'ahead of' : 'behind'} the server's; the agent will use the server's time.`] : []),
    'Next: vigil-agent doctor looks whether everything works; vigil-agent run, or systemctl restart vigil-agent, starts it.',
    '',
  ].join('\n')
}
