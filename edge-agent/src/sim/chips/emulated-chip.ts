import { type Clock } from '@vigil/contract/clock'

export type Direction = 'read' | 'write'

/**
 * A chip as the bus sees it: it acknowledges its address or not, takes bytes and gives bytes. What it measures depends only on
 * its settings and on the time that has passed on the clock.
 */
export abstract class EmulatedChip {
  protected readonly clock: Clock
  #plugged = true
  #nacksLeft = 0
  #pointer: number | undefined
  #accepted: number[] = []
  #supplying: number[] = []

  constructor(clock: Clock) {
    this.clock = clock
  }

  /** Supply on, or back after a brown-out: every register at its power-on value. */
  abstract powerCycle(): void

  /** Fault: nobody answers at the address. */
  unplug(): void {
    this.#plugged = false
  }

  /** Plugged in again, the chip starts as after power-on. */
  plugIn(): void {
    this.#plugged = true
    this.powerCycle()
  }

  /** Fault: the next transfers are not acknowledged. */
  nackNext(transfers: number): void {
    this.#nacksLeft = transfers
  }

  /** START with this chip's address; false is a NACK. */
  begin(direction: Direction): boolean {
    if (!this.#plugged) return false
    if (this.#nacksLeft > 0) {
      this.#nacksLeft -= 1
      return false
    }
    if (direction === 'write') this.#pointer = undefined
    this.#accepted = []
    this.#supplying = []
    this.catchUp()
    return true
  }

  /** The first byte of a write is the register pointer, those after it are values. */
  acceptByte(byte: number): void {
    if (this.#pointer === undefined) {
      this.#pointer = this.pointerFrom(byte)
      return
    }
    this.#accepted.push(byte)
    if (this.#accepted.length < this.widthOf(this.#pointer)) return
    const register = this.#pointer
    const value = this.#accepted.reduce((word, part) => (word << 8) | part, 0)
    this.#accepted = []
    this.#pointer = this.after(register, 'write')
    this.writeRegister(register, value)
  }

  /** Words are latched when their first byte is asked for, most significant byte first. */
  supplyByte(): number {
    const register = this.#pointer ?? 0
    if (this.#supplying.length === 0) {
      const value = this.readRegister(register)
      this.#supplying = this.widthOf(register) === 2 ? [value >> 8, value & 0xff] : [value]
    }
    const byte = this.#supplying.shift() ?? 0
    if (this.#supplying.length === 0) this.#pointer = this.after(register, 'read')
    return byte & 0xff
  }

  /** Does what has fallen due since the last transfer. */
  protected abstract catchUp(): void
  protected abstract readRegister(register: number): number
  protected abstract writeRegister(register: number, value: number): void

  protected widthOf(_register: number): 1 | 2 {
    return 1
  }

  protected pointerFrom(byte: number): number {
    return byte
  }

  /** Where the pointer goes after a register; `undefined` when the next byte written is a pointer again. */
  protected after(register: number, _direction: Direction): number | undefined {
    return (register + 1) & 0xff
  }
}
