import type { Clock } from '@vigil/contract/clock'
import { type Direction, EmulatedChip } from './emulated-chip.ts'

export interface EmulatedCcs811Options {
  readonly clock: Clock
  readonly eco2Ppm: (atMs: number) => number
  readonly tvocPpb: (atMs: number) => number
}

const Mailbox = { STATUS: 0x00, MEAS_MODE: 0x01, ALG_RESULT_DATA: 0x02, HW_ID: 0x20, HW_VERSION: 0x21, FW_APP_VERSION: 0x24, ERROR_ID: 0xe0, APP_START: 0xf4, SW_RESET: 0xff } as const
const Status = { FW_MODE: 0x80, APP_VALID: 0x10, DATA_READY: 0x08, ERROR: 0x01 } as const
const RESET_SEQUENCE = [0x11, 0xe5, 0x72, 0x8a] as const
/** Drive modes 1 to 4. */
const everyMs = [undefined, 1_000, 10_000, 60_000, 250] as const
const RAW_ADC = [0x04, 0x8a] as const
const MEASMODE_INVALID = 0x04

/** CCS811: a boot loader until the application is started, then a result each interval, read from mailboxes that do not step on. */
export class EmulatedCcs811 extends EmulatedChip {
  readonly #options: EmulatedCcs811Options
  #application = false
  #measMode = 0
  #sinceMs = 0
  #given = 0
  #error = 0
  #mailbox: number | undefined
  #written: number[] = []
  #supplying: number[] = []
  #saturated = false

  constructor(options: EmulatedCcs811Options) {
    super(options.clock)
    this.#options = options
    this.powerCycle()
  }

  powerCycle(): void {
    this.#application = false
    this.#measMode = 0
    this.#error = 0
    this.#given = 0
  }

  override faults(): ReturnType<EmulatedChip['faults']> {
    return { ...super.faults(), saturation: { begin: () => (this.#saturated = true), end: () => (this.#saturated = false) } }
  }

  protected answer(direction: Direction): boolean {
    if (direction === 'write') {
      this.#mailbox = undefined
      this.#written = []
    } else this.#supplying = this.#contents(this.#mailbox ?? 0)
    return true
  }

  acceptByte(byte: number): boolean {
    if (this.#mailbox === undefined) {
      this.#mailbox = byte
      if (byte === Mailbox.APP_START) this.#application = true
      return true
    }
    this.#written.push(byte)
    if (this.#mailbox === Mailbox.MEAS_MODE && this.#application) this.#start(byte)
    if (this.#mailbox === Mailbox.SW_RESET && RESET_SEQUENCE.every((expected, i) => this.#written[i] === expected)) this.powerCycle()
    return true
  }

  supplyByte(): number {
    return this.#supplying.shift() ?? 0
  }

  #start(measMode: number): void {
    if (((measMode >> 4) & 7) > 4) this.#error = MEASMODE_INVALID
    else {
      this.#measMode = measMode
      this.#sinceMs = this.clock.monotonic()
      this.#given = 0
    }
  }

  #due(): number {
    const interval = everyMs[(this.#measMode >> 4) & 7]
    return !this.#application || interval === undefined ? 0 : Math.floor((this.clock.monotonic() - this.#sinceMs) / interval)
  }

  #status(): number {
    const mode = this.#application ? Status.FW_MODE : 0
    return mode | Status.APP_VALID | (this.#due() > this.#given ? Status.DATA_READY : 0) | (this.#error ? Status.ERROR : 0)
  }

  #contents(mailbox: number): number[] {
    if (mailbox === Mailbox.STATUS) return [this.#status()]
    if (mailbox === Mailbox.MEAS_MODE) return [this.#measMode]
    if (mailbox === Mailbox.HW_ID) return [0x81]
    if (mailbox === Mailbox.HW_VERSION) return [0x12]
    if (mailbox === Mailbox.FW_APP_VERSION) return [0x20, 0x00]
    if (mailbox === Mailbox.ERROR_ID) return [this.#takeError()]
    return mailbox === Mailbox.ALG_RESULT_DATA ? this.#result() : []
  }

  #takeError(): number {
    const error = this.#error
    this.#error = 0
    return error
  }

  #result(): number[] {
    const status = this.#status()
    const due = this.#due()
    const atMs = this.clock.monotonic()
    this.#given = due
    const eco2 = this.#saturated ? 8_192 : Math.round(this.#options.eco2Ppm(atMs))
    const tvoc = this.#saturated ? 1_187 : Math.round(this.#options.tvocPpb(atMs))
    const [high, low, tvocHigh, tvocLow] = due === 0 ? [0, 0, 0, 0] : [eco2 >> 8, eco2 & 0xff, tvoc >> 8, tvoc & 0xff]
    return [high, low, tvocHigh, tvocLow, status, this.#error, ...RAW_ADC].map(Number)
  }
}
