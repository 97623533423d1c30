import { absences, defineSensor, type Sensor } from './define-sensor.ts'
import { createPolledStream } from './polled-stream.ts'
import type { Reading } from './reading.ts'
import { readWord, writeWord } from './registers.ts'
import { signed16 } from './words.ts'
import { createZeroAtStart } from './zero-at-start.ts'

// Names and bits are those of the ADS1115 (TI SBAS444) and MPXV7002 (NXP) datasheets.
const Register = { CONVERSION: 0x00, CONFIG: 0x01, LO_THRESH: 0x02, HI_THRESH: 0x03 } as const
const POWER_ON = { LO_THRESH: 0x8000, HI_THRESH: 0x7fff } as const
const OS = 0x8000
// Single shot, ±6.144 V, 250 samples a second, comparator off; the input is added.
const ONE_CONVERSION = OS | 0x0100 | 0x00a0 | 0x0003
const PRESSURE_INPUT = 0b100 << 12
const SUPPLY_INPUT = 0b101 << 12
const CONVERSION_MS = 4
/** After this a conversion has ended for certain; the chip's own clock is 10 % off at most. */
const ENDED_AFTER_MS = 6
/** A supply that dips while the board sends by radio does so for longer. */
const SUPPLY_EVERY_MS = 200
const FULL_SCALE_CODE = 0x7fff
const VOLT_PER_LSB = 6.144 / 32_768
/** Vout = Vs (0.2 P + 0.5), P in kPa. */
const SHARE_PER_PA = 0.2 / 1_000
const SHARE_AT_ZERO = 0.5
const RANGE_PA = 2_000
/** Within this the part is guaranteed to work. */
const SUPPLY_VOLT = [4.75, 5.25] as const
/** The part's own offset, ±6.25 % of its span: what reads more than this at the start is a pressure, not an offset. */
const LARGEST_OFFSET_PA = 250
const HZ = 25
const STALLED_AFTER_MS = 1_000

export const ads1115 = defineSensor({
  model: 'ads1115',
  description: 'MPXV7002 at input 0 and its supply at input 1: pressure of the mask against the room, ±20.4 cmH2O',
  addresses: [0x48, 0x49, 0x4a, 0x4b],
  signals: [],
  channels: [{ channel: 'mask_gauge', hz: HZ }],
  feeds: ['paw', 'pip', 'peep', 'rr'],
  readEveryMs: 1_000 / HZ,
  identity: 'No identity register: its two thresholds at their power-on values, 0x8000 and 0x7FFF. An ADS1113 or ADS1114 has the same.',
  confirm: 'What is wired to its inputs cannot be asked: an MPXV7002 at input 0, its 5 V supply at input 1. Start with the mask off: that is zero.',
  identify: async (i2c) =>
    (await readWord(i2c, Register.LO_THRESH)) === POWER_ON.LO_THRESH && (await readWord(i2c, Register.HI_THRESH)) === POWER_ON.HI_THRESH,

  async open(i2c, { clock }): Promise<Sensor> {
    const stream = createPolledStream('mask_gauge', HZ)
    const reports = [stream.channel]
    const zero = createZeroAtStart({ samples: HZ, largest: LARGEST_OFFSET_PA })
    let asked: { readonly input: number; readonly atMs: number } = { input: 0, atMs: 0 }
    let supplyVolt: number | undefined
    let supplyDueMs = 0
    let doneMs = clock.monotonic()
    const convert = (input: number): Promise<void> => {
      asked = { input, atMs: clock.monotonic() }
      return writeWord(i2c, Register.CONFIG, ONE_CONVERSION | input)
    }
    await convert(SUPPLY_INPUT)

    const pressure = (volt: number, atMs: number): Reading[] => {
      if (supplyVolt === undefined) return []
      if (supplyVolt < SUPPLY_VOLT[0] || supplyVolt > SUPPLY_VOLT[1]) return absences({ reports }, 'fault')
      const pa = (volt / supplyVolt - SHARE_AT_ZERO) / SHARE_PER_PA
      if (Math.abs(pa) > RANGE_PA) return absences({ reports }, 'saturated')
      const offset = zero.offset(pa)
      return offset === undefined ? absences({ reports }, 'warmup') : [stream.block(pa - offset, atMs)]
    }
    const lost = async (): Promise<Reading[]> => {
      stream.breakOff('brown-out')
      supplyVolt = undefined
      doneMs = clock.monotonic()
      await convert(SUPPLY_INPUT)
      return absences({ reports }, 'fault')
    }
    /** Takes what was asked for and orders what comes next. */
    const take = async (next: number): Promise<Reading[]> => {
      const { input, atMs } = asked
      const nowMs = clock.monotonic()
      // One after the other on the bus, asked for in one breath.
      const [config, word] = await Promise.all([readWord(i2c, Register.CONFIG), readWord(i2c, Register.CONVERSION), convert(next)])
      // The bit is high when nothing is being converted; the rest reads back as it was written.
      if (config !== (ONE_CONVERSION | input)) return (config | OS) === (ONE_CONVERSION | input) && nowMs - doneMs < STALLED_AFTER_MS ? [] : lost()
      doneMs = nowMs
      const code = signed16(word)
      if (code >= FULL_SCALE_CODE) return input === PRESSURE_INPUT ? absences({ reports }, 'saturated') : []
      if (input === PRESSURE_INPUT) return pressure(code * VOLT_PER_LSB, atMs + CONVERSION_MS / 2)
      supplyVolt = code * VOLT_PER_LSB
      supplyDueMs = nowMs + SUPPLY_EVERY_MS
      return []
    }

    return {
      reports,
      async read(): Promise<Reading[]> {
        const nowMs = clock.monotonic()
        if (nowMs - asked.atMs < ENDED_AFTER_MS) return []
        const taken = await take(asked.input === PRESSURE_INPUT && nowMs >= supplyDueMs ? SUPPLY_INPUT : PRESSURE_INPUT)
        if (asked.input !== SUPPLY_INPUT) return taken
        // The supply between two samples of the pressure, so that none of those is missing.
        await new Promise<void>((resolve) => void clock.after(ENDED_AFTER_MS, resolve))
        return [...taken, ...(await take(PRESSURE_INPUT))]
      },
      close: async () => {},
    }
  },
})
