import { isAppError } from '../errors.ts'
import type { HealthReceiver } from './body-reader.ts'
import type { NameNumbers, StoreCounts } from './store-call.ts'
import type { Aggregation, HealthEvent, HealthRefusal, HealthValue, HealthWarning } from './value.ts'
import { ValueBatch } from './value-batch.ts'

/** Port: where rows go. Each call is committed when it resolves. */
export interface HealthSink {
  names(names: readonly string[]): Promise<NameNumbers>
  values(names: NameNumbers, batch: ValueBatch): Promise<StoreCounts>
  events(events: readonly HealthEvent[]): Promise<StoreCounts>
}

/** What the phone says of an export. */
export interface ExportHead {
  readonly aggregation: Aggregation | undefined
  /** `Since Last Sync`, `Today`, …; `undefined` when it says nothing. */
  readonly period: string | undefined
  readonly receivedMs: number
}

export interface HealthReport {
  stored: number
  changed: number
  unchanged: number
  /** Parts of a day that did not replace the whole day. */
  kept: number
  refused: number
  readonly refusedBy: Partial<Record<HealthRefusal, number>>
  /** The first refusals, so that a person can see what it was. */
  readonly refusals: { readonly what: string; readonly why: HealthRefusal }[]
  readonly warnings: Partial<Record<HealthWarning, number>>
  /** Minutes east of UTC at the newest measurement. */
  offsetMinutes: number | undefined
}

const BATCH_EVENT_CHARS = 4 * 1024 * 1024
const TOLD_REFUSALS = 20
/** Names of metrics and sources one export may bring: a phone has some hundred. */
const MOST_NAMES = 2_000
const PERIOD_MS: Partial<Record<Aggregation, number>> = { day: 86_400_000, week: 7 * 86_400_000, month: 28 * 86_400_000, year: 365 * 86_400_000 }
/** Exports that begin where the last one ended: their first day is a part of a day. */
const FROM_MIDNIGHT = /^(today|yesterday|previous|last \d)/i

/** What an import that ended before its time says of it, to whoever reads the list of imports. */
export function brokeOff(error: unknown): { readonly brokeOff?: { readonly code: string; readonly why: string } } {
  if (error === undefined) return {}
  return { brokeOff: isAppError(error) ? { code: error.code, why: error.message } : { code: 'INTERNAL', why: 'It broke off while it was sent.' } }
}

export function emptyReport(): HealthReport {
  return { stored: 0, changed: 0, unchanged: 0, kept: 0, refused: 0, refusedBy: {}, refusals: [], warnings: {}, offsetMinutes: undefined }
}

/** Gathers rows into batches and stores them. One batch is on its way while the next is read; memory is two of them. */
export class HealthImporter implements HealthReceiver {
  readonly report = emptyReport()
  readonly #sink: HealthSink
  readonly #head: ExportHead
  readonly #earliestDay = new Map<string, number>()
  #names = new Map<string, number>()
  #batch = new ValueBatch()
  #events = new Map<string, HealthEvent>()
  #eventChars = 0
  #newestMs = -Infinity
  #waiting: ValueBatch[] = []
  #storing: Promise<void> = Promise.resolve()

  constructor(sink: HealthSink, head: ExportHead) {
    this.#sink = sink
    this.#head = head
  }

  value(value: HealthValue): void {
    if (this.#isFull(value)) return this.refused(value.metric, 'too_many_names')
    const isNew = this.#batch.put(value, this.#isWhole(value))
    if (!isNew) this.report.unchanged++
    if (value.startMs > this.#newestMs && value.offsetMinutes !== undefined) {
      this.#newestMs = value.startMs
      this.report.offsetMinutes = value.offsetMinutes
    }
    if (this.#batch.isFull) this.#close()
  }

  event(event: HealthEvent): void {
    const key = `${event.kind} ${event.startMs} ${event.name} ${event.source}`
    if (this.#events.delete(key)) this.report.unchanged++
    this.#events.set(key, event)
    this.#eventChars += event.detail.length
  }

  refused(what: string, why: HealthRefusal): void {
    this.report.refused++
    this.report.refusedBy[why] = (this.report.refusedBy[why] ?? 0) + 1
    if (this.report.refusals.length < TOLD_REFUSALS) this.report.refusals.push({ what, why })
  }

  warned(warning: HealthWarning): void {
    this.report.warnings[warning] = (this.report.warnings[warning] ?? 0) + 1
  }

  /** Call between pieces of the body: waits when storing is slower than reading. @throws AppError of the sink */
  async breathe(): Promise<void> {
    if (this.#eventChars >= BATCH_EVENT_CHARS) await this.#storeEvents()
    while (this.#waiting.length > 0) await this.#storeNext()
  }

  /** Stores what is left. @throws AppError of the sink */
  async finish(): Promise<HealthReport> {
    this.#close()
    await this.breathe()
    await this.#storing
    await this.#storeEvents()
    return this.report
  }

  #close(): void {
    if (this.#batch.length === 0) return
    this.#waiting.push(this.#batch)
    this.#batch = new ValueBatch()
  }

  async #storeNext(): Promise<void> {
    await this.#storing
    const batch = this.#waiting.shift()
    if (!batch) return
    this.#storing = this.#storeValues(batch)
    // Heard at the next `breathe`; until then it must not count as unheard.
    this.#storing.catch(() => undefined)
  }

  async #storeValues(batch: ValueBatch): Promise<void> {
    await this.#learn(batch.names.keys())
    this.#count(batch.length, await this.#sink.values(this.#names, batch))
  }

  async #storeEvents(): Promise<void> {
    const events = [...this.#events.values()]
    this.#events = new Map()
    this.#eventChars = 0
    if (events.length > 0) this.#count(events.length, await this.#sink.events(events))
  }

  async #learn(names: Iterable<string>): Promise<void> {
    const fresh = [...names].filter((name) => !this.#names.has(name))
    if (fresh.length === 0) return
    for (const [name, no] of await this.#sink.names(fresh)) this.#names.set(name, no)
  }

  #count(rows: number, { stored, changed, kept }: StoreCounts): void {
    const { report } = this
    report.stored += stored
    report.changed += changed
    report.kept += kept
    report.unchanged += rows - stored - changed - kept
  }

  #isFull({ metric, source }: HealthValue): boolean {
    return this.#names.size >= MOST_NAMES && !(this.#names.has(metric) && this.#names.has(source))
  }

  /** Shorter times than a day are sent again whole by the next export; of a day it has to be known. */
  #isWhole({ metric, aggregation, startMs }: HealthValue): boolean {
    const periodMs = PERIOD_MS[aggregation]
    if (periodMs === undefined) return true
    const earliest = this.#earliestDay.get(metric)
    const cutOff = earliest === undefined || startMs <= earliest
    if (cutOff) this.#earliestDay.set(metric, startMs)
    return startMs + periodMs <= this.#head.receivedMs && (!cutOff || FROM_MIDNIGHT.test(this.#head.period ?? ''))
  }
}
