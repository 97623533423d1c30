import { type I2c } from '../bus/i2c.ts'
import { type Bmp280Calibration, CALIBRATION_BYTES, fineTemperature, parseCalibration, pascals } from './bmp280-compensation.ts'
import { absences, defineSensor, type Sensor } from './define-sensor.ts'
import { type BlockReading, type Gap, type GapCause, type Reading } from './reading.ts'
import { readByte, readBytes, writeByte } from './registers.ts'
import { unsigned24BigEndian } from './words.ts'

// Names and values are those of the BMP280 datasheet (Bosch BST-BMP280-DS001).
const Register = { CALIBRATION: 0x88, ID: 0xd0, CTRL_MEAS: 0xf4, CONFIG: 0xf5 } as const
const CHIP_ID = 0x58
const SLEEP = 0x00
const FASTEST_STANDBY_FILTER_OFF = 0x00
// Temperature ×1, pressure ×4, normal mode: a new result every 12 ms, quicker than it is read.
const STREAMING = (1 << 5) | (3 << 2) | 3
const SKIPPED = 0x80000
/** Read at a random moment, a result is on average half a cycle old (6 ms), and its pressure half taken 4.5 ms before that. */
const RESULT_AGE_MS = 10.5
const HZ = 25
const AMBIENT_EVERY_MS = 1_000
/** One reading missed by a busy board is bridged without harm: breathing is far slower. */
const MISSED_IS_GAP = 2

const MASK_ADDRESS = 0x76
const AMBIENT_ADDRESS = 0x77

export const bmp280 = defineSensor({
  model: 'bmp280',
  description: 'Absolute pressure: in the mask at 0x76, of the room at 0x77',
  addresses: [MASK_ADDRESS, AMBIENT_ADDRESS],
  signals: [{ signal: 'pamb', unit: 'hPa' }],
  channels: [
    { channel: 'mask_pressure', hz: HZ },
    { channel: 'ambient_pressure', hz: HZ },
  ],
  feeds: ['paw', 'pip', 'peep', 'rr'],
  readEveryMs: 1_000 / HZ,

  identify: async (i2c) => (await readByte(i2c, Register.ID)) === CHIP_ID,

  async open(i2c, { clock }): Promise<Sensor> {
    const ambient = i2c.address === AMBIENT_ADDRESS
    const channel = ambient ? 'ambient_pressure' : 'mask_pressure'
    const calibration = parseCalibration(await readBytes(i2c, Register.CALIBRATION, CALIBRATION_BYTES))
    await startStreaming(i2c)

    let lastMs: number | undefined
    let brokenBy: GapCause = 'late'
    let ambientDueMs = 0

    const block = (pa: number, t0Ms: number): BlockReading => {
      const gap = gapBetween(lastMs, t0Ms, brokenBy)
      lastMs = t0Ms
      brokenBy = 'late'
      return { kind: 'block', channel, hz: HZ, t0Ms, values: Float32Array.of(pa), ...(gap && { gap }) }
    }

    const reports = ambient ? ([channel, 'pamb'] as const) : ([channel] as const)
    return {
      reports,
      async read(): Promise<Reading[]> {
        const nowMs = clock.monotonic()
        const result = await readResult(i2c, calibration)
        if (result === 'not-streaming') {
          brokenBy = 'brown-out'
          await startStreaming(i2c)
        }
        if (typeof result === 'string') return absences({ reports }, result === 'no-trimming' ? 'fault' : 'warmup')
        const readings: Reading[] = [block(result, nowMs - RESULT_AGE_MS)]
        if (ambient && nowMs >= ambientDueMs) {
          ambientDueMs = nowMs + AMBIENT_EVERY_MS
          readings.push({ kind: 'value', signal: 'pamb', value: result / 100 })
        }
        return readings
      },
      close: () => writeByte(i2c, Register.CTRL_MEAS, SLEEP),
    }
  },
})

/** Writes to CONFIG can be ignored outside sleep (section 4.3.5), hence the order. */
async function startStreaming(i2c: I2c): Promise<void> {
  await writeByte(i2c, Register.CTRL_MEAS, SLEEP)
  await writeByte(i2c, Register.CONFIG, FASTEST_STANDBY_FILTER_OFF)
  await writeByte(i2c, Register.CTRL_MEAS, STREAMING)
}

/** One burst, so that the two results belong together; it starts at the settings, which a brown-out would have cleared. */
async function readResult(i2c: I2c, calibration: Bmp280Calibration): Promise<number | 'not-streaming' | 'not-ready' | 'no-trimming'> {
  const bytes = await readBytes(i2c, Register.CTRL_MEAS, 9)
  if (bytes[0] !== STREAMING) return 'not-streaming'
  const rawPressure = unsigned24BigEndian(bytes, 3) >> 4
  const rawTemperature = unsigned24BigEndian(bytes, 6) >> 4
  if (rawPressure === SKIPPED || rawTemperature === SKIPPED) return 'not-ready'
  return pascals(rawPressure, fineTemperature(rawTemperature, calibration), calibration) ?? 'no-trimming'
}

function gapBetween(lastMs: number | undefined, t0Ms: number, why: GapCause): Gap | undefined {
  if (lastMs === undefined) return undefined
  const lost = Math.max(0, Math.round(((t0Ms - lastMs) * HZ) / 1_000) - 1)
  return lost >= MISSED_IS_GAP || why !== 'late' ? { why, lost } : undefined
}
