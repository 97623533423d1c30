import { readFileSync } from 'node:fs'
import { AppError } from '@vigil/contract/errors'
import type { SettingSpec } from '@vigil/contract/settings'
import { isName } from '@vigil/contract/topics'
import { commonSettings } from '@vigil/program/common-settings'
import { caPath, readCa, readEnrolment, secretPath } from '../platform/enrolment-file.ts'

const device = { env: 'VIGIL_DEVICE', kind: 'string', description: 'name of this device, as registered; as enrolled when absent' } as const satisfies SettingSpec
export const agentData = { ...commonSettings.data, description: 'folder for the spool and what the agent remembers' } as const satisfies SettingSpec

export const jsonOutput = { env: 'VIGIL_JSON', kind: 'boolean', default: false, description: 'JSON instead of text' } as const satisfies SettingSpec

export const busSettings = {
  bus: { env: 'VIGIL_BUS', kind: 'string', default: '/dev/i2c-1', description: 'I2C bus with the sensors' },
  replay: { env: 'VIGIL_REPLAY', kind: 'string', description: 'a recording (CSV, see docs/agent.md) played on emulated sensors instead of the bus; everything is marked as test data' },
  emulate: { env: 'VIGIL_EMULATE', kind: 'string', description: 'emulated sensors fed by a recording instead of the bus, e.g. 100001-left; everything is marked as test data' },
  emulateSensors: { env: 'VIGIL_EMULATE_SENSORS', kind: 'string', default: 'usual', description: 'which sensors are emulated: usual, all (one of every kind at full rate), or models such as max30105,xgzp6897@0x6d' },
} as const satisfies Record<string, SettingSpec>

export const runSettings = {
  device,
  site: { env: 'VIGIL_SITE', kind: 'string', description: 'site the device belongs to; as enrolled, or main' },
  url: { env: 'VIGIL_URL', alsoEnv: 'VIGIL_MQTT_URL', kind: 'string', description: 'broker, mqtt://, mqtts:// or ws://, several with commas; as enrolled, or mqtt://127.0.0.1:1883' },
  ca: { env: 'VIGIL_CA', alsoEnv: 'VIGIL_MQTT_CA', kind: 'string', description: 'file with the CA certificate of the broker (PEM); as enrolled when absent' },
  secretFile: { env: 'VIGIL_AGENT_SECRET_FILE', kind: 'string', description: 'file with the device secret; or VIGIL_AGENT_SECRET in the environment' },
  ...busSettings,
  sensors: { env: 'VIGIL_SENSORS', kind: 'string', description: 'file with the sensors of this board, as "vigil-agent scan --write FILE" proposes it; without it the agent uses what it finds and can be sure of' },
  display: { env: 'VIGIL_DISPLAY', kind: 'string', description: 'display of the board: ssd1306, or ssd1306@0x3d; it cannot be found by asking, so it must be named' },
  buzzer: { env: 'VIGIL_BUZZER', kind: 'string', description: 'name under /sys/class/leds of the buzzer that sounds the board\'s own alarm, e.g. buzzer' },
  buttons: { env: 'VIGIL_BUTTONS', kind: 'string', description: 'input devices of the two buttons (Enter measures, Menu turns the page), e.g. /dev/input/event0,/dev/input/event1' },
  breathing: { env: 'VIGIL_BREATHING', kind: 'string', default: 'spontaneous', description: 'spontaneous: drawing breath lowers the mask pressure; ventilated: a machine pushes it up' },
  data: agentData,
  fsync: { env: 'VIGIL_FSYNC', kind: 'string', default: 'full', description: 'full: each object is on the disk before it is sent; normal: a power cut may cost the last seconds, the card wears less' },
  spoolMegabytes: { env: 'VIGIL_SPOOL_MB', kind: 'integer', default: 200, min: 1, max: 100_000, description: 'size the spool may reach; then the oldest objects make room' },
  logLevel: commonSettings.logLevel,
} as const satisfies Record<string, SettingSpec>

export const statusSettings = {
  device,
  data: agentData,
  json: jsonOutput,
} as const satisfies Record<string, SettingSpec>

