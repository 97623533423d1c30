import { checkDeviceState, parseTopic, retryDelayMs, type Clock, type DeviceAddress, type Range } from '@vigil/contract'
import type { Database } from '../store/connection.ts'
import { askLedger, type LedgerQuestion, pairKey } from '../store/ledger-questions.ts'
import { firstForgotten, type PromiseBook } from './promises.ts'
import type { Draft } from './receipt-sender.ts'

/** Questions put to the ledger in one statement. */
const MOST_AT_ONCE = 500
/** Devices waiting for an answer at most: more than a site has. */
const MOST_WAITING = 20_000
const RETRY = { leastMs: 250, firstMs: 250, longestMs: 5_000 }

export interface StateAnswersOptions {
  readonly database: Database
  readonly promises: PromiseBook
  readonly offer: (draft: Draft) => void
  readonly onRewind: (address: DeviceAddress, epoch: string, from: number) => void
  readonly onFailure: (error: unknown) => void
  readonly clock: Clock
  readonly random: () => number
}

interface Question extends LedgerQuestion {
  /** The last receipt the device remembers. */
  readonly upto: number
  /** An answer goes out even if there is nothing new to say. */
  readonly answer: boolean
}

/**
 * Answers the birth message of a device with the receipt of its epoch, which the device waits for before it replays. A device
 * that remembers more than the ledger holds met a database that went back: it is asked to send again.
 */
export class StateAnswers {
  readonly #options: StateAnswersOptions
  readonly #waiting = new Map<string, Question>()
  #asking = false
  #stopped = false
  #failures = 0

  constructor(options: StateAnswersOptions) {
    this.#options = options
  }

  /** A `state` message. Answers why it was not understood, if it was not. */
  onState(topic: string, payload: Buffer): string | undefined {
    const address = parseTopic(topic)
    if (!address) return 'not a device topic'
    const checked = readState(payload)
    if (!checked.ok) return checked.reason
    const { st, e, upto = 0 } = checked.value
    if (st === 'online' && e !== undefined) this.#add({ address: { site: address.site, device: address.device }, epoch: e, upto, answer: true })
    return undefined
  }

  /** Compares everything promised with the ledger: the database may be another than before. */
  recheckPromises(): void {
    for (const { address, epoch } of this.#options.promises.all()) this.#add({ address, epoch, upto: 0, answer: false })
  }

  stop(): void {
    this.#stopped = true
  }

  #add(question: Question): void {
    const key = pairKey(question.address, question.epoch)
    const known = this.#waiting.has(key)
    if (!known && this.#waiting.size >= MOST_WAITING) return
    if (question.answer || !known) this.#waiting.set(key, question)
    if (this.#asking) return
    this.#asking = true
    queueMicrotask(() => void this.#run())
  }

  async #run(): Promise<void> {
    while (this.#waiting.size > 0 && !this.#stopped) {
      const questions = [...this.#waiting.values()].slice(0, MOST_AT_ONCE)
      try {
        await this.#ask(questions)
        this.#failures = 0
      } catch (error) {
        this.#options.onFailure(error)
        const { promise, resolve } = Promise.withResolvers<void>()
        this.#options.clock.after(retryDelayMs(this.#failures++, RETRY, this.#options.random), resolve)
        await promise
      }
    }
    this.#asking = false
  }

  async #ask(questions: readonly Question[]): Promise<void> {
    const { database, promises, offer, onRewind } = this.#options
    // Before the ledger is read: a receipt that goes out meanwhile speaks of a newer ledger than the one we shall see.
    const promised = questions.map((q) => promises.of(q.address, q.epoch))
    const held = await askLedger(database, questions)
    for (const [i, question] of questions.entries()) {
      const { address, epoch } = question
      const key = pairKey(address, epoch)
      if (this.#waiting.get(key) === question) this.#waiting.delete(key)
      const covered = held.get(key)
      // A device the registry does not know gets no answer.
      if (!covered) continue
      const rewind = rewindFor(question, promised[i] ?? [], covered)
      if (rewind !== undefined) onRewind(address, epoch, rewind)
      if (question.answer || rewind !== undefined) offer({ address, epoch, covered, touched: [], rewind, mayBeOld: true })
    }
  }
}

/** The first number the device or we ourselves hold to be committed, and that the ledger does not have. */
function rewindFor({ upto }: Question, promised: readonly Range[], covered: readonly Range[]): number | undefined {
  const claimed = upto > 0 ? firstForgotten([[1, upto]], covered) : undefined
  const forgotten = firstForgotten(promised, covered)
  return claimed === undefined || forgotten === undefined ? (claimed ?? forgotten) : Math.min(claimed, forgotten)
}

function readState(payload: Buffer): ReturnType<typeof checkDeviceState> {
  try {
    return checkDeviceState(JSON.parse(payload.toString('utf8')))
  } catch {
    return { ok: false, reason: 'not JSON' }
  }
}
