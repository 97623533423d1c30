import { type Direction, EmulatedChip } from './emulated-chip.ts'

const EXECUTION_MS = 1

/** A chip of Sensirion's kind: commands of 16 bits, answers of words with a CRC each, a refusal to be read until the answer is there. */
export abstract class SensirionChip extends EmulatedChip {
  #received: number[] = []
  #answer: number[] | undefined
  #answerAtMs = 0
  #refusedOnce = false
  #supplying: number[] = []
  #flipsCrc = false

  override faults(): ReturnType<EmulatedChip['faults']> {
    return { ...super.faults(), 'check-sum': { begin: () => (this.#flipsCrc = true), end: () => (this.#flipsCrc = false) } }
  }

  protected answer(direction: Direction): boolean {
    this.#supplying = []
    if (direction === 'write') {
      this.#received = []
      return true
    }
    const words = this.#answer === undefined ? this.unasked() : this.#takeAnswer()
    if (!words) return false
    this.#supplying = words.flatMap((word) => [word >> 8, word & 0xff, wordCrc(word) ^ (this.#flipsCrc ? 0x55 : 0)])
    return true
  }

  acceptByte(byte: number): boolean {
    this.#received.push(byte)
    const [high = 0, low = 0] = this.#received
    const command = (high << 8) | low
    if (this.#received.length < 2) return true
    if (this.#received.length === 2 && this.takesArgument(command)) return true
    if (this.#received.length === 2) return this.#carryOut(command, undefined)
    if (this.#received.length < 5) return true
    const [, , first = 0, second = 0, crc] = this.#received
    const word = (first << 8) | second
    return wordCrc(word) === crc && this.#carryOut(command, word)
  }

  supplyByte(): number {
    return this.#supplying.shift() ?? 0xff
  }

  /** Does a command. Words are the answer to come, `true` is an acknowledgement without an answer, `false` a refusal. */
  protected abstract obey(command: number, argument: number | undefined): readonly number[] | boolean
  protected takesArgument(_command: number): boolean {
    return false
  }
  /** Words a chip gives to whoever reads without having asked; `undefined` when there are none. */
  protected unasked(): readonly number[] | undefined {
    return undefined
  }
  protected forgetAnswer(): void {
    this.#answer = undefined
  }

  #carryOut(command: number, argument: number | undefined): boolean {
    const result = this.obey(command, argument)
    this.#answer = typeof result === 'boolean' ? undefined : [...result]
    this.#answerAtMs = this.clock.monotonic() + EXECUTION_MS
    this.#refusedOnce = false
    return result !== false
  }

  /** Refuses once, as it does to a host quick enough to ask within a millisecond; a host that asks again has waited. */
  #takeAnswer(): number[] | undefined {
    if (this.clock.monotonic() < this.#answerAtMs && !this.#refusedOnce) {
      this.#refusedOnce = true
      return undefined
    }
    const words = this.#answer
    this.#answer = undefined
    return words
  }
}

/** CRC-8, polynomial x⁸+x⁵+x⁴+1 by long division; the driver's runs bit by bit from the bytes. */
export function wordCrc(word: number): number {
  let remainder = (word << 8) ^ (0xff << 16)
  for (let bit = 23; bit >= 8; bit -= 1) if (remainder & (1 << bit)) remainder ^= 0x131 << (bit - 8)
  return remainder & 0xff
}
