import type { WaveChannel } from '@vigil/contract/topics'
import type { BlockReading, Channel, Reading } from '../sensors/reading.ts'
import { createAmbientPressure } from '../signals/breathing/ambient-pressure.ts'
import { createEvenGrid } from '../signals/maths/even-grid.ts'
import { PASCAL_PER_CMH2O } from '../signals/breathing/mask-stream.ts'
import { waveFramer } from './wave-frames.ts'

/** What is drawn: the pleth with systole upwards, and the pressure in the mask over that of the room. */
export interface Waves {
  push(reading: Reading): void
  /** The curves that are always sent. */
  setAlways(channels: readonly string[]): void
  /** Sends a curve for so long, also when it is not always sent. False when nothing of it was heard yet. */
  stream(channel: string, seconds: number): boolean
}

export interface WavesOptions {
  readonly wallTimeAt: (monotonicMs: number) => number | undefined
  readonly send: (channel: WaveChannel, frame: Uint8Array) => void
  /** Milliseconds of the clock that times the readings. */
  readonly nowMs: () => number
}

export const waveChannelsOf: Readonly<Partial<Record<WaveChannel, readonly Channel[]>>> = { pleth_ir: ['ir'], paw: ['mask_pressure', 'mask_gauge'] }

const HZ = 25
/** Largest count of the oximeter's 18-bit converter: less light is more blood, so the wave is what is missing to it. */
const FULL_SCALE = 0x3ffff
/** Without the room's pressure for this long the wave would be the weather. */
const AMBIENT_VALID_MS = 5_000
/** Two barometers are drawn only when no gauge sensor has been heard for this long. */
const GAUGE_SILENT_MS = 2_000

export function createWaves({ wallTimeAt, send: sendAll, nowMs }: WavesOptions): Waves {
  let always: ReadonlySet<string> = new Set(Object.keys(waveChannelsOf))
  const untilMs = new Map<string, number>()
  const heard = new Set<string>()
  const send: WavesOptions['send'] = (channel, frame) => {
    heard.add(channel)
    if (always.has(channel) || (untilMs.get(channel) ?? 0) > nowMs()) sendAll(channel, frame)
  }
  const pleth = waveFramer({ channel: 'pleth_ir', hz: HZ, step: 1, wallTimeAt, send })
  const paw = waveFramer({ channel: 'paw', hz: HZ, step: 0.001, wallTimeAt, send })
  // A barometer is read when the board comes round to it; the trace shows the patient's rhythm, not the board's.
  const evenPaw = createEvenGrid({ hz: HZ, sample: (value, atMs) => paw.push(atMs, value) })
  let gaugeAtMs = Number.NEGATIVE_INFINITY
  const ambient = createAmbientPressure()
  let ambientAtMs = Number.NEGATIVE_INFINITY

  const each = ({ values, t0Ms, hz }: BlockReading, to: { push(atMs: number, value: number): void }, convert: (value: number) => number): void => {
    for (let i = 0; i < values.length; i += 1) to.push(t0Ms + (i * 1_000) / hz, convert(values[i] as number))
  }

  return {
    setAlways(wanted) {
      always = new Set(wanted)
    },
    stream(channel, seconds) {
      untilMs.set(channel, nowMs() + seconds * 1_000)
      return heard.has(channel)
    },
    push(reading) {
      if (reading.kind !== 'block') return
      if (reading.channel === 'ir') each(reading, pleth, (count) => FULL_SCALE - count)
      else if (reading.channel === 'mask_gauge') {
        gaugeAtMs = reading.t0Ms
        each(reading, evenPaw, (value) => value / PASCAL_PER_CMH2O)
      } else if (reading.channel === 'ambient_pressure') {
        ambient.push(reading)
        ambientAtMs = reading.t0Ms
      } else if (reading.channel === 'mask_pressure' && reading.t0Ms - ambientAtMs < AMBIENT_VALID_MS && reading.t0Ms - gaugeAtMs > GAUGE_SILENT_MS) {
        const { pascal: pa } = ambient
        if (pa === undefined) return
        each(reading, evenPaw, (value) => (value - pa) / PASCAL_PER_CMH2O)
      }
    },
  }
}
