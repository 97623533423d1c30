import { ByteSink, ByteSource } from './bytes.ts'
import { packPresence, unpackPresence } from './presence.ts'
import { packWholes, unpackWholes } from './whole-numbers.ts'

/** `real` values are singles; numbers of JSON are doubles. */
export type Precision = 'single' | 'double'

/** Most digits after the point that are looked for. */
const MOST_DIGITS = 5
/** Written instead of a count of digits: the values as they are. */
const PLAIN = 7
const SINGLE = 8
/** A scaled number beyond this is kept apart, so that one outlier does not widen its whole block. */
const LARGEST_SCALED = 2 ** 40

/**
 * One signal over the rows of a segment: scaled to whole numbers by the fewest digits after the point that suit the most
 * values, and packed; what does not come back exactly is kept apart as it is. Absent values are NaN. `undefined`: none is there.
 */
export function packValues(values: Float64Array, precision: Precision): Uint8Array | undefined {
  const present = values.filter((value) => !Number.isNaN(value))
  if (present.length === 0) return undefined
  const digits = bestDigits(present, precision)
  const out = new ByteSink()
  out.u8((digits ?? PLAIN) | (precision === 'single' ? SINGLE : 0))
  packPresence(values, present.length, out)
  if (digits === undefined) packPlain(present, precision, out)
  else packScaled(present, digits, precision, out)
  return out.take()
}

/**
 * The inverse: as many values as the segment has rows, NaN where there is none. `stored`: to the bit as they were; `shown`: singles as
 * the shortest decimal number that means them, 36.6 and not 36.599998474121094. They go into `into`, if that is given.
 */
export function unpackValues(bytes: Uint8Array, rows: number, as: 'stored' | 'shown' = 'stored', into: Float64Array = new Float64Array(rows)): Float64Array {
  const source = new ByteSource(bytes)
  const head = source.u8()
  const precision: Precision = head & SINGLE ? 'single' : 'double'
  const { count, rowsOf } = unpackPresence(source, rows)
  const present = rowsOf ? new Float64Array(count) : into
  const shorten = as === 'shown' && precision === 'single'
  if ((head & PLAIN) === PLAIN) unpackPlain(source, precision, shorten, present)
  else unpackScaled(source, { digits: head & PLAIN, rounded: precision === 'single' && !shorten, shorten }, present)
  if (!rowsOf) return into
  into.fill(Number.NaN)
  for (let i = 0; i < count; i++) into[rowsOf[i] as number] = present[i] as number
  return into
}

function packPlain(present: Float64Array, precision: Precision, out: ByteSink): void {
  for (const value of present) if (precision === 'single') out.f32(value)
  else out.f64(value)
}

function packScaled(present: Float64Array, digits: number, precision: Precision, out: ByteSink): void {
  const scale = 10 ** digits
  const apart: number[] = []
  let last = 0
  const wholes = present.map((value, i) => {
    if (comesBack(value, scale, precision)) return (last = Math.round(value * scale))
    apart.push(i)
    return last
  })
  packWholes(wholes, out)
  out.varint(apart.length)
  let before = 0
  for (const i of apart) {
    out.varint(i - before)
    out.f64(present[i] as number)
    before = i
  }
}

function unpackPlain(source: ByteSource, precision: Precision, shorten: boolean, into: Float64Array): void {
  for (let i = 0; i < into.length; i++) {
    const value = precision === 'single' ? source.f32() : source.f64()
    into[i] = shorten ? shortestOf(value) : value
  }
}

function unpackScaled(source: ByteSource, { digits, rounded, shorten }: { digits: number; rounded: boolean; shorten: boolean }, into: Float64Array): void {
  unpackWholes(source, into)
  const scale = 10 ** digits
  if (rounded) for (let i = 0; i < into.length; i++) into[i] = Math.fround((into[i] as number) / scale)
  else if (digits > 0) for (let i = 0; i < into.length; i++) into[i] = (into[i] as number) / scale
  let at = 0
  for (let left = source.varint(); left > 0; left--) {
    at += source.varint()
    const value = source.f64()
    into[at] = shorten ? shortestOf(value) : value
  }
}

const USUAL_SCALE = 10_000
const LEAST_SINGLE_DIGITS = 6
const MOST_SINGLE_DIGITS = 9
/** Powers of ten that are exact doubles: a whole number divided by one of them is the double nearest to the decimal number. */
const EXACT_POWERS = Float64Array.from({ length: 23 }, (_, power) => Number(`1e${power}`))

/** The shortest decimal number that means this single, as PostgreSQL writes a `real`. */
export function shortestOf(single: number): number {
  const usual = Math.round(single * USUAL_SCALE) / USUAL_SCALE
  if (Math.fround(usual) === single) return usual
  const size = Math.abs(single)
  const above = Math.floor(Math.log10(size))
  for (let digits = LEAST_SINGLE_DIGITS; digits < MOST_SINGLE_DIGITS; digits++) {
    const shorter = toDigits(size, digits, digits - 1 - above)
    if (Math.fround(shorter) === size) return single < 0 ? -shorter : shorter
  }
  return single
}

/** Arithmetic where it is exact: writing a number and reading it takes longer. */
function toDigits(size: number, digits: number, behindPoint: number): number {
  const scale = EXACT_POWERS[behindPoint]
  return scale === undefined ? Number(size.toPrecision(digits)) : Math.round(size * scale) / scale
}

function comesBack(value: number, scale: number, precision: Precision): boolean {
  const scaled = Math.round(value * scale)
  if (Math.abs(scaled) > LARGEST_SCALED) return false
  return Object.is(precision === 'single' ? Math.fround(scaled / scale) : scaled / scale, value)
}

/** The fewest digits that suit as many values as any; `undefined` when keeping the misfits apart costs more than it saves. */
function bestDigits(present: Float64Array, precision: Precision): number | undefined {
  let [best, suits] = [0, -1]
  for (let digits = 0; digits <= MOST_DIGITS && suits < present.length; digits++) {
    const scale = 10 ** digits
    let fits = 0
    for (const value of present) if (comesBack(value, scale, precision)) fits++
    if (fits > suits) [best, suits] = [digits, fits]
  }
  return suits * 4 < present.length * 3 ? undefined : best
}
