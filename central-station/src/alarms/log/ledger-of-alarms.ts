import type { Clock } from '@vigil/contract'
import { type AlarmLogRecord, effectOf, type StepKind } from '@vigil/contract/alarms'
import type { DurableHealth } from '../../durable-health.ts'
import type { Journal } from '../../files/journal.ts'
import { doneWithin } from '../../time-limit.ts'
import type { AlarmLine } from './alarm-line.ts'
import { type Episode, episodeAfter } from './episode.ts'
import type { OpenLog } from './open-log.ts'

/** A line with its episode, told after it is safe. */
export interface Written {
  readonly record: AlarmLogRecord
  readonly episode: Episode | null
}

/** Whether a step changes what a screen shows. */
export function isSeen(what: StepKind): boolean {
  return effectOf(what) !== undefined || what === 'unmeasurable' || what === 'measurable'
}

/** An alarm is never held up by a disk or a database that hangs: it is told then, and written when it can be. */
const WRITE_LIMIT_MS = 250

export interface LedgerOptions {
  readonly openLog: OpenLog
  readonly journal: Journal<AlarmLine>
  readonly health: DurableHealth
  /** Whether this engine is the one that judges; what it takes until it knows waits, and is dropped when it is not. */
  readonly maySpeak: () => boolean
  readonly clock: Clock
  readonly onWritten: (written: readonly Written[]) => void
  readonly onUnwritten: (error: unknown) => void
}

/**
 * Every line goes to this machine's disk and, while it answers, to PostgreSQL before anybody hears of it: an engine that takes
 * over after a kill knows what was announced, and does not announce it again. Episodes are kept as long as they are open.
 */
export class AlarmLedger {
  readonly #options: LedgerOptions
  readonly #episodes = new Map<string, Episode>()
  #waiting: Written[] = []
  #turn: Promise<void> = Promise.resolve()

  constructor(options: LedgerOptions) {
    this.#options = options
    for (const record of options.openLog.records) if (record.stream === 'alarm') this.#episodes.set(record.alarmId, episodeAfter(this.#episodes.get(record.alarmId), record))
  }

  episode(id: string): Episode | undefined {
    return this.#episodes.get(id)
  }

  /** Takes a line; it goes out with the next `flush`. */
  readonly take = (record: AlarmLogRecord): void => {
    if (record.stream !== 'alarm') return void this.#waiting.push({ record, episode: null })
    const episode = episodeAfter(this.#episodes.get(record.alarmId), record)
    if (record.to === 'normal') this.#episodes.delete(record.alarmId)
    else this.#episodes.set(record.alarmId, episode)
    this.#waiting.push({ record, episode })
  }

  /** Everything taken so far, written and then told, in order. */
  flush(): Promise<void> {
    if (this.#waiting.length === 0 || !this.#options.maySpeak()) return this.#turn
    const batch = this.#waiting
    this.#waiting = []
    this.#turn = this.#turn.then(() => this.#write(batch))
    return this.#turn
  }

  async #write(batch: readonly Written[]): Promise<void> {
    const { openLog, journal, health, clock, onWritten, onUnwritten } = this.#options
    const records = batch.map(({ record }) => record)
    const onDisk = openLog.append(records).catch(onUnwritten)
    const waiting = journal.append(batch.map(({ record, episode }) => ({ id: record.id, record, episode }))).catch(onUnwritten)
    const stored = health.state() === 'ok' ? waiting.then(() => journal.drain()) : waiting
    // Only what somebody hears of waits at all.
    if (records.some((record) => record.stream !== 'alarm' || effectOf(record.what) !== undefined)) await doneWithin(clock, WRITE_LIMIT_MS, Promise.all([onDisk, stored]))
    onWritten(batch)
  }
}
