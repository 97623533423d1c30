import type { Clock } from '@vigil/contract/clock'
import type { Led } from './emulated-max30102.ts'
import { RegisterChip } from './register-chip.ts'
import { SampleFifo } from './sample-fifo.ts'

export interface EmulatedMax30100Options {
  readonly clock: Clock
  /** Photocurrent in nA for each mA of current in that LED with a finger on, at a time of `clock.monotonic()`. */
  readonly light: (led: Led, atMs: number) => number
}

// Names and values of the MAX30100 datasheet (Maxim 19-7065), written apart from the driver.
const Register = { INTERRUPT_STATUS: 0x00, INTERRUPT_ENABLE: 0x01, FIFO_WR_PTR: 0x02, OVF_COUNTER: 0x03, FIFO_RD_PTR: 0x04, FIFO_DATA: 0x05, MODE_CONFIG: 0x06, SPO2_CONFIG: 0x07, LED_CONFIG: 0x09, TEMP_INTEGER: 0x16, TEMP_FRACTION: 0x17, REVISION_ID: 0xfe, PART_ID: 0xff } as const
const readOnly: ReadonlySet<number> = new Set([Register.INTERRUPT_STATUS, Register.TEMP_INTEGER, Register.TEMP_FRACTION, Register.REVISION_ID, Register.PART_ID])
const Status = { A_FULL: 0x80, TEMP_RDY: 0x40, SPO2_RDY: 0x10, PWR_RDY: 0x01 } as const
const Mode = { HEART_RATE: 2, SPO2: 3, TEMP_EN: 0x08, RESET: 0x40, SHUTDOWN: 0x80 } as const
const sampleRatesHz = [50, 100, 167, 200, 400, 600, 800, 1_000] as const
const resolutionBits = [13, 14, 15, 16] as const
const ledMa = [0, 4.4, 7.6, 11, 14.2, 17.4, 20.8, 24, 27.1, 30.6, 33.8, 37, 40.2, 43.6, 46.8, 50] as const
/** The datasheet names no full scale in current; this one puts a finger at the usual 27 mA near the middle. */
const FULL_SCALE_NA = 18_000
const COUNTS = 0x10000
const DIE_SIXTEENTHS = 31 * 16
const NO_FINGER = 0.02

/** MAX30100: 16 samples of infrared then red, 16 bits left-aligned, no averaging; what comes when the FIFO is full is lost and counted. */
export class EmulatedMax30100 extends RegisterChip {
  readonly #options: EmulatedMax30100Options
  readonly #fifo = new SampleFifo(16)
  #registers = new Uint8Array(256)
  #startedMs = 0
  #taken = 0
  #coupling = 1
  #swapped = false
  #flooded = false

  constructor(options: EmulatedMax30100Options) {
    super(options.clock)
    this.#options = options
    this.powerCycle()
  }

  powerCycle(): void {
    this.#powerOnValues()
    this.#registers[Register.INTERRUPT_STATUS] = Status.PWR_RDY
  }

  removeFinger(): void {
    this.catchUp()
    this.#coupling = 0
  }

  placeFinger(): void {
    this.catchUp()
    this.#coupling = 1
  }

