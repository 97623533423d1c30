import type { WaveChannel } from '../topics.ts'

/**
 * Waveform frame, little endian:
 * `u8 'W', u8 1, u16 n, u32 seq, u64 t0_us, f32 hz, f32 scale, f32 offset, i16[n]`; value = scale * x + offset.
 * Drawn by sample time, never by arrival.
 */
export interface WaveFrame {
  /** Counts frames of one channel, wraps at 2^32. */
  readonly seq: number
  /** Time of the first sample, microseconds since the Unix epoch. */
  readonly t0Us: number
  readonly hz: number
  readonly scale: number
  readonly offset: number
  /** Raw samples; `WAVE_GAP` is a gap. */
  readonly samples: Int16Array
}

/** A sample that could not be had. */
export const WAVE_GAP = -0x8000
const HEADER_BYTES = 28
const MAGIC = 0x57
/** Most samples in a frame: keeps a frame under 16 KiB. */
export const MAX_WAVE_SAMPLES = 8_000

export function encodeWaveFrame(frame: WaveFrame): Uint8Array {
  const n = frame.samples.length
  const bytes = new Uint8Array(HEADER_BYTES + 2 * n)
  const view = new DataView(bytes.buffer)
  view.setUint8(0, MAGIC)
  view.setUint8(1, 1)
  view.setUint16(2, n, true)
  view.setUint32(4, frame.seq >>> 0, true)
  view.setBigUint64(8, BigInt(Math.round(frame.t0Us)), true)
  view.setFloat32(16, frame.hz, true)
  view.setFloat32(20, frame.scale, true)
  view.setFloat32(24, frame.offset, true)
  for (let i = 0; i < n; i++) view.setInt16(HEADER_BYTES + 2 * i, frame.samples[i] as number, true)
  return bytes
}

/** Reads a frame; `undefined` for anything that is not exactly one. */
export function decodeWaveFrame(bytes: Uint8Array): WaveFrame | undefined {
  if (bytes.length < HEADER_BYTES) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const n = view.getUint16(2, true)
  if (view.getUint8(0) !== MAGIC || view.getUint8(1) !== 1 || n > MAX_WAVE_SAMPLES || bytes.length !== HEADER_BYTES + 2 * n) return undefined
  const frame = { hz: view.getFloat32(16, true), scale: view.getFloat32(20, true), offset: view.getFloat32(24, true) }
  if (!(frame.hz > 0 && frame.hz <= 10_000) || !Number.isFinite(frame.scale) || !Number.isFinite(frame.offset)) return undefined
  const samples = new Int16Array(n)
  for (let i = 0; i < n; i++) samples[i] = view.getInt16(HEADER_BYTES + 2 * i, true)
  return { seq: view.getUint32(4, true), t0Us: Number(view.getBigUint64(8, true)), ...frame, samples }
}

/** Physical values of a frame; a gap is NaN, which a canvas path breaks at. */
export function waveValues({ samples, scale, offset }: WaveFrame): Float32Array {
  return Float32Array.from(samples, (x) => (x === WAVE_GAP ? Number.NaN : scale * x + offset))
}

/** Channels by the number they are stored under: new ones go to the end. */
export const storedWaveChannels = ['pleth_ir', 'pleth_red', 'paw', 'co2'] as const satisfies readonly WaveChannel[]
/** UCUM; a plethysmogram has no unit of its own. */
export const waveUnits: Readonly<Record<WaveChannel, string>> = { pleth_ir: '1', pleth_red: '1', paw: 'cm[H2O]', co2: 'mm[Hg]' }
/** Frames that begin within the same so many milliseconds are stored together. */
export const WAVE_BLOCK_MS = 10_000
/** A longer frame is not kept: a reader would not know how far back to look for its begin. */
export const LONGEST_WAVE_FRAME_MS = 10_000

/** The frames of a stored block, in the order they came. */
export function* framesOf(block: Uint8Array): Generator<WaveFrame> {
  const view = new DataView(block.buffer, block.byteOffset, block.byteLength)
  for (let at = 0; at + HEADER_BYTES <= block.length; ) {
    const end = at + HEADER_BYTES + 2 * view.getUint16(at + 2, true)
    const frame = decodeWaveFrame(block.subarray(at, end))
    if (!frame) return
    yield frame
    at = end
  }
}
