import { baseConfig } from '@vigil/contract/config-keys'
import { type ObjectSchema, type ValueSchema, whyNotValue } from './value-schema.ts'

/** Limits the board itself watches, so that it can call for help without any network. In the catalogue's units. */
export interface LocalLimit {
  readonly low?: number
  readonly high?: number
}

/** Languages the display speaks. Its font has the Latin capitals alone, so there is no Chinese. */
export const displayLanguages = ['en', 'es', 'pl'] as const
export type DisplayLanguage = (typeof displayLanguages)[number]

/**
 * When the board itself sounds: `unconfirmed`, what the centre has not said in time that somebody hears; `always`, everything at once.
 * There is no third: what sounds at the bedside is not silenced from afar.
 */
export const localAlarmWhen = ['unconfirmed', 'always'] as const
export type LocalAlarmWhen = (typeof localAlarmWhen)[number]

/** What the agent runs with. */
export interface AgentConfig {
  readonly interval_ms: number
  readonly value_interval_ms: number
  readonly average_s: number
  readonly led_red_ma: number
  readonly led_ir_ma: number
  readonly sensors_off: readonly string[]
  readonly limits: Readonly<Record<string, LocalLimit>>
  readonly local_alarm: LocalAlarmWhen
  readonly language: DisplayLanguage
  readonly waves: readonly string[]
}

export const waveNames = ['pleth_ir', 'paw'] as const

/** In the catalogue's units: /min, %, Cel. */
const limit = (minimum: number, maximum: number): ObjectSchema => {
  const end = (description: string): ValueSchema => ({ type: 'number', minimum, maximum, description })
  return { type: 'object', properties: { low: end('Alarm below'), high: end('Alarm above') }, additionalProperties: false }
}

/** Each key with the JSON Schema the birth message shows; the same schema checks what the server asks for. */
export const configKeys = {
  interval_ms: { ...baseConfig.interval_ms, default: 1_000 },
  value_interval_ms: { type: 'integer', minimum: 1_000, maximum: 60_000, default: 1_000, description: 'Time between readings of thermometers, ms' },
  average_s: { type: 'integer', minimum: 1, maximum: 16, default: 1, description: 'Averaged over, seconds' },
  led_red_ma: { type: 'number', minimum: 0, maximum: 50, default: 0, description: 'Red light, mA; 0: automatic' },
  led_ir_ma: { type: 'number', minimum: 0, maximum: 50, default: 0, description: 'Infrared light, mA; 0: automatic' },
  sensors_off: { type: 'array', items: { type: 'string', maxLength: 40, description: 'Like bmp280@0x77' }, maxItems: 16, default: [], description: 'Sensors not used' },
  limits: {
    type: 'object',
    properties: { pr: limit(20, 250), spo2: limit(50, 100), rr: limit(0, 80), temp: limit(25, 45) },
    additionalProperties: false,
    default: {},
    description: 'Local alarm limits',
  },
  local_alarm: { type: 'string', enum: localAlarmWhen, default: 'unconfirmed', description: 'The board sounds' },
  language: { type: 'string', enum: displayLanguages, default: 'en', description: 'Display language' },
  waves: { type: 'array', items: { type: 'string', enum: waveNames, description: 'A curve' }, maxItems: waveNames.length, default: waveNames, description: 'Curves always sent' },
} as const satisfies Readonly<Record<keyof AgentConfig, ValueSchema>>

export const defaultConfig: AgentConfig = Object.fromEntries(Object.entries(configKeys).map(([name, schema]) => [name, schema.default])) as unknown as AgentConfig

/** Why the device will not run with this value, as a sentence without its subject; `undefined` when it will. */
export function whyNotSetting(name: string, value: unknown): string | undefined {
  if (!Object.hasOwn(configKeys, name)) return 'this device has no such setting'
  return whyNotValue(configKeys[name as keyof AgentConfig], value) ?? (name === 'limits' ? whyNotLimits(value as AgentConfig['limits']) : undefined)
}

function whyNotLimits(limits: AgentConfig['limits']): string | undefined {
  const crossed = Object.entries(limits).find(([, { low, high }]) => low !== undefined && high !== undefined && low >= high)
  return crossed && `low of ${crossed[0]} must lie below high`
}
