import type { Clock } from '@vigil/contract/clock'
import { type Direction, EmulatedChip } from './emulated-chip.ts'

export interface EmulatedMlx90614Options {
  readonly clock: Clock
  readonly address: number
  readonly objectCel: (atMs: number) => number
  readonly ambientCel: (atMs: number) => number
}

const Command = { AMBIENT: 0x06, OBJECT_1: 0x07, OBJECT_2: 0x08, EEPROM: 0x20, FLAGS: 0xf0 } as const
/** To max, To min, emissivity and the SMBus address, of what the maker burns in. */
const eeprom: ReadonlyMap<number, number> = new Map([[0x00, 0x9993], [0x01, 0x62e3], [0x04, 0xffff]])
const SETTLING_MS = 250
const SATURATED = 0x7fff

/** MLX90614: words, low byte first, with a packet error code over the addresses too; a STOP makes it forget what was asked. */
export class EmulatedMlx90614 extends EmulatedChip {
  readonly #options: EmulatedMlx90614Options
  #poweredMs = 0
  #command: number | undefined
  #supplying: number[] = []
  #flipsPec = false
  #saturated = false

  constructor(options: EmulatedMlx90614Options) {
    super(options.clock)
    this.#options = options
    this.powerCycle()
  }

  powerCycle(): void {
    this.#poweredMs = this.clock.monotonic()
    this.#command = undefined
  }

  override faults(): ReturnType<EmulatedChip['faults']> {
    return {
      ...super.faults(),
      'check-sum': { begin: () => (this.#flipsPec = true), end: () => (this.#flipsPec = false) },
      saturation: { begin: () => (this.#saturated = true), end: () => (this.#saturated = false) },
      // The memory is refreshed by the chip alone: one that stands still after it has settled cannot be told from a patient at rest.
      'not-ready': { begin: () => this.#restartStill(), end: () => this.standStill(false) },
    }
  }

  protected answer(direction: Direction): boolean {
    if (direction === 'write') this.#command = undefined
    else this.#supplying = this.#command === undefined ? [] : this.#word(this.#command)
    return true
  }

  acceptByte(byte: number): boolean {
    this.#command ??= byte
    return true
  }

  supplyByte(): number {
    return this.#supplying.shift() ?? 0xff
  }

  override stop(): void {
    this.#command = undefined
  }

  #restartStill(): void {
    this.standStill(true)
    this.powerCycle()
  }

  #word(command: number): number[] {
    const value = this.#valueOf(command)
    const { address } = this.#options
    const message = [address << 1, command, (address << 1) | 1, value & 0xff, value >> 8]
    return [value & 0xff, value >> 8, pec(message) ^ (this.#flipsPec ? 0x55 : 0)]
  }

  #valueOf(command: number): number {
    if (command >= Command.EEPROM && command < Command.EEPROM + 0x20) return eeprom.get(command - Command.EEPROM) ?? this.#options.address
    const settled = this.clock.monotonic() - this.#poweredMs >= SETTLING_MS
    if (!settled || command === Command.FLAGS || command > Command.OBJECT_2 || command < Command.AMBIENT) return 0
    const atMs = this.clock.monotonic()
    if (command !== Command.AMBIENT && this.#saturated) return SATURATED
    const cel = command === Command.AMBIENT ? this.#options.ambientCel(atMs) : this.#options.objectCel(atMs)
    return Math.round((cel + 273.15) / 0.02)
  }
}

/** CRC-8 with x⁸+x²+x+1 by long division of the whole message; the driver's runs byte by byte. */
function pec(message: readonly number[]): number {
  let remainder = message.reduce((number, byte) => (number << 8n) | BigInt(byte), 0n) << 8n
  for (let bit = BigInt(8 * message.length + 7); bit >= 8n; bit -= 1n) if (remainder & (1n << bit)) remainder ^= 0x107n << (bit - 8n)
  return Number(remainder)
}
