import type { AlarmConfirmation } from '@vigil/contract/messages/alarm'
import type { Command } from '@vigil/contract/messages/command'
import type { DesiredConfig } from '@vigil/contract/messages/config'
import type { Receipt } from '@vigil/contract/messages/receipt'
import type { TimeBeacon } from '@vigil/contract/messages/time'

/**
 * Reads what a server sends a device. The same rules as the contract's schemas, written by hand, because a small board cannot carry a schema
 * compiler; a test holds the two together with messages of every kind of brokenness.
 */
export type Readable<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: string }

interface Field {
  readonly is: (value: unknown) => boolean
  readonly what: string
  readonly optional?: true
}

const LARGEST_TIME = 8_640_000_000_000_000
const MOST_RANGES = 256
const MOST_ALARMS = 32

const integer = (least: number, most: number): Field => ({ is: (v) => Number.isInteger(v) && (v as number) >= least && (v as number) <= most, what: `must be an integer from ${least} to ${most}` })
const text = (pattern: RegExp): Field => ({ is: (v) => typeof v === 'string' && pattern.test(v), what: `must match ${pattern.source}` })
const oneOf = (words: readonly string[]): Field => ({ is: (v) => typeof v === 'string' && words.includes(v), what: `must be one of ${words.join(', ')}` })
const record = (isName: (name: string) => boolean): Field => ({ is: (v) => isPlain(v) && Object.keys(v).every(isName), what: 'must be an object of named values' })
const optional = (field: Field): Field => ({ ...field, optional: true })

const sequence = integer(1, Number.MAX_SAFE_INTEGER)
const time = integer(-LARGEST_TIME, LARGEST_TIME)
const epoch = text(/^[A-Za-z0-9_-]{1,32}$/)
const ranges: Field = {
  is: (v) => Array.isArray(v) && v.length <= MOST_RANGES && v.every((range) => Array.isArray(range) && range.length === 2 && range.every(sequence.is)),
  what: 'must be ranges of sequence numbers',
}

const receipt = { e: epoch, upto: integer(0, Number.MAX_SAFE_INTEGER), have: optional(ranges), rewind: optional(sequence) }
const beacon = { t: time }
const desired = { version: integer(1, Number.MAX_VALUE), set: record((name) => /^[a-z][a-z0-9_]{0,63}$/.test(name)) }
const command = {
  id: text(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/),
  do: text(/^[a-z][a-z_]{0,31}$/),
  args: record(() => true),
  exp: time,
}

const openAlarm = {
  c: text(/^[a-z0-9_]{1,24}(:[a-z][A-Za-z0-9]{0,15})?$/),
  p: oneOf(['low', 'medium', 'high']),
  st: oneOf(['active', 'acknowledged', 'latched']),
  since: time,
}
const openAlarms: Field = { is: (v) => Array.isArray(v) && v.length <= MOST_ALARMS && v.every((alarm) => reader(openAlarm)(alarm).ok), what: 'must be alarms' }
const confirmation = { t: time, for: integer(1_000, 60_000), armed: integer(0, 10_000), a: openAlarms }

export const readAlarmConfirmation = reader<AlarmConfirmation>(confirmation)
export const readReceipt = reader<Receipt>(receipt)
export const readTimeBeacon = reader<TimeBeacon>(beacon)
export const readDesiredConfig = reader<DesiredConfig>(desired)
export const readCommand = reader<Command>(command)

function reader<T>(fields: Readonly<Record<string, Field>>): (value: unknown) => Readable<T> {
  return (value) => {
    if (!isPlain(value)) return { ok: false, reason: 'message must be object' }
    for (const [name, { is, what, optional: mayLack }] of Object.entries(fields)) {
      if (value[name] === undefined && mayLack) continue
      if (!is(value[name])) return { ok: false, reason: `/${name} ${what}` }
    }
    const unknown = Object.keys(value).find((name) => !(name in fields))
    return unknown === undefined ? { ok: true, value: value as T } : { ok: false, reason: `/${unknown} is not known` }
  }
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
