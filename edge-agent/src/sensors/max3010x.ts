import type { Clock } from '@vigil/contract/clock'
import type { I2c } from '../bus/i2c.ts'
import { absences, type LedControl, type LedCurrent, type Sensor, type SensorContext, type SensorDefinition } from './define-sensor.ts'
import { COUNT_BYTES, COUNT_MASK, DIE_CEL_PER_LSB, FIFO_DEPTH, LED_MA_PER_LSB, Mode, OUTPUT_HZ, PART_ID, Register, Status1, Status2, TEMP_EN } from './max3010x-registers.ts'
import { clearFifo, type LedLayout, nearestCurrent, reset, roundedCurrent, startSampling, writeLedCurrent } from './max3010x-set-up.ts'
import type { BlockReading, Channel, GapCause, Reading } from './reading.ts'
import { readByte, readBytes, writeByte } from './registers.ts'
import { createSampleTimeline } from './sample-timeline.ts'
import { signed8, unsigned24BigEndian } from './words.ts'

/** 0x1F: enough light for most fingers, with room on both sides for an automatic adjustment. */
const START_CURRENT: LedCurrent = { redMa: 6.2, irMa: 6.2 }
/** No sample for so long at 25 a second: the chip has stopped. */
const STALLED_AFTER_MS = 2_000
const FULL_AFTER_MS = ((FIFO_DEPTH - 1) * 1_000) / OUTPUT_HZ

/** What the MAX30101, MAX30102 and MAX30105 have in common. */
export const oximeterShape = {
  addresses: [0x57],
  signals: [],
  // The FIFO holds 1.28 s; a third of it leaves room for a slow moment.
  readEveryMs: 400,
  // An EEPROM at this address steps on from one byte to the next; the identity register stands still.
  identity: 'Register 0xFF holds 0x15, read twice in a row.',
  identify: async (i2c) => (await readBytes(i2c, Register.PART_ID, 2)).every((byte) => byte === PART_ID),
} as const satisfies Partial<SensorDefinition>

export const channelsOf = (layout: LedLayout): SensorDefinition['channels'] => layout.channels.map((channel) => ({ channel, hz: OUTPUT_HZ }))

export async function openOximeter(i2c: I2c, { clock }: SensorContext, layout: LedLayout): Promise<Sensor> {
  await reset(i2c)
  const oximeter = new Oximeter(i2c, clock, layout)
  await oximeter.start()
  return oximeter
}

class Oximeter implements Sensor {
  readonly reports: readonly Channel[]
  readonly leds: LedControl
  readonly #i2c: I2c
  readonly #clock: Clock
  readonly #layout: LedLayout
  readonly #timeline = createSampleTimeline(OUTPUT_HZ)
  #current = roundedCurrent(START_CURRENT)
  #brokenBy: GapCause | undefined
  #lastSampleMs = 0
  #burstBroken = false
  #dieConversionRunning = false

  constructor(i2c: I2c, clock: Clock, layout: LedLayout) {
    this.#i2c = i2c
    this.#clock = clock
    this.#layout = layout
    this.reports = layout.channels
    const currentNow = (): LedCurrent => this.#current
    this.leds = {
      fullScale: COUNT_MASK,
      maximumMa: 0xff * LED_MA_PER_LSB,
      get current() {
        return currentNow()
      },
      nearest: nearestCurrent,
      set: (current) => this.#setLeds(current),
    }
  }

  async start(): Promise<void> {
    await startSampling(this.#i2c, this.#layout, this.#current)
    this.#burstBroken = false
    this.#dieConversionRunning = false
    this.#lastSampleMs = this.#clock.monotonic()
  }

  async read(): Promise<Reading[]> {
    const nowMs = this.#clock.monotonic()
    // One after the other on the bus, asked for in one breath.
    const [status, [write = 0, overflowed = 0, read = 0]] = await Promise.all([readByte(this.#i2c, Register.INTERRUPT_STATUS_1), readBytes(this.#i2c, Register.FIFO_WR_PTR, 3)])
    if (status & Status1.PWR_RDY) {
      await this.#startAgain('brown-out')
      return absences(this, 'warmup')
    }
    // Which sample is the oldest after an overflow, and which byte comes next after a broken burst, is not defined.
    if (overflowed > 0) return this.#emptyFifo('overflow')
    if (this.#burstBroken) return this.#emptyFifo('bus-fault')
    const idleMs = nowMs - this.#lastSampleMs
    // Equal pointers mean empty or full.
    const full = (status & Status1.A_FULL) !== 0 && idleMs >= FULL_AFTER_MS
    const unread = (write - read) & (FIFO_DEPTH - 1) || (full ? FIFO_DEPTH : 0)
    if (unread > 0) return this.#drain(unread, nowMs)
    if (idleMs <= STALLED_AFTER_MS) return []
    await this.#startAgain('stalled')
    return absences(this, 'fault')
  }

  close(): Promise<void> {
    return writeByte(this.#i2c, Register.MODE_CONFIG, Mode.SHUTDOWN)
  }

  async dieTemperature(): Promise<number | undefined> {
    const ready = ((await readByte(this.#i2c, Register.INTERRUPT_STATUS_2)) & Status2.DIE_TEMP_RDY) !== 0
    if (this.#dieConversionRunning && !ready) return undefined
    const [whole = 0, fraction = 0] = ready ? await readBytes(this.#i2c, Register.DIE_TEMP_INTEGER, 2) : []
    await writeByte(this.#i2c, Register.DIE_TEMP_CONFIG, TEMP_EN)
    this.#dieConversionRunning = true
    return ready ? signed8(whole) + (fraction & 0x0f) * DIE_CEL_PER_LSB : undefined
  }

  async #drain(count: number, nowMs: number): Promise<Reading[]> {
    this.#burstBroken = true
    const sampleBytes = this.#layout.channels.length * COUNT_BYTES
    const bytes = await readBytes(this.#i2c, Register.FIFO_DATA, count * sampleBytes)
    this.#burstBroken = false
    this.#lastSampleMs = nowMs
    const { t0Ms, lost } = this.#timeline.place(count, nowMs)
    const why = this.#brokenBy ?? (lost > 0 ? 'stalled' : undefined)
    this.#brokenBy = undefined
    const block = (channel: Channel, slot: number): BlockReading => ({
      kind: 'block',
      channel,
      hz: OUTPUT_HZ,
      t0Ms,
      values: Float32Array.from({ length: count }, (_, i) => unsigned24BigEndian(bytes, i * sampleBytes + slot * COUNT_BYTES) & COUNT_MASK),
      ...(why && { gap: { why, lost } }),
    })
    return this.#layout.channels.map(block)
  }

  async #emptyFifo(why: GapCause): Promise<Reading[]> {
    await clearFifo(this.#i2c)
    this.#burstBroken = false
    this.#breakOff(why)
    return []
  }

  async #setLeds(current: LedCurrent): Promise<void> {
    this.#current = roundedCurrent(current)
    await writeLedCurrent(this.#i2c, this.#current)
    await clearFifo(this.#i2c)
    this.#breakOff('led-current')
  }

  async #startAgain(why: GapCause): Promise<void> {
    await this.start()
    this.#breakOff(why)
  }

  #breakOff(why: GapCause): void {
    this.#brokenBy = why
    this.#timeline.interrupt()
  }
}