export const scanSettings = {
  ...busSettings,
  write: { env: 'VIGIL_WRITE', kind: 'string', description: 'file to write the proposal to, for "vigil-agent run --sensors FILE"' },
  json: jsonOutput,
} as const satisfies Record<string, SettingSpec>

/** `--emulate` alone means the first recording. */
export function withDefaultRecording(argv: readonly string[], recording: string): string[] {
  return argv.flatMap((word, i) => (word === '--emulate' && (argv[i + 1] ?? '--').startsWith('--') ? [word, recording] : [word]))
}

/** @throws AppError `SETTINGS_INVALID`. */
export function deviceName(name: string | undefined): string {
  if (name !== undefined && isName(name)) return name
  throw new AppError('SETTINGS_INVALID', 'This board has no name yet: enrol it (vigil-agent enrol --url … --code …), or name it as it was registered: --device NAME, 1 to 64 letters, digits, _ or -')
}

/** The device named, or the one this board was enrolled as. @throws AppError `SETTINGS_INVALID`. */
export function enrolledDevice(name: string | undefined, folder: string): string {
  return deviceName(name ?? readEnrolment(folder)?.device)
}

export interface ConnectionSettings {
  readonly device: string
  readonly site: string
  readonly urls: readonly string[]
  readonly ca: string | undefined
}

/** Who this board is and where it connects: as told, otherwise as enrolled. @throws AppError `SETTINGS_INVALID`. */
export function connectionSettings(told: { device?: string | undefined; site?: string | undefined; url?: string | undefined; ca?: string | undefined }, folder: string): ConnectionSettings {
  const enrolled = readEnrolment(folder)
  const device = deviceName(told.device ?? enrolled?.device)
  const own = enrolled?.device === device ? enrolled : undefined
  const urls = brokerUrls(told.url) ?? own?.mqtt ?? ['mqtt://127.0.0.1:1883']
  return { device, site: told.site ?? own?.site ?? 'main', urls, ca: authority(told, own !== undefined, folder) }
}

function brokerUrls(told: string | undefined): string[] | undefined {
  const urls = told?.split(',').map((url) => url.trim())
  for (const url of urls ?? []) assertBrokerUrl(url)
  return urls
}

function assertBrokerUrl(url: string): void {
  if (!/^(mqtts?|wss?):\/\/[^\s/]+/.test(url)) throw new AppError('SETTINGS_INVALID', `VIGIL_URL must look like mqtt://host:1883 or mqtts://host:8883, not "${url}".`)
}

/** The authority of the enrolment belongs to the addresses of the enrolment. */
function authority(told: { url?: string | undefined; ca?: string | undefined }, enrolled: boolean, folder: string): string | undefined {
  if (told.ca !== undefined) return readCa(told.ca)
  return enrolled && told.url === undefined ? readCa(caPath(folder)) : undefined
}

/** @throws AppError `SETTINGS_INVALID`. */
export function fsyncPolicy(text: string): 'full' | 'normal' {
  if (text === 'full' || text === 'normal') return text
  throw new AppError('SETTINGS_INVALID', `VIGIL_FSYNC must be full or normal, not "${text}".`)
}

/** @throws AppError `SETTINGS_INVALID`. */
export function breathingKind(text: string): 'spontaneous' | 'ventilated' {
  if (text === 'spontaneous' || text === 'ventilated') return text
  throw new AppError('SETTINGS_INVALID', `VIGIL_BREATHING must be spontaneous or ventilated, not "${text}".`)
}

/**
 * The device's secret, never from the command line, where every user of the machine can read it.
 *
 * @throws AppError `SETTINGS_INVALID` when there is none.
 */
export function readSecret(options: { environment: string | undefined; file: string | undefined; folder: string; device: string }): string {
  if (options.environment) return options.environment
  const path = options.file ?? secretPath(options.folder, options.device)
  try {
    const secret = readFileSync(path, 'utf8').trim()
    if (secret !== '') return secret
  } catch (cause) {
    throw new AppError('SETTINGS_INVALID', `No secret for ${options.device}: put it into ${path} (readable by the agent alone) or into VIGIL_AGENT_SECRET. It was shown once when the device was registered; or enrol this board: vigil-agent enrol.`, { cause })
  }
  throw new AppError('SETTINGS_INVALID', `The secret file ${path} is empty.`)
}
