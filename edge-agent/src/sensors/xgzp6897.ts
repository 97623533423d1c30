import { absences, defineSensor, optionOf, type Sensor } from './define-sensor.ts'
import { createPolledStream } from './polled-stream.ts'
import type { Reading } from './reading.ts'
import { readByte, readBytes, writeByte } from './registers.ts'
import { unsigned16BigEndian, unsigned24BigEndian } from './words.ts'

// Names and values are those of the XGZP6897D datasheet (CFSensor, version 2.7).
const Register = { DATA: 0x06, CMD: 0x30 } as const
const COMBINED_CONVERSION = 0x0a
const SCO = 0x08
/** Sleep times are only for the chip's own repeated conversions, which nobody here asks for; only six orders exist. */
const isCommand = (cmd: number): boolean => (cmd & 0xf0) === 0 && (cmd & 0x07) <= 2
const CONVERSION_MS = 20
/** After this it has ended for certain. */
const ENDED_AFTER_MS = 25
const STALLED_AFTER_MS = 1_000
const HZ = 25
/** Counts in one Pa, for parts that measure up to so many kPa. */
const COUNTS_PER_PA: readonly (readonly [upToKpa: number, counts: number])[] = [[1, 8_192], [2, 4_096], [4, 2_048], [8, 1_024], [16, 512], [32, 256], [65, 128], [131, 64], [260, 32]]
const countsPerPa = (kpa: number): number => COUNTS_PER_PA.find(([upTo]) => kpa <= upTo)?.[1] ?? Number.NaN
/** Up to here past its range a part still follows; the converter itself ends later. */
const BEYOND_RANGE = 1.05

const options = { range_kpa: { description: 'End of the pressure range printed in the part number, kPa', minimum: 0.5, maximum: 260, default: 10 } }

export const xgzp6897 = defineSensor({
  model: 'xgzp6897',
  description: 'Gauge pressure of the mask against the room',
  addresses: [0x6d],
  signals: [],
  channels: [{ channel: 'mask_gauge', hz: HZ }],
  feeds: ['paw', 'pip', 'peep', 'rr'],
  readEveryMs: 1_000 / HZ,
  identity: 'No identity register: the command register holds one of its six orders. A foreign chip at this address could do the same.',
  confirm: 'Its range cannot be asked and decides what its counts mean: give range_kpa as printed on the part.',
  options,
  identify: async (i2c) => isCommand(await readByte(i2c, Register.CMD)),

  async open(i2c, context): Promise<Sensor> {
    const { clock } = context
    const stream = createPolledStream('mask_gauge', HZ)
    const reports = [stream.channel]
    const rangePa = 1_000 * optionOf({ options }, context, 'range_kpa')
    const scale = countsPerPa(rangePa / 1_000)
    let startedMs = 0
    let doneMs = clock.monotonic()
    const convert = (): Promise<void> => {
      startedMs = clock.monotonic()
      return writeByte(i2c, Register.CMD, COMBINED_CONVERSION)
    }
    await convert()

    return {
      reports,
      async read(): Promise<Reading[]> {
        const nowMs = clock.monotonic()
        if (nowMs - startedMs < ENDED_AFTER_MS) return []
        const takenMs = startedMs + CONVERSION_MS / 2
        // One after the other on the bus, asked for in one breath.
        const [cmd, bytes] = await Promise.all([readByte(i2c, Register.CMD), readBytes(i2c, Register.DATA, 5), convert()])
        if (cmd & SCO) {
          if (nowMs - doneMs < STALLED_AFTER_MS) return []
          doneMs = nowMs
          stream.breakOff('stalled')
          return absences({ reports }, 'fault')
        }
        doneMs = nowMs
        const raw = (unsigned24BigEndian(bytes) << 8) >> 8
        // Pressure and temperature exactly zero: nothing was converted since the supply came on.
        if (raw === 0 && unsigned16BigEndian(bytes, 3) === 0) {
          stream.breakOff('brown-out')
          return absences({ reports }, 'warmup')
        }
        const pa = raw / scale
        return Math.abs(pa) > BEYOND_RANGE * rangePa ? absences({ reports }, 'saturated') : [stream.block(pa, takenMs)]
      },
      close: async () => {},
    }
  },
})
