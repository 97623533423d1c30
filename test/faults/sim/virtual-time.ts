import type { Clock, Stop } from '@vigil/contract'

interface Due {
  readonly at: number
  readonly no: number
  run: (() => void) | undefined
}

/** Something that can die: nothing it planned happens after that. */
export interface Life {
  alive: boolean
}

/** One queue of everything that will happen, in virtual time. */
export interface VirtualTime {
  readonly elapsedMs: number
  /** Runs it after so long, unless the life is over by then. */
  after(delayMs: number, life: Life, run: () => void): Stop
  /** A clock that only its owner's life keeps going. */
  clockOf(life: Life): Clock & { step(byMs: number): void }
  /** Lets happen what is due up to then; `afterEach` is called once whatever an event set going has come to rest. */
  runTo(ms: number, afterEach: () => void): Promise<void>
}

const EPOCH_MS = Date.UTC(2026, 2, 1)

export function virtualTime(): VirtualTime {
  const heap: Due[] = []
  let elapsedMs = 0
  let made = 0

  const add = (delayMs: number, life: Life, run: () => void): Stop => {
    const due: Due = { at: elapsedMs + Math.max(0, delayMs), no: made++, run: () => life.alive && run() }
    push(heap, due)
    return () => {
      due.run = undefined
    }
  }

  return {
    get elapsedMs() {
      return elapsedMs
    },
    after: add,
    clockOf(life) {
      let offset = 0
      return {
        now: () => EPOCH_MS + Math.floor(elapsedMs) + offset,
        monotonic: () => elapsedMs,
        after: (delayMs, run) => add(delayMs, life, run),
        every(intervalMs, run) {
          let stop: Stop = () => {}
          const again = (): void => {
            stop = add(intervalMs, life, () => {
              again()
              run()
            })
          }
          again()
          return () => stop()
        },
        step(byMs) {
          offset += byMs
        },
      }
    },
    async runTo(ms, afterEach) {
      for (let first = heap[0]; first && first.at <= ms; first = heap[0]) {
        pop(heap)
        if (!first.run) continue
        elapsedMs = Math.max(elapsedMs, first.at)
        first.run()
        await atRest()
        afterEach()
      }
      elapsedMs = ms
      await turnOfTheLoop()
    },
  }
}

/**
 * Every promise that can go on has gone on: nothing in here waits for anything real. The queue of ticks comes after that of promises; a turn
 * of the event loop would do the same at a third of the run's time.
 */
function atRest(): Promise<void> {
  return new Promise((resolve) => {
    process.nextTick(resolve)
  })
}

/** Lets whoever else lives in this process have its turn. */
function turnOfTheLoop(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}

const before = (a: Due, b: Due): boolean => a.at < b.at || (a.at === b.at && a.no < b.no)

function push(heap: Due[], due: Due): void {
  let at = heap.push(due) - 1
  for (let up = (at - 1) >> 1; at > 0 && before(due, heap[up] as Due); up = (at - 1) >> 1) {
    heap[at] = heap[up] as Due
    at = up
  }
  heap[at] = due
}

function pop(heap: Due[]): void {
  const last = heap.pop() as Due
  if (heap.length === 0) return
  let at = 0
  for (let down = 1; down < heap.length; down = 2 * at + 1) {
    if (down + 1 < heap.length && before(heap[down + 1] as Due, heap[down] as Due)) down++
    if (!before(heap[down] as Due, last)) break
    heap[at] = heap[down] as Due
    at = down
  }
  heap[at] = last
}
