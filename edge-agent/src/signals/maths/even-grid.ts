export interface EvenGridOptions {
  readonly hz: number
  /** One sample of the even stream; `restarts` when it does not continue the one before. */
  readonly sample: (value: number, atMs: number, restarts: boolean) => void
}

/** Samples read whenever a busy board came round to it, put onto an even grid by the time each was taken. */
export interface EvenGrid {
  push(atMs: number, value: number): void
  /** What follows starts anew. */
  interrupt(): void
}

/**
 * The longest hole a straight line may cross: pressure in a mask takes longer than this to rise or fall, so a breath is
 * neither made nor lost. Anything longer, or a clock that steps back, starts the stream anew.
 */
const LONGEST_HOLE_MS = 500

export function createEvenGrid({ hz, sample }: EvenGridOptions): EvenGrid {
  const stepMs = 1_000 / hz
  let last: { atMs: number; value: number } | undefined
  let dueMs = 0

  return {
    push(atMs, value) {
      if (!last || atMs <= last.atMs || atMs - last.atMs > LONGEST_HOLE_MS) {
        sample(value, atMs, true)
        dueMs = atMs + stepMs
      } else {
        for (; dueMs <= atMs; dueMs += stepMs) {
          const share = (dueMs - last.atMs) / (atMs - last.atMs)
          sample(last.value + share * (value - last.value), dueMs, false)
        }
      }
      last = { atMs, value }
    },
    interrupt() {
      last = undefined
    },
  }
}
