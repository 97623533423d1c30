import Type, { type Static } from 'typebox'
import { signalByName } from '../catalogue.ts'
import { checker } from '../check.ts'
import { Epoch, EPOCH, RangeSchema, Remark, Sequence, SEQUENCE_BOUNDS, TIME_BOUNDS, TimeMs, UptimeMs, byWireName } from './parts.ts'

/** Largest telemetry or backlog payload in bytes. */
export const MAX_TELEMETRY_BYTES = 64 * 1024
/** Most objects in one array: what fits 64 KiB at the smallest sensible object. */
export const MAX_TELEMETRY_OBJECTS = 2_000

const dating = { e: Epoch, s: Sequence, t: Type.Optional(TimeMs), up: Type.Optional(UptimeMs) }

/** How a summary came about. Its `m` are means; the samples themselves were given up, and a gap notice tells their numbers. */
const Summary = Type.Object(
  {
    ms: Type.Integer({ minimum: 1_000, maximum: 3_600_000, description: 'Length of the time that is summed up, ms; `t` is that of its last sample' }),
    n: Type.Integer({ minimum: 1, description: 'Samples summed up' }),
    lo: byWireName(Type.Number(), { description: 'Least of each value' }),
    hi: byWireName(Type.Number(), { description: 'Greatest of each value' }),
  },
  { additionalProperties: false, description: 'What a summary stands for' },
)

/** One telemetry object: values `m`, questionable `q`, absent `x`, quality `sq`, under `(e, s)`. */
export const TelemetrySample = Type.Object(
  {
    ...dating,
    m: byWireName(Type.Number(), { description: 'Values by short wire name, in catalogue units' }),
    q: Type.Optional(byWireName(Remark)),
    x: Type.Optional(byWireName(Remark)),
    sq: Type.Optional(byWireName(Type.Number({ minimum: 0, maximum: 100 }))),
    over: Type.Optional(Summary),
  },
  { additionalProperties: false, description: 'One telemetry object' },
)
export type TelemetrySample = Static<typeof TelemetrySample>

/** Numbers a device had to drop, said aloud: the ledger counts them missing and the receipt moves past them. */
export const GapNotice = Type.Object(
  {
    ...dating,
    gap: RangeSchema,
    why: Type.Enum(['overflow', 'corrupt', 'reset'], { description: 'Why the numbers are gone' }),
  },
  { additionalProperties: false, description: 'A gap in the sequence' },
)
export type GapNotice = Static<typeof GapNotice>

export type TelemetryObject = TelemetrySample | GapNotice

export function isGapNotice(object: TelemetryObject): object is GapNotice {
  return 'gap' in object
}

const checkSample = checker(TelemetrySample)
const checkGap = checker(GapNotice)

export type TelemetryReading =
  | { readonly ok: true; readonly object: TelemetryObject }
  /** `key` is set when the object at least tells its number, so it can be receipted and not block the queue. */
  | { readonly ok: false; readonly reason: string; readonly key: { e: string; s: number } | undefined }

/**
 * Whether this is, seen at a glance, a sample with nothing but a time and values of the catalogue, as nearly every one is. It asks no more than the schema
 * does, and says nothing of what it does not know: that goes through the schema, whose patterns took a quarter of the time a message is read in.
 */
function isPlainSample(value: unknown): value is TelemetrySample {
  if (typeof value !== 'object' || value === null) return false
  for (const name in value) if (name !== 'e' && name !== 's' && name !== 't' && name !== 'm') return false
  const { e, s, t, m } = value as Readonly<Record<string, unknown>>
  return typeof e === 'string' && EPOCH.test(e) && isWithin(s, SEQUENCE_BOUNDS) && isWithin(t, TIME_BOUNDS) && hasKnownValues(m)
}

/** Names of the catalogue fit the pattern of names. */
function hasKnownValues(m: unknown): boolean {
  if (typeof m !== 'object' || m === null || Array.isArray(m)) return false
  for (const name in m) if (!signalByName(name) || !Number.isFinite((m as Readonly<Record<string, unknown>>)[name])) return false
  return true
}

function isWithin(value: unknown, { minimum, maximum }: { readonly minimum: number; readonly maximum: number }): boolean {
  return Number.isInteger(value) && (value as number) >= minimum && (value as number) <= maximum
}

/** Reads one object of a parsed payload. */
export function readTelemetryObject(value: unknown): TelemetryReading {
  const isGap = typeof value === 'object' && value !== null && 'gap' in value
  if (isPlainSample(value)) return { ok: true, object: value }
  const checked = isGap ? checkGap(value) : checkSample(value)
  if (!checked.ok) return { ok: false, reason: checked.reason, key: keyOf(value) }
  const object = checked.value
  if (object.t === undefined && object.up === undefined) {
    return { ok: false, reason: 'neither t nor up: the object has no time', key: keyOf(value) }
  }
  if (isGapNotice(object) && (object.gap[0] > object.gap[1] || object.gap[1] >= object.s)) {
    return { ok: false, reason: 'gap must run forwards and end before s', key: keyOf(value) }
  }
  return { ok: true, object }
}

const checkKey = checker(Type.Object({ e: Epoch, s: Sequence }))

function keyOf(value: unknown): { e: string; s: number } | undefined {
  const checked = checkKey(value)
  return checked.ok ? { e: checked.value.e, s: checked.value.s } : undefined
}
