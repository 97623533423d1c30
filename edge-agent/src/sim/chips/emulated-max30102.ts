import type { Clock } from '@vigil/contract/clock'
import { RegisterChip } from './register-chip.ts'
import { allowedSampleRate, averageOf, fullScaleNa, Register, readOnly, resolutionMask, type Slot, slotsOf, Status1, Status2 } from './max30102-model.ts'
import { SampleFifo } from './sample-fifo.ts'

export type Led = 'red' | 'ir' | 'green'

export interface EmulatedMax30102Options {
  readonly clock: Clock
  /** Photocurrent in nA for each mA of current in that LED with a finger on, at a time of `clock.monotonic()`. */
  readonly light: (led: Led, atMs: number) => number
  /** 3: a MAX30105, with a green LED. */
  readonly leds?: 2 | 3
  readonly dieCel?: (atMs: number) => number
}

const MA_PER_STEP = 0.2
const COUNTS = 1 << 18
const DIE_CONVERSION_MS = 29
const FIFO_DEPTH = 32
/** What the cover glass throws back with no finger on it. */
const NO_FINGER = 0.02

/** MAX30102: samples by clock, rate, averaging, range, pulse width and LED currents; see `sample-fifo.ts` for the FIFO. */
export class EmulatedMax30102 extends RegisterChip {
  readonly #options: EmulatedMax30102Options
  readonly #fifo = new SampleFifo()
  #registers = new Uint8Array(256)
  #resetting = false
  #startedMs = 0
  #taken = 0
  #dieDueMs: number | undefined
  #coupling = 1
  #swapped = false
  #flooded = false

  constructor(options: EmulatedMax30102Options) {
    super(options.clock)
    this.#options = options
    this.powerCycle()
  }

  powerCycle(): void {
    this.#powerOnValues()
    this.#resetting = false
    this.#registers[Register.INTERRUPT_STATUS_1] = Status1.PWR_RDY
  }

  /** Fault: nothing on the glass; a little light comes back, without a pulse. */
  removeFinger(): void {
    this.#apply(() => (this.#coupling = 0))
  }

  /** A finger on the glass; `coupling` above 1 is a thin or pale one that sends back more light, to the point of saturation. */
  placeFinger(coupling = 1): void {
    this.#apply(() => (this.#coupling = coupling))
  }

  /** Fault of cheap boards: LED1 is the infrared one. */
  swapLeds(swapped = true): void {
    this.#apply(() => (this.#swapped = swapped))
  }

  /** Fault: more ambient light than the chip can cancel; both channels are full. */
  floodWithLight(flooded = true): void {
    this.#apply(() => (this.#flooded = flooded))
  }

  override faults(): ReturnType<RegisterChip['faults']> {
    return {
      ...super.faults(),
      saturation: { begin: () => this.floodWithLight(), end: () => this.floodWithLight(false) },
      'swapped-leds': { begin: () => this.swapLeds(), end: () => this.swapLeds(false) },
    }
  }

  protected override after(register: number): number {
    const stays = register === Register.FIFO_DATA || register === Register.PART_ID
    return stays ? register : (register + 1) & 0xff
  }

  protected catchUp(): void {
    const nowMs = this.clock.monotonic()
    if (this.#dieDueMs !== undefined && nowMs >= this.#dieDueMs) this.#finishDieTemperature(this.#dieDueMs)
    const periodMs = this.#periodMs()
    if (periodMs === undefined) return
    // The tolerance keeps a sample that is due now from slipping behind a rounding error.
    const due = Math.floor((nowMs - this.#startedMs) / periodMs + 1e-6)
    const skipped = this.#fifo.rollOver ? Math.max(0, due - this.#taken - FIFO_DEPTH) : 0
    this.#fifo.skip(skipped)
    this.#taken += skipped
    for (; this.#taken < due; this.#taken += 1) this.#take(this.#startedMs + this.#taken * periodMs, periodMs)
  }

  protected readRegister(register: number): number {
    const value = this.#valueOf(register)
    if (register === Register.INTERRUPT_STATUS_1 || register === Register.INTERRUPT_STATUS_2) this.#registers[register] = 0
    if (register === Register.FIFO_DATA) this.#clearStatus(Register.INTERRUPT_STATUS_1, Status1.PPG_RDY)
    if (register === Register.DIE_TEMP_FRACTION) this.#clearStatus(Register.INTERRUPT_STATUS_2, Status2.DIE_TEMP_RDY)
    if (register === Register.MODE_CONFIG) this.#resetting = false
    return value
  }

  protected writeRegister(register: number, value: number): void {
    if (readOnly.has(register)) return
    if (register === Register.FIFO_WR_PTR) this.#fifo.writePointer = value
    else if (register === Register.OVF_COUNTER) this.#fifo.overflow = value
    else if (register === Register.FIFO_RD_PTR) this.#fifo.readPointer = value
    else if (register === Register.MODE_CONFIG && value & 0x40) this.#reset()
    else if (register === Register.DIE_TEMP_CONFIG && value & 1) this.#startDieTemperature()
    else this.#configure(register, value)
  }

  #valueOf(register: number): number {
    if (register === Register.FIFO_WR_PTR) return this.#fifo.writePointer
    if (register === Register.OVF_COUNTER) return this.#fifo.overflow
    if (register === Register.FIFO_RD_PTR) return this.#fifo.readPointer
    if (register === Register.FIFO_DATA) return this.#fifo.nextByte()
    const stored = this.#registers[register] ?? 0
    return register === Register.MODE_CONFIG && this.#resetting ? stored | 0x40 : stored
  }

  #configure(register: number, value: number): void {
    this.#registers[register] = value
    if (register === Register.FIFO_CONFIG) this.#fifo.rollOver = (value & 0x10) !== 0
    const timing = register === Register.MODE_CONFIG || register === Register.SPO2_CONFIG || register === Register.FIFO_CONFIG
    if (!timing) return
    // A rate that does not fit the pulse width and the number of LEDs is lowered, and reads back lowered.
    this.#registers[Register.SPO2_CONFIG] = allowedSampleRate(this.#registers)
    this.#startedMs = this.clock.monotonic()
    this.#taken = 0
  }

  /** The bit reads 1 once before it clears itself, as it does for a host quick enough to see it; PWR_RDY is not raised. */
  #reset(): void {
    this.#powerOnValues()
    this.#resetting = true
  }

  #powerOnValues(): void {
    this.#registers = new Uint8Array(256)
    this.#registers[Register.REVISION_ID] = 0x03
    this.#registers[Register.PART_ID] = 0x15
    this.#fifo.clear()
    this.#fifo.rollOver = false
    this.#dieDueMs = undefined
    this.#taken = 0
  }

