import type { Clock } from '@vigil/contract/clock'
import type { AbsenceReason } from '@vigil/contract/quality'
import type { I2c } from '../bus/i2c.ts'
import { absences, defineSensor, type LedControl, type LedCurrent, type Sensor } from './define-sensor.ts'
import type { Channel, GapCause, Reading } from './reading.ts'
import { readByte, readBytes, writeByte } from './registers.ts'
import { createSampleTimeline } from './sample-timeline.ts'
import { signed8, unsigned16BigEndian } from './words.ts'

// Names and values are those of the MAX30100 datasheet (Maxim 19-7065).
const Register = { INTERRUPT_STATUS: 0x00, FIFO_WR_PTR: 0x02, OVF_COUNTER: 0x03, FIFO_RD_PTR: 0x04, FIFO_DATA: 0x05, MODE_CONFIG: 0x06, SPO2_CONFIG: 0x07, LED_CONFIG: 0x09, TEMP_INTEGER: 0x16, PART_ID: 0xff } as const
const PART_ID = 0x11
const PWR_RDY = 0x01
const Mode = { SPO2: 0x03, TEMP_EN: 0x08, SHUTDOWN: 0x80 } as const
const DIE_CEL_PER_LSB = 0.0625
/** 50 samples a second, pulses of 1600 µs, 16 bits. */
const HIGH_RESOLUTION_50_HZ = 0x43
const FIFO_DEPTH = 16
/** Infrared first, then red, two bytes each. */
const SAMPLE_BYTES = 4
/** The chip does not average; two of its samples make one here, so that all oximeters give 25 a second. */
const AVERAGED = 2
const OUTPUT_HZ = 25
/** 16 bits brought to the 18 of the other oximeters, so that one signal path serves all. */
const TO_18_BITS = 4
const FULL_SCALE = 0xffff * TO_18_BITS
const STALLED_AFTER_MS = 2_000
/** Table 8: what the sixteen steps of a LED's half byte give, mA. */
const LED_MA = [0, 4.4, 7.6, 11, 14.2, 17.4, 20.8, 24, 27.1, 30.6, 33.8, 37, 40.2, 43.6, 46.8, 50] as const
const START_MA = 27.1

const reports = ['red', 'ir'] as const satisfies readonly Channel[]

export const max30100 = defineSensor({
  model: 'max30100',
  description: 'Pulse oximeter of the first generation: red and infrared light reflected by a finger, 16 bits',
  addresses: [0x57],
  signals: [],
  channels: reports.map((channel) => ({ channel, hz: OUTPUT_HZ })),
  feeds: ['pr', 'spo2', 'pi', 'rrppg'],
  // The FIFO holds 0.32 s.
  readEveryMs: 120,
  identity: 'Register 0xFF holds 0x11, read twice in a row.',
  identify: async (i2c) => (await readBytes(i2c, Register.PART_ID, 2)).every((byte) => byte === PART_ID),
  async open(i2c, context): Promise<Sensor> {
    const oximeter = new Oximeter(i2c, context.clock)
    await oximeter.start()
    return oximeter
  },
})

class Oximeter implements Sensor {
  readonly reports = reports
  readonly leds: LedControl
  readonly #i2c: I2c
  readonly #clock: Clock
  readonly #timeline = createSampleTimeline(OUTPUT_HZ)
  #current: LedCurrent = { redMa: START_MA, irMa: START_MA }
  #brokenBy: GapCause | undefined
  #lastSampleMs = 0
  #burstBroken = false
  #dieConversionRunning = false

  constructor(i2c: I2c, clock: Clock) {
    this.#i2c = i2c
    this.#clock = clock
    const currentNow = (): LedCurrent => this.#current
    this.leds = {
      fullScale: FULL_SCALE,
      maximumMa: LED_MA[15],
      get current() {
        return currentNow()
      },
      nearest,
      set: (current) => this.#setLeds(current),
    }
  }

