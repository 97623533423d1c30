import type { Clock } from '@vigil/contract/clock'
import { type Direction, EmulatedChip } from './emulated-chip.ts'

/** Every emulated board has a display there; whether it is used is for its settings. */
export const DISPLAY_ADDRESS = 0x3c
const COLUMNS = 128
const PAGES = 8
const Status = { DISPLAY_OFF: 0x40 } as const
/** Bytes that follow a command, where there are any. */
const argumentsOf: Readonly<Record<number, number>> = { 0x20: 1, 0x21: 2, 0x22: 2, 0x26: 6, 0x27: 6, 0x29: 5, 0x2a: 5, 0x81: 1, 0x8d: 1, 0xa3: 2, 0xa8: 1, 0xd3: 1, 0xd5: 1, 0xd9: 1, 0xda: 1, 0xdb: 1 }
const HORIZONTAL = 0

/** SSD1306: its memory of 128 × 64 dots with the three addressing modes it can be told, lit only with pump and display on. */
export class EmulatedSsd1306 extends EmulatedChip {
  #memory = new Uint8Array(COLUMNS * PAGES)
  #lit = false
  #pump = false
  #mode = 2
  #columns: [number, number] = [0, COLUMNS - 1]
  #pages: [number, number] = [0, PAGES - 1]
  #column = 0
  #page = 0
  #control: number | undefined
  #command: number[] = []

  constructor({ clock }: { readonly clock: Clock }) {
    super(clock)
    this.powerCycle()
  }

  powerCycle(): void {
    this.#memory = new Uint8Array(COLUMNS * PAGES)
    this.#lit = false
    this.#pump = false
    this.#mode = 2
    this.#columns = [0, COLUMNS - 1]
    this.#pages = [0, PAGES - 1]
    this.#column = 0
    this.#page = 0
  }

  /** What a person sees: nothing unless pump and display are on. */
  picture(): Uint8Array {
    return this.#lit && this.#pump ? this.#memory.slice() : new Uint8Array(this.#memory.length)
  }

  protected answer(direction: Direction): boolean {
    if (direction === 'write') {
      this.#control = undefined
      this.#command = []
    }
    return true
  }

  acceptByte(byte: number): boolean {
    if (this.#control === undefined) this.#control = byte
    else if (this.#control & 0x40) this.#draw(byte)
    else this.#take(byte)
    return true
  }

  supplyByte(): number {
    return this.#lit ? 0 : Status.DISPLAY_OFF
  }

  #take(byte: number): void {
    this.#command.push(byte)
    const [command = 0, ...values] = this.#command
    if (values.length < (argumentsOf[command] ?? 0)) return
    this.#command = []
    this.#obey(command, values)
  }

  #obey(command: number, [first = 0, second = 0]: readonly number[]): void {
    if (command === 0xae || command === 0xaf) this.#lit = command === 0xaf
    else if (command === 0x8d) this.#pump = (first & 0x04) !== 0
    else if (command === 0x20) this.#mode = first & 3
    else if (command === 0x21) this.#columns = [(this.#column = first), second]
    else if (command === 0x22) this.#pages = [(this.#page = first), second]
  }

  #draw(byte: number): void {
    this.#memory[this.#page * COLUMNS + this.#column] = byte
    this.#column += 1
    if (this.#column <= this.#columns[1]) return
    this.#column = this.#columns[0]
    if (this.#mode !== HORIZONTAL) return
    this.#page = this.#page >= this.#pages[1] ? this.#pages[0] : this.#page + 1
  }
}
