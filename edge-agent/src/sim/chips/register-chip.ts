import { type Direction, EmulatedChip } from './emulated-chip.ts'

/** A chip of numbered registers: the first byte of a write names one, those after it are values. */
export abstract class RegisterChip extends EmulatedChip {
  #pointer: number | undefined
  #accepted: number[] = []
  #supplying: number[] = []

  protected answer(direction: Direction): boolean {
    if (direction === 'write') this.#pointer = undefined
    this.#accepted = []
    this.#supplying = []
    this.catchUp()
    return true
  }

  acceptByte(byte: number): boolean {
    if (this.#pointer === undefined) {
      this.#pointer = this.pointerFrom(byte)
      return true
    }
    this.#accepted.push(byte)
    if (this.#accepted.length < this.widthOf(this.#pointer)) return true
    const register = this.#pointer
    const value = this.#accepted.reduce((word, part) => (word << 8) | part, 0)
    this.#accepted = []
    this.#pointer = this.after(register, 'write')
    this.writeRegister(register, value)
    return true
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
