import { encodeWaveFrame, WAVE_GAP } from '@vigil/contract/messages/waveform'
import type { WaveChannel } from '@vigil/contract/topics'

export interface WaveFramerOptions {
  readonly channel: WaveChannel
  readonly hz: number
  /** Smallest step worth telling, in the unit of the channel; a frame with a wide range uses a coarser one. */
  readonly step: number
  /** Wall-clock ms of a moment of the monotonic clock; `undefined` while the board does not know the time. */
  readonly wallTimeAt: (monotonicMs: number) => number | undefined
  readonly send: (channel: WaveChannel, frame: Uint8Array) => void
}

/** Cuts a stream of samples into frames of a second. */
export interface WaveFramer {
  push(atMs: number, value: number): void
}

const LARGEST = 0x7fff
/** A difference like this is rounding, not a clock that was set. */
const SAME_MS = 20

export function waveFramer({ channel, hz, step, wallTimeAt, send }: WaveFramerOptions): WaveFramer {
  let seq = 0
  let startMs: number | undefined
  let values: (number | undefined)[] = []
  /** Last sample of the frame before, when this one follows it, and the wall-clock time at which that one ended. */
  let before: number | undefined
  let endedAtMs: number | undefined

  /** @param after the sample that begins the next frame, when that one follows. */
  function flush(after: number | undefined): void {
    const t0Ms = steady(startMs === undefined ? undefined : wallTimeAt(startMs))
    bridgeSingle(values, hz, before, after)
    const known = values.filter((value) => value !== undefined)
    if (t0Ms !== undefined && known.length > 0) {
      seq += 1
      send(channel, encode(seq, t0Ms, known))
    }
    before = after === undefined ? undefined : values[hz - 1]
    endedAtMs = after === undefined || t0Ms === undefined ? undefined : t0Ms + 1_000
    values = []
  }

  /** Wall clocks tell whole milliseconds: frames that follow each other are joined exactly all the same. */
  function steady(t0Ms: number | undefined): number | undefined {
    return t0Ms !== undefined && endedAtMs !== undefined && Math.abs(t0Ms - endedAtMs) < SAME_MS ? endedAtMs : t0Ms
  }

  function encode(number: number, t0Ms: number, known: readonly number[]): Uint8Array {
    const least = Math.min(...known)
    const most = Math.max(...known)
    const offset = (least + most) / 2
    const scale = Math.max(step, (most - least) / (2 * LARGEST))
    const samples = Int16Array.from({ length: hz }, (_, i) => coded(values[i], offset, scale))
    return encodeWaveFrame({ seq: number, t0Us: Math.round(t0Ms * 1_000), hz, scale, offset, samples })
  }

  return {
    push(atMs, value) {
      startMs ??= atMs
      let place = Math.round(((atMs - startMs) * hz) / 1_000)
      if (place >= hz) {
        // After a pause the frames begin anew; otherwise they follow each other without overlap.
        const follows = place < 2 * hz
        flush(follows ? value : undefined)
        startMs = follows ? startMs + 1_000 : atMs
        place = Math.round(((atMs - startMs) * hz) / 1_000)
      }
      if (place >= 0) values[place] = value
    },
  }
}

const coded = (value: number | undefined, offset: number, scale: number): number => (value === undefined ? WAVE_GAP : Math.round((value - offset) / scale))

/** A reading a few milliseconds early or late leaves one place empty beside one used twice: that is no gap in the patient. */
function bridgeSingle(values: (number | undefined)[], length: number, before: number | undefined, after: number | undefined): void {
  for (let i = 0; i < length; i++) {
    const left = i === 0 ? before : values[i - 1]
    const right = i === length - 1 ? after : values[i + 1]
    if (values[i] === undefined && left !== undefined && right !== undefined) values[i] = (left + right) / 2
  }
}