  async start(): Promise<void> {
    await writeByte(this.#i2c, Register.MODE_CONFIG, Mode.SPO2)
    await writeByte(this.#i2c, Register.SPO2_CONFIG, HIGH_RESOLUTION_50_HZ)
    await this.#writeLeds()
    await clearFifo(this.#i2c)
    // PWR_RDY stays from power-on until read; from here on it means that the supply failed.
    await readByte(this.#i2c, Register.INTERRUPT_STATUS)
    this.#burstBroken = false
    this.#lastSampleMs = this.#clock.monotonic()
  }

  async read(): Promise<Reading[]> {
    const nowMs = this.#clock.monotonic()
    if ((await readByte(this.#i2c, Register.INTERRUPT_STATUS)) & PWR_RDY) return this.#startAgain('brown-out', 'warmup')
    const [write = 0, overflowed = 0, read = 0] = await readBytes(this.#i2c, Register.FIFO_WR_PTR, 3)
    // What was lost is not known, nor which byte comes next after a broken burst.
    if (overflowed > 0 || this.#burstBroken) return this.#emptyFifo(overflowed > 0 ? 'overflow' : 'bus-fault')
    // Equal pointers mean empty or full: exactly full without an overflow lasts 20 ms, and is then an overflow.
    const pairs = Math.floor(((write - read) & (FIFO_DEPTH - 1)) / AVERAGED)
    if (pairs > 0) return this.#drain(pairs, nowMs)
    return nowMs - this.#lastSampleMs <= STALLED_AFTER_MS ? [] : this.#startAgain('stalled', 'fault')
  }

  close(): Promise<void> {
    return writeByte(this.#i2c, Register.MODE_CONFIG, Mode.SHUTDOWN)
  }

  /** TEMP_EN ends itself with the conversion; the interrupt flag of its end is not asked, because `read` would take it away. */
  async dieTemperature(): Promise<number | undefined> {
    const ended = this.#dieConversionRunning && ((await readByte(this.#i2c, Register.MODE_CONFIG)) & Mode.TEMP_EN) === 0
    if (this.#dieConversionRunning && !ended) return undefined
    const [whole = 0, fraction = 0] = ended ? await readBytes(this.#i2c, Register.TEMP_INTEGER, 2) : []
    await writeByte(this.#i2c, Register.MODE_CONFIG, Mode.SPO2 | Mode.TEMP_EN)
    this.#dieConversionRunning = true
    return ended ? signed8(whole) + (fraction & 0x0f) * DIE_CEL_PER_LSB : undefined
  }

  async #drain(count: number, nowMs: number): Promise<Reading[]> {
    this.#burstBroken = true
    const bytes = await readBytes(this.#i2c, Register.FIFO_DATA, count * AVERAGED * SAMPLE_BYTES)
    this.#burstBroken = false
    this.#lastSampleMs = nowMs
    const { t0Ms, lost } = this.#timeline.place(count, nowMs)
    const why = this.#brokenBy ?? (lost > 0 ? 'stalled' : undefined)
    this.#brokenBy = undefined
    const block = (channel: Channel, offset: number): Reading => {
      const at = (sample: number): number => unsigned16BigEndian(bytes, sample * SAMPLE_BYTES + offset) * TO_18_BITS
      const values = Float32Array.from({ length: count }, (_, i) => (at(i * AVERAGED) + at(i * AVERAGED + 1)) / AVERAGED)
      return { kind: 'block', channel, hz: OUTPUT_HZ, t0Ms, values, ...(why && { gap: { why, lost } }) }
    }
    return [block('ir', 0), block('red', 2)]
  }

  async #startAgain(why: GapCause, reason: AbsenceReason): Promise<Reading[]> {
    await this.start()
    this.#breakOff(why)
    return absences(this, reason)
  }

  async #emptyFifo(why: GapCause): Promise<Reading[]> {
    await clearFifo(this.#i2c)
    this.#burstBroken = false
    this.#breakOff(why)
    return []
  }

  async #setLeds({ redMa, irMa }: LedCurrent): Promise<void> {
    this.#current = { redMa: nearest(redMa), irMa: nearest(irMa) }
    await this.#writeLeds()
    await clearFifo(this.#i2c)
    this.#breakOff('led-current')
  }

  #writeLeds(): Promise<void> {
    return writeByte(this.#i2c, Register.LED_CONFIG, (stepOf(this.#current.redMa) << 4) | stepOf(this.#current.irMa))
  }

  #breakOff(why: GapCause): void {
    this.#brokenBy = why
    this.#timeline.interrupt()
  }
}

async function clearFifo(i2c: I2c): Promise<void> {
  for (const register of [Register.FIFO_WR_PTR, Register.OVF_COUNTER, Register.FIFO_RD_PTR]) await writeByte(i2c, register, 0)
}

const nearest = (ma: number): number => LED_MA[stepOf(ma)] ?? 0

/** The step of the table that comes nearest. */
function stepOf(ma: number): number {
  const distances = LED_MA.map((step) => Math.abs(step - ma))
  return distances.indexOf(Math.min(...distances))
}
