import type { CommandRecord, CommandState } from '@vigil/contract'
import type { CommandFact } from '../../../central-station/src/commands/command.ts'
import { isOpen } from '../../../central-station/src/commands/command-machine.ts'

/** The device's own last word. */
const FINAL: ReadonlySet<CommandState> = new Set<CommandState>(['done', 'failed', 'refused'])
const RANK: Readonly<Record<CommandState, number>> = { queued: 0, sent: 1, accepted: 2, running: 3, expired: 4, cancelled: 4, unknown: 4, done: 5, failed: 5, refused: 5 }

/** What must hold of commands: each runs once at most and never after its time, a screen is never taken back, and each ends in one state that is true. */
export class CommandRules {
  readonly #numberOf = new Map<string, number>()
  readonly #runs = new Map<number, number>()
  readonly #seen = new Map<string, CommandState>()
  #broken: string | undefined

  /** The first rule that was broken, as a sentence. */
  get broken(): string | undefined {
    return this.#broken
  }

  /** How many commands ran. */
  get executed(): number {
    return this.#runs.size
  }

  /** Commands a screen shows in this state. */
  shownAs(wanted: CommandState): string[] {
    return [...this.#seen].filter(([, state]) => state === wanted).map(([id]) => id)
  }

  /** A board runs a command now; `stored` is what the database has. */
  runs(n: number, nowMs: number, stored: ReadonlyMap<string, CommandFact>): void {
    const count = (this.#runs.get(n) ?? 0) + 1
    this.#runs.set(n, count)
    const id = [...this.#numberOf].find(([, number]) => number === n)?.[0] ?? ''
    const fact = stored.get(id)
    if (count > 1) this.#fail(`command ${n} ran twice`)
    if (fact && nowMs > fact.expiresAtMs) this.#fail(`command ${n} ran ${nowMs - fact.expiresAtMs} ms after its time`)
  }

  /** What a screen was shown. */
  shows({ id, args, state }: CommandRecord): void {
    const n = Number(args['n'])
    this.#numberOf.set(id, n)
    const before = this.#seen.get(id)
    this.#seen.set(id, state)
    if (before === undefined || before === state) return
    if (FINAL.has(before)) this.#fail(`command ${n} was ${before} and became ${state}`)
    if (isOpen(before) && RANK[state] < RANK[before]) this.#fail(`command ${n} went back from ${before} to ${state}`)
  }

  /** When everything has healed and settled. */
  judgeAll(stored: ReadonlyMap<string, CommandFact>): void {
    for (const [id, { state }] of stored) {
      const n = this.#numberOf.get(id) ?? 0
      const problem = problemOf(state, { ran: this.#runs.has(n), shown: this.#seen.get(id) ?? state })
      if (problem !== undefined) this.#fail(`command ${n} ${problem}`)
    }
  }

  #fail(why: string): void {
    this.#broken ??= why
  }
}

/** What is wrong with how a command ended. */
function problemOf(state: CommandState, { ran, shown }: { ran: boolean; shown: CommandState }): string | undefined {
  if (isOpen(state)) return `is ${state} at the end`
  if (shown !== state) return `was shown as ${shown} and is ${state}`
  if (ran && (state === 'cancelled' || state === 'expired')) return `ran and is called ${state}`
  return !ran && state === 'done' ? 'is called done and never ran' : undefined
}