  /** `undefined` when no samples are taken: shut down, or no mode set. */
  #periodMs(): number | undefined {
    const { rateHz, shutDown } = averageOf(this.#registers)
    return shutDown || this.#slots().length === 0 ? undefined : 1_000 / rateHz
  }

  /** One output sample: the mean of the conversions in its period. */
  #take(fromMs: number, periodMs: number): void {
    const { conversions } = averageOf(this.#registers)
    const slots = this.#slots()
    const sample = new Uint8Array(slots.length * 3)
    slots.forEach((slot, i) => {
      let sum = 0
      for (let n = 0; n < conversions; n += 1) sum += this.#count(slot, fromMs + ((n + 1) * periodMs) / conversions)
      const counts = Math.round(sum / conversions) & resolutionMask(this.#registers)
      sample.set([counts >> 16, (counts >> 8) & 0xff, counts & 0xff], i * 3)
    })
    this.#fifo.push(sample)
    const almostFull = this.#fifo.unread === FIFO_DEPTH - ((this.#registers[Register.FIFO_CONFIG] ?? 0) & 0x0f)
    this.#raise(Register.INTERRUPT_STATUS_1, Register.INTERRUPT_ENABLE_1, Status1.PPG_RDY | (almostFull ? Status1.A_FULL : 0) | (this.#flooded ? Status1.ALC_OVF : 0))
  }

  #slots(): readonly Slot[] {
    return slotsOf(this.#registers, this.#options.leds)
  }

  #count(slot: Slot, atMs: number): number {
    if (this.#flooded) return COUNTS - 1
    const led: Led = slot === 3 ? 'green' : (slot === 1) !== this.#swapped ? 'red' : 'ir'
    const ma = (this.#registers[Register.LED1 + slot - 1] ?? 0) * MA_PER_STEP
    const perMa = this.#coupling === 0 ? NO_FINGER * this.#options.light(led, 0) : this.#coupling * this.#options.light(led, atMs)
    const counts = (perMa * ma * COUNTS) / fullScaleNa(this.#registers)
    return Math.min(COUNTS - 1, Math.max(0, counts))
  }

  #startDieTemperature(): void {
    this.#registers[Register.DIE_TEMP_CONFIG] = 1
    this.#dieDueMs = this.clock.monotonic() + DIE_CONVERSION_MS
  }

  #finishDieTemperature(atMs: number): void {
    const sixteenths = Math.round((this.#options.dieCel?.(atMs) ?? 31) * 16)
    this.#registers[Register.DIE_TEMP_INTEGER] = (sixteenths >> 4) & 0xff
    this.#registers[Register.DIE_TEMP_FRACTION] = sixteenths & 0x0f
    this.#registers[Register.DIE_TEMP_CONFIG] = 0
    this.#dieDueMs = undefined
    this.#raise(Register.INTERRUPT_STATUS_2, Register.INTERRUPT_ENABLE_2, Status2.DIE_TEMP_RDY)
  }

  /** Sources that are not enabled do not show. */
  #raise(status: number, enable: number, bits: number): void {
    this.#registers[status] = (this.#registers[status] ?? 0) | (bits & (this.#registers[enable] ?? 0))
  }

  #clearStatus(status: number, bit: number): void {
    this.#registers[status] = (this.#registers[status] ?? 0) & ~bit
  }

  /** What happens at the glass happens now: samples due before it are taken first. */
  #apply(change: () => void): void {
    this.catchUp()
    change()
  }
}
