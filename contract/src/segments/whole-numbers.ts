import type { ByteSink, ByteSource } from './bytes.ts'

/** Numbers in one block: a block takes the width of its widest number. */
const BLOCK = 128
/** How a block is written: the numbers above their least, their steps above the least step, or as they are. */
const Mode = { above: 0, steps: 1, plain: 2 } as const
const MODE_SHIFT = 6
const WIDTH_MASK = 63
const WIDEST_BITS = 32
/** Beyond this a step of two such numbers might not be exact. */
const LARGEST = 2 ** 51
/** Widths that fit the fast way: up to seven bits left over, and the number, in 32 bits. */
const FAST_BITS = 24

/** Whether `packWholes` keeps the number in fewer bits than a double; others are kept all the same, as they are. */
function isSmallWhole(value: number): boolean {
  return Number.isInteger(value) && Math.abs(value) <= LARGEST && !Object.is(value, -0)
}

/** Numbers whole in general, each block of 128 in as few bits as its values or their steps need. Any number is kept exactly. */
export function packWholes(values: Float64Array, out: ByteSink): void {
  for (let from = 0; from < values.length; from += BLOCK) packBlock(values.subarray(from, from + BLOCK), out)
}

/** The inverse: fills `into`. */
export function unpackWholes(source: ByteSource, into: Float64Array): void {
  for (let from = 0; from < into.length; from += BLOCK) unpackBlock(source, into.subarray(from, from + BLOCK))
}

function packBlock(block: Float64Array, out: ByteSink): void {
  if (!block.every(isSmallWhole)) return packPlain(block, out)
  const steps = block.slice(1).map((value, i) => value - (block[i] as number))
  const [above, stepping] = [spreadOf(block), spreadOf(steps)]
  if (Math.min(above.bits, stepping.bits) > WIDEST_BITS) return packPlain(block, out)
  if (stepping.bits < above.bits) {
    out.u8((Mode.steps << MODE_SHIFT) | stepping.bits)
    out.varint(zigzag(block[0] as number))
    packAbove(steps, stepping, out)
  } else {
    out.u8((Mode.above << MODE_SHIFT) | above.bits)
    packAbove(block, above, out)
  }
}

function unpackBlock(source: ByteSource, into: Float64Array): void {
  const head = source.u8()
  const [mode, bits] = [head >> MODE_SHIFT, head & WIDTH_MASK]
  if (mode === Mode.plain) {
    for (let i = 0; i < into.length; i++) into[i] = source.f64()
  } else if (mode === Mode.above) unpackAbove(source, bits, into)
  else {
    let value = unzigzag(source.varint())
    const steps = into.subarray(1)
    unpackAbove(source, bits, steps)
    into[0] = value
    for (let i = 1; i < into.length; i++) into[i] = value += into[i] as number
  }
}

function packPlain(block: Float64Array, out: ByteSink): void {
  out.u8(Mode.plain << MODE_SHIFT)
  for (const value of block) out.f64(value)
}

interface Spread {
  readonly least: number
  /** Bits the greatest number above the least one needs. */
  readonly bits: number
}

function spreadOf(values: Float64Array): Spread {
  let [least, most] = [Infinity, -Infinity]
  for (const value of values) {
    if (value < least) least = value
    if (value > most) most = value
  }
  if (values.length === 0) return { least: 0, bits: 0 }
  const range = most - least
  return { least, bits: range > 0xffff_ffff ? WIDEST_BITS + 1 : 32 - Math.clz32(range) }
}

function packAbove(values: Float64Array, { least, bits }: Spread, out: ByteSink): void {
  out.varint(zigzag(least))
  if (bits === 0) return
  let [kept, waiting] = [0, 0]
  for (const value of values) {
    kept += (value - least) * 2 ** waiting
    waiting += bits
    while (waiting >= 8) {
      out.u8(kept % 256)
      kept = Math.floor(kept / 256)
      waiting -= 8
    }
  }
  if (waiting > 0) out.u8(kept)
}

function unpackAbove(source: ByteSource, bits: number, into: Float64Array): void {
  const least = unzigzag(source.varint())
  if (bits === 0) return void into.fill(least)
  const bytes = source.bytes(Math.ceil((into.length * bits) / 8))
  if (bits > FAST_BITS) return unpackWide(bytes, bits, least, into)
  const mask = 2 ** bits - 1
  let [kept, waiting, at] = [0, 0, 0]
  for (let i = 0; i < into.length; i++) {
    while (waiting < bits) {
      kept |= (bytes[at++] as number) << waiting
      waiting += 8
    }
    into[i] = least + (kept & mask)
    kept >>>= bits
    waiting -= bits
  }
}

function unpackWide(bytes: Uint8Array, bits: number, least: number, into: Float64Array): void {
  const modulus = 2 ** bits
  let [kept, waiting, at] = [0, 0, 0]
  for (let i = 0; i < into.length; i++) {
    while (waiting < bits) {
      kept += (bytes[at++] as number) * 2 ** waiting
      waiting += 8
    }
    into[i] = least + (kept % modulus)
    kept = Math.floor(kept / modulus)
    waiting -= bits
  }
}

/** Signed numbers as unsigned ones, small ones small. */
function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value
}

function unzigzag(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2
}
