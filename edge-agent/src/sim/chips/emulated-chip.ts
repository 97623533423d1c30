import type { Clock } from '@vigil/contract/clock'

export type Direction = 'read' | 'write'

/**
 * What can go wrong with a chip on a bus. `stuck-bus` and `fifo-overflow` are done to it from outside (the bus holds its lines
 * down; nobody reads for a while); the rest a chip does itself, as far as it can: see `EmulatedChip.faults`.
 */
export const chipFaults = ['nack', 'stuck-bus', 'check-sum', 'fifo-overflow', 'power-on-value', 'not-ready', 'saturation', 'brown-out', 'swapped-leds'] as const
export type ChipFault = (typeof chipFaults)[number]

export interface FaultSwitch {
  begin(): void
  end(): void
}

/**
 * A chip as the bus sees it: it acknowledges its address or not, takes bytes and gives bytes. What it measures depends only on
 * its settings and on the time that has passed on its clock.
 */
export abstract class EmulatedChip {
  /** The chip's own time: that of the board, unless its oscillator stands still. */
  protected readonly clock: Pick<Clock, 'monotonic'>
  #plugged = true
  #nacksLeft = 0
  #stoodStillMs: number | undefined

  constructor(clock: Clock) {
    this.clock = { monotonic: () => this.#stoodStillMs ?? clock.monotonic() }
  }

  /** Supply on, or back after a brown-out: every register at its power-on value. */
  abstract powerCycle(): void

  /** Faults of this chip that can be switched on and off. */
  faults(): Partial<Record<ChipFault, FaultSwitch>> {
    return {
      nack: { begin: () => this.nackNext(Number.POSITIVE_INFINITY), end: () => this.nackNext(0) },
      'not-ready': { begin: () => this.standStill(true), end: () => this.standStill(false) },
      'power-on-value': {
        begin: () => {
          this.standStill(true)
          this.powerCycle()
        },
        end: () => this.standStill(false),
      },
      'brown-out': { begin: () => this.powerCycle(), end: () => {} },
    }
  }

  /** Fault: no conversion ever ends, while the registers still answer. */
  standStill(still: boolean): void {
    this.#stoodStillMs = still ? this.clock.monotonic() : undefined
  }

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
    return this.answer(direction)
  }

  /** STOP. */
  stop(): void {}

  /** False when the chip does not acknowledge the byte. */
  abstract acceptByte(byte: number): boolean
  abstract supplyByte(): number
  /** Whether the chip acknowledges its address now. */
  protected abstract answer(direction: Direction): boolean
}
