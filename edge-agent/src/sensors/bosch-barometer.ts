import type { I2c } from '../bus/i2c.ts'
import { type Bmp280Calibration, CALIBRATION_BYTES, fineTemperature, parseCalibration, pascals } from './bmp280-compensation.ts'
import { absences, type Sensor, type SensorContext, type SensorDefinition } from './define-sensor.ts'
import { createPolledStream } from './polled-stream.ts'
import type { AbsentReading, Reading } from './reading.ts'
import { readByte, readBytes, writeByte } from './registers.ts'
import { unsigned24BigEndian } from './words.ts'

// Names and values are those of the BMP280 and BME280 datasheets (Bosch BST-BMP280-DS001, BST-BME280-DS002).
export const Register = { CALIBRATION: 0x88, ID: 0xd0, CTRL_HUM: 0xf2, CTRL_MEAS: 0xf4, CONFIG: 0xf5 } as const
const SLEEP = 0x00
const FILTER_OFF = 0x00
// Temperature ×1, pressure ×4, one conversion for each reading (12 ms, 15 with humidity). The mode falls back to sleep when it
// has ended: so every result is known to be new, and when it was taken.
const DONE = (1 << 5) | (3 << 2)
const CONVERT = DONE | 1
const SKIPPED = 0x80000
/** From the order to the middle of the pressure part: 1 ms to start, 2 for the temperature, half of the 8 for the pressure. */
const TAKEN_AFTER_MS = 7
/** After this a conversion has ended for certain, at the longest times of the datasheet (section 3.8.1: 12.2 ms, with humidity 15.6). */
const ENDED_AFTER_MS = 20
const STALLED_AFTER_MS = 1_000
const HZ = 25
const ROOM_EVERY_MS = 1_000
/** What the chips measure; beyond, the converter is at its end. */
const RANGE_PA = [30_000, 110_000] as const

const MASK_ADDRESS = 0x76
const AMBIENT_ADDRESS = 0x77
export const isInRoom = (address: number): boolean => address === AMBIENT_ADDRESS

/** One burst of a chip: settings and results that belong together. */
export interface Burst {
  readonly bytes: Uint8Array
  /** The datasheet's `t_fine`, 1/5120 Cel. */
  readonly fine: number
}

/** What the kind of chip adds to a barometer. */
export interface BarometerKind {
  readonly burstBytes: number
  /** Done in sleep mode, before measuring starts. */
  prepare?(i2c: I2c): Promise<void>
  /** Values of the room beside its pressure, once a second. */
  room?(burst: Burst): Reading[]
  /** What those are, for when they cannot be had. */
  readonly roomReports: readonly AbsentReading['of'][]
}

export const barometerShape = {
  addresses: [MASK_ADDRESS, AMBIENT_ADDRESS],
  channels: [
    { channel: 'mask_pressure', hz: HZ },
    { channel: 'ambient_pressure', hz: HZ },
  ],
  feeds: ['paw', 'pip', 'peep', 'rr'],
  readEveryMs: 1_000 / HZ,
} as const satisfies Partial<SensorDefinition>

export const hasChipId = async (i2c: I2c, id: number): Promise<boolean> => (await readByte(i2c, Register.ID)) === id

/** Streams absolute pressure: of the mask at 0x76, of the room at 0x77. */
export async function openBarometer(i2c: I2c, { clock }: SensorContext, kind: BarometerKind): Promise<Sensor> {
  const inRoom = isInRoom(i2c.address)
  const calibration = parseCalibration(await readBytes(i2c, Register.CALIBRATION, CALIBRATION_BYTES))
  const stream = createPolledStream(inRoom ? 'ambient_pressure' : 'mask_pressure', HZ)
  const reports = inRoom ? ([stream.channel, 'pamb', ...kind.roomReports] as const) : [stream.channel]
  let orderedMs = 0
  let roomDueMs = 0
  let doneMs = clock.monotonic()
  const convert = (): Promise<void> => {
    orderedMs = clock.monotonic()
    return writeByte(i2c, Register.CTRL_MEAS, CONVERT)
  }
  const start = async (): Promise<void> => {
    await setUp(i2c, kind)
    await convert()
  }
  /** The next one is ordered in the same breath, one after the other on the bus: half the wakings. */
  const burst = async (ended: boolean): Promise<Uint8Array> => {
    const result = readBytes(i2c, Register.CTRL_MEAS, kind.burstBytes)
    if (!ended) return result
    return (await Promise.all([result, convert()]))[0]
  }
  await start()

  return {
    reports,
    async read(): Promise<Reading[]> {
      const nowMs = clock.monotonic()
      const takenMs = orderedMs + TAKEN_AFTER_MS
      const ended = nowMs - orderedMs >= ENDED_AFTER_MS
      const bytes = await burst(ended)
      if (bytes[0] === CONVERT && nowMs - doneMs < STALLED_AFTER_MS) return []
      if (bytes[0] !== DONE) {
        const stalled = bytes[0] === CONVERT
        stream.breakOff(stalled ? 'stalled' : 'brown-out')
        await start()
        doneMs = nowMs
        return absences({ reports }, stalled ? 'fault' : 'warmup')
      }
      doneMs = nowMs
      if (!ended) await convert()
      const result = pressureOf(bytes, calibration)
      if (typeof result === 'string') return absences({ reports }, result)
      const readings: Reading[] = [stream.block(result.pa, takenMs)]
      if (inRoom && nowMs >= roomDueMs) {
        roomDueMs = nowMs + ROOM_EVERY_MS
        readings.push({ kind: 'value', signal: 'pamb', value: result.pa / 100 }, ...(kind.room?.({ bytes, fine: result.fine }) ?? []))
      }
      return readings
    },
    close: () => writeByte(i2c, Register.CTRL_MEAS, SLEEP),
  }
}

/** Writes to CONFIG can be ignored outside sleep (section 4.3.5), hence the order. */
async function setUp(i2c: I2c, kind: BarometerKind): Promise<void> {
  await writeByte(i2c, Register.CTRL_MEAS, SLEEP)
  await writeByte(i2c, Register.CONFIG, FILTER_OFF)
  await kind.prepare?.(i2c)
}

/** The burst starts at the settings, which a brown-out would have cleared, so that they belong to the results. */
function pressureOf(bytes: Uint8Array, calibration: Bmp280Calibration): { readonly pa: number; readonly fine: number } | 'warmup' | 'fault' | 'saturated' {
  const rawPressure = unsigned24BigEndian(bytes, 3) >> 4
  const rawTemperature = unsigned24BigEndian(bytes, 6) >> 4
  if (rawPressure === SKIPPED || rawTemperature === SKIPPED) return 'warmup'
  const fine = fineTemperature(rawTemperature, calibration)
  const pa = pascals(rawPressure, fine, calibration)
  if (pa === undefined) return 'fault'
  return pa < RANGE_PA[0] || pa > RANGE_PA[1] ? 'saturated' : { pa, fine }
}
