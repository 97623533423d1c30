import type { SlidingWindow } from '../maths/sliding-window.ts'
import { deviation, mean } from '../maths/statistics.ts'

/**
 * Tells a mask or tube that has come off from a patient who has stopped breathing. Only a machine's end-expiratory pressure makes that
 * possible: when it is gone and nothing moves, the circuit is open. Without one, silence is always taken for apnoea.
 */
export interface MaskWatch {
  readonly off: boolean
  /** @param peep last end-expiratory pressure in cmH2O above ambient, when known */
  look(pressure: SlidingWindow, peep: number | undefined): void
  /** The room's pressure is no longer known: nothing can be said of the mask, and nothing is. */
  forget(): void
}

const AMBIENT_WITHIN = 0.5
const STILL_WITHIN = 0.15
const LEAST_PEEP = 2
const WINDOW_S = 3
const BACK_ABOVE = 1

export function createMaskWatch(hz: number): MaskWatch {
  let off = false
  return {
    get off() {
      return off
    },
    forget() {
      off = false
    },
    look(pressure, peep) {
      if (off) {
        off = Math.abs(mean(pressure.view(Math.round(hz)))) <= BACK_ABOVE
        return
      }
      const recent = pressure.view(Math.round(WINDOW_S * hz))
      off = peep !== undefined && peep >= LEAST_PEEP && Math.abs(mean(recent)) < AMBIENT_WITHIN && deviation(recent) < STILL_WITHIN
    },
  }
}
