import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { AppError, isAppError, isName, type SettingSpec } from '@vigil/contract'
import { commonSettings, readSettings, systemClock, wordsOf } from '@vigil/program'
import { checkDevice } from '../conformance/check-device.ts'
import { verdictTable } from '../conformance/table.ts'
import { stimulusNames, type StimulusName } from '../conformance/stimuli.ts'

const settings = {
  device: { env: 'VIGIL_DEVICE', kind: 'string', description: 'the device to watch' },
  site: { env: 'VIGIL_SITE', kind: 'string', default: 'main', description: 'its site' },
  seconds: { env: 'VIGIL_SECONDS', kind: 'integer', min: 5, max: 86_400, default: 60, description: 'how long to watch' },
  ask: { env: 'VIGIL_ASK', kind: 'string', default: '', description: `what to ask of it, to see what it does: ${stimulusNames.join(',')}, some of them with commas, or all; nothing unless told` },
  data: commonSettings.data,
  mqttUrl: commonSettings.mqttUrl,
  mqttUsername: commonSettings.mqttUsername,
  mqttPassword: commonSettings.mqttPassword,
  mqttCa: commonSettings.mqttCa,
} as const satisfies Record<string, SettingSpec>

const EXIT_BROKEN = 1
const EXIT_USAGE = 2

const { values } = readSettings('conformance', 'watches a device and says which clauses of the protocol it keeps, breaks or has not shown', settings, process.argv.slice(2))
const tell = (line: string): void => void process.stderr.write(`${line}\n`)
try {
  process.exitCode = await conformance()
} catch (error) {
  tell(`conformance: ${wordsOf(error)}`)
  process.exitCode = isAppError(error) && error.code === 'SETTINGS_INVALID' ? EXIT_USAGE : EXIT_BROKEN
}

/** Answers the exit code: 0 when no clause was broken. */
async function conformance(): Promise<number> {
  const { device, site, seconds, data, mqttUrl: url, mqttUsername: username, mqttPassword: password, mqttCa } = values
  if (device === undefined || !isName(device) || !isName(site)) throw new AppError('SETTINGS_INVALID', 'Name the device: --device board-1. Names are 1 to 64 letters, digits, _ or -.')
  const account = (service: string) => (username === undefined ? { username: service, password: servicePassword(data, service) } : { username, password })
  const verdicts = await checkDevice({
    url,
    ...account('central'),
    receipts: account('bridge'),
    ca: mqttCa === undefined ? undefined : readFileSync(mqttCa, 'utf8'),
    address: { site, device },
    seconds,
    stimuli: chosen(values.ask),
    clock: systemClock,
    tell,
  })
  tell(verdictTable(verdicts))
  process.stdout.write(`${JSON.stringify({ device, site, verdicts })}\n`)
  return verdicts.some(({ state }) => state === 'broken') ? EXIT_BROKEN : 0
}

/** @throws AppError `SETTINGS_INVALID`. */
function chosen(ask: string): readonly StimulusName[] {
  if (ask === 'all') return stimulusNames
  const names = ask.split(',').map((name) => name.trim()).filter((name) => name !== '')
  const unknown = names.find((name) => !(stimulusNames as readonly string[]).includes(name))
  if (unknown !== undefined) throw new AppError('SETTINGS_INVALID', `--ask knows ${stimulusNames.join(', ')} and all, not ${unknown}.`)
  return stimulusNames.filter((name) => names.includes(name))
}

/** What our own broker knows its services by. */
function servicePassword(data: string, service: string): string | undefined {
  try {
    return (JSON.parse(readFileSync(join(data, 'secrets', 'services.json'), 'utf8')) as Record<string, string>)[service]
  } catch {
    return undefined
  }
}
