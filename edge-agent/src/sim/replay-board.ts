import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { AppError } from '@vigil/contract/errors'
import type { Clock } from '@vigil/contract/clock'
import { EmulatedBmp280 } from './chips/emulated-bmp280.ts'
import { EmulatedMax30102 } from './chips/emulated-max30102.ts'
import { DISPLAY_ADDRESS, EmulatedSsd1306 } from './chips/emulated-ssd1306.ts'
import { EmulatedTmp117 } from './chips/emulated-tmp117.ts'
import { createEmulatedBus, type EmulatedBus } from './emulated-bus.ts'
import { readReplay, type Replay } from './replay-file.ts'
import { PASCAL_PER_CMH2O } from './simulated-patient.ts'
import { valueAt } from './waveform.ts'

/** The light that fills the converter: 4096 nA at 18 bits (MAX30102 data sheet, table 6), at the drivers' first current. */
const NA_PER_COUNT = 4_096 / 0x3ffff
const START_MA = 6.2
const ROOM_PA = 101_325
const ROOM_CEL = 23

/**
 * Sensors that answer over I2C as if the recording were happening now, again and again; drivers and signals run as on a patient.
 *
 * @throws AppError `NOT_FOUND`, `INVALID_REQUEST` for a file that is not a recording.
 */
export function replayedBus(path: string, clock: Clock): { readonly bus: EmulatedBus; readonly note: string; readonly sensors: undefined } {
  const replay = readReplay(readText(path))
  const { red, ir, cmh2o, temp } = replay.columns
  const startMs = clock.monotonic()
  const at = (values: Float32Array, atMs: number): number => valueAt({ hz: replay.hz, values }, (atMs - startMs) / 1_000)
  const bus = createEmulatedBus()
  if (ir) bus.attach(0x57, new EmulatedMax30102({ clock, light: (led, atMs) => (at(led === 'red' ? (red ?? ir) : ir, atMs) * NA_PER_COUNT) / START_MA }))
  if (temp) bus.attach(0x48, new EmulatedTmp117({ clock, temperatureCel: (atMs) => at(temp, atMs) }))
  if (cmh2o) {
    const barometer = (pressurePa: (atMs: number) => number, seed: number): EmulatedBmp280 => new EmulatedBmp280({ clock, pressurePa, temperatureCel: () => ROOM_CEL, seed })
    bus.attach(0x76, barometer((atMs) => ROOM_PA + at(cmh2o, atMs) * PASCAL_PER_CMH2O, 1))
    bus.attach(0x77, barometer(() => ROOM_PA, 2))
  }
  bus.attach(DISPLAY_ADDRESS, new EmulatedSsd1306({ clock }))
  return { bus, note: describe(path, replay), sensors: undefined }
}

function describe(path: string, { hz, seconds, columns }: Replay): string {
  return `Replay of ${path.split('/').at(-1)}: ${Object.keys(columns).join(', ')} at ${hz} Hz, ${Math.round(seconds)} s, over and over`
}

function readText(path: string): string {
  try {
    const bytes = readFileSync(path)
    return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')
  } catch (cause) {
    throw new AppError('NOT_FOUND', `The recording ${path} cannot be read: ${(cause as Error).message}`, { cause })
  }
}