  override faults(): ReturnType<RegisterChip['faults']> {
    return {
      ...super.faults(),
      saturation: { begin: () => (this.#flooded = true), end: () => (this.#flooded = false) },
      'swapped-leds': { begin: () => (this.#swapped = true), end: () => (this.#swapped = false) },
    }
  }

  protected override after(register: number): number {
    const stays = register === Register.FIFO_DATA || register === Register.PART_ID
    return stays ? register : (register + 1) & 0xff
  }

  protected catchUp(): void {
    const periodMs = this.#periodMs()
    if (periodMs === undefined) return
    const due = Math.floor((this.clock.monotonic() - this.#startedMs) / periodMs + 1e-6)
    // More than a FIFO beyond what fits is lost without being looked at.
    const looked = Math.min(due, this.#taken + 2 * 16 + 1)
    for (; this.#taken < looked; this.#taken += 1) this.#take(this.#startedMs + (this.#taken + 1) * periodMs)
    this.#taken = due
  }

  protected readRegister(register: number): number {
    if (register === Register.FIFO_WR_PTR) return this.#fifo.writePointer
    if (register === Register.OVF_COUNTER) return this.#fifo.overflow
    if (register === Register.FIFO_RD_PTR) return this.#fifo.readPointer
    if (register === Register.FIFO_DATA) return this.#fifo.nextByte()
    const value = this.#registers[register] ?? 0
    if (register === Register.INTERRUPT_STATUS) this.#registers[register] = 0
    return value
  }

  protected writeRegister(register: number, value: number): void {
    if (readOnly.has(register)) return
    if (register === Register.FIFO_WR_PTR) this.#fifo.writePointer = value
    else if (register === Register.OVF_COUNTER) this.#fifo.overflow = value
    else if (register === Register.FIFO_RD_PTR) this.#fifo.readPointer = value
    else if (register === Register.MODE_CONFIG && value & Mode.RESET) this.#powerOnValues()
    else this.#configure(register, value)
  }

  #configure(register: number, value: number): void {
    this.#registers[register] = value
    if (register !== Register.MODE_CONFIG && register !== Register.SPO2_CONFIG) return
    if (register === Register.MODE_CONFIG && value & Mode.TEMP_EN) this.#measureDie()
    this.#startedMs = this.clock.monotonic()
    this.#taken = 0
  }

  /** Takes 29 ms in the chip, is there at once here: no driver reads it sooner. */
  #measureDie(): void {
    this.#registers[Register.MODE_CONFIG] = (this.#registers[Register.MODE_CONFIG] ?? 0) & ~Mode.TEMP_EN
    this.#registers[Register.TEMP_INTEGER] = DIE_SIXTEENTHS >> 4
    this.#registers[Register.TEMP_FRACTION] = DIE_SIXTEENTHS & 0x0f
    this.#raise(Status.TEMP_RDY)
  }

  #powerOnValues(): void {
    this.#registers = new Uint8Array(256)
    this.#registers[Register.PART_ID] = 0x11
    this.#registers[Register.REVISION_ID] = 0x05
    this.#fifo.clear()
    this.#taken = 0
  }

  #periodMs(): number | undefined {
    const mode = this.#registers[Register.MODE_CONFIG] ?? 0
    const works = (mode & Mode.SHUTDOWN) === 0 && ((mode & 7) === Mode.SPO2 || (mode & 7) === Mode.HEART_RATE)
    return works ? 1_000 / (sampleRatesHz[((this.#registers[Register.SPO2_CONFIG] ?? 0) >> 2) & 7] ?? 50) : undefined
  }

  #take(atMs: number): void {
    const leds = this.#registers[Register.LED_CONFIG] ?? 0
    const ir = this.#count('ir', leds & 0x0f, atMs)
    const red = ((this.#registers[Register.MODE_CONFIG] ?? 0) & 7) === Mode.SPO2 ? this.#count('red', leds >> 4, atMs) : 0
    this.#fifo.push(Uint8Array.of(ir >> 8, ir & 0xff, red >> 8, red & 0xff))
    this.#raise(Status.SPO2_RDY | (this.#fifo.unread >= 15 ? Status.A_FULL : 0))
  }

  #count(place: 'red' | 'ir', step: number, atMs: number): number {
    if (this.#flooded) return COUNTS - 1
    const led: Led = (place === 'red') !== this.#swapped ? 'red' : 'ir'
    const perMa = this.#coupling === 0 ? NO_FINGER * this.#options.light(led, 0) : this.#options.light(led, atMs)
    const counts = Math.round((perMa * (ledMa[step] ?? 0) * COUNTS) / FULL_SCALE_NA)
    const bits = resolutionBits[(this.#registers[Register.SPO2_CONFIG] ?? 0) & 3] ?? 16
    return Math.min(COUNTS - 1, Math.max(0, counts)) & ~((1 << (16 - bits)) - 1)
  }

  /** Sources that are not enabled do not show. */
  #raise(bits: number): void {
    this.#registers[Register.INTERRUPT_STATUS] = (this.#registers[Register.INTERRUPT_STATUS] ?? 0) | (bits & (this.#registers[Register.INTERRUPT_ENABLE] ?? 0))
  }
}
