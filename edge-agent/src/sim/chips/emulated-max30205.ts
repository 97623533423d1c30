import { RegisterChip } from './register-chip.ts'
import type { EmulatedThermometerOptions } from './emulated-tmp117.ts'

const Register = { TEMPERATURE: 0x00, CONFIGURATION: 0x01, THYST: 0x02, TOS: 0x03 } as const
const powerOn: readonly (readonly [number, number])[] = [
  [Register.TEMPERATURE, 0x0000],
  [Register.CONFIGURATION, 0x00],
  [Register.THYST, 0x4b00],
  [Register.TOS, 0x5000],
]
const Configuration = { ONE_SHOT: 0x80, EXTENDED: 0x20, SHUTDOWN: 0x01 } as const
const CONVERSION_MS = 44
const LSB_PER_CEL = 256
const EXTENDED_OFFSET_CEL = 64

/** MAX30205: a new result every 44 ms, exactly 0.0 °C until the first, one-shot only in shutdown. */
export class EmulatedMax30205 extends RegisterChip {
  readonly #temperatureCel: (atMs: number) => number
  #registers = new Map<number, number>()
  #startedMs = 0
  #saturated = false

  constructor({ clock, temperatureCel }: EmulatedThermometerOptions) {
    super(clock)
    this.#temperatureCel = temperatureCel
    this.powerCycle()
  }

  powerCycle(): void {
    this.#registers = new Map(powerOn)
    this.#startedMs = this.clock.monotonic()
  }

  override faults(): ReturnType<RegisterChip['faults']> {
    return { ...super.faults(), saturation: { begin: () => (this.#saturated = true), end: () => (this.#saturated = false) } }
  }

  protected override widthOf(register: number): 1 | 2 {
    return register === Register.CONFIGURATION ? 1 : 2
  }

  /** Four registers: the higher bits of the pointer are not looked at. */
  protected override pointerFrom(byte: number): number {
    return byte & 3
  }

  protected override after(register: number): number {
    return register
  }

  protected catchUp(): void {
    const configuration = this.#configuration()
    const oneShot = (configuration & Configuration.ONE_SHOT) !== 0
    if (configuration & Configuration.SHUTDOWN && !oneShot) return
    const ended = Math.floor((this.clock.monotonic() - this.#startedMs) / CONVERSION_MS)
    if (ended < 1) return
    const middleMs = this.#startedMs + ((oneShot ? 1 : ended) - 0.5) * CONVERSION_MS
    const offset = configuration & Configuration.EXTENDED ? EXTENDED_OFFSET_CEL : 0
    const steps = Math.round((this.#temperatureCel(middleMs) - offset) * LSB_PER_CEL)
    this.#registers.set(Register.TEMPERATURE, this.#saturated ? 0x7fff : steps & 0xffff)
    if (oneShot) this.#registers.set(Register.CONFIGURATION, configuration & ~Configuration.ONE_SHOT)
  }

  protected readRegister(register: number): number {
    return this.#registers.get(register) ?? 0
  }

  protected writeRegister(register: number, value: number): void {
    if (register === Register.TEMPERATURE) return
    // One-shot can only be asked for in shutdown.
    const kept = register === Register.CONFIGURATION && !(value & Configuration.SHUTDOWN) ? value & ~Configuration.ONE_SHOT : value
    this.#registers.set(register, kept)
    if (register === Register.CONFIGURATION) this.#startedMs = this.clock.monotonic()
  }

  #configuration(): number {
    return this.#registers.get(Register.CONFIGURATION) ?? 0
  }
}
