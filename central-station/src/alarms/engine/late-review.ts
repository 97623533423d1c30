import type { Clock, JudgedSample, Stop } from '@vigil/contract'
import { AlarmBook, type AlarmLogRecord, type AlarmRecord, subjectKey, type WatchedSubject } from '@vigil/contract/alarms'
import type { AlarmLine } from '../log/alarm-line.ts'

/** Samples that came late: judged in the order they were measured, as if nobody had been away, and never announced. */
export interface LateReview {
  take(watched: WatchedSubject, sample: JudgedSample, measuredMs: number): void
  stop(): void
}

interface Crossing {
  readonly watched: WatchedSubject
  readonly record: AlarmRecord
  readonly sinceMs: number
  readonly worst: number
  readonly limit: number
}

/** No more late data for so long: what is still open there ends with its last sample. */
const QUIET_MS = 30_000

export function reviewLate({ clock, write }: { clock: Clock; write: (lines: readonly AlarmLine[]) => void }): LateReview {
  const open = new Map<string, Crossing>()
  const lastMs = new Map<string, number>()
  let takenAtMs = clock.monotonic()

  const book = new AlarmBook((record: AlarmLogRecord) => {
    if (record.stream !== 'alarm' || !isMeasured(record)) return
    const before = open.get(record.alarmId)
    if (record.what === 'announced' || record.what === 'recurred') open.set(record.alarmId, crossingOf(record, book.held(record.alarmId)?.state))
    else if (before && record.set.worst !== undefined && record.set.worst !== null) open.set(record.alarmId, { ...before, worst: record.set.worst })
    // A high alarm nobody could see latches: for the review it is over.
    if (before && (record.to === 'normal' || record.to === 'latched')) end(before, record.atMs)
  })
  const crossingOf = (record: AlarmRecord, state: { sinceMs: number; worst: number | null; limit: number | null } | undefined): Crossing => {
    const watched = book.watched(subjectKey(record.subject)) as WatchedSubject
    return { watched, record, sinceMs: state?.sinceMs ?? record.atMs, worst: state?.worst ?? 0, limit: state?.limit ?? 0 }
  }
  const end = ({ watched, record, sinceMs, worst, limit }: Crossing, toMs: number) => {
    open.delete(record.alarmId)
    const line = { stream: 'review' as const, id: record.id, place: watched.place, condition: record.condition, priority: book.held(record.alarmId)?.state.priority ?? 'high', fromMs: sinceMs, toMs, worst, limit, receivedMs: clock.now() }
    write([{ id: record.id, record: line, episode: null }])
  }
  const stop: Stop = clock.every(QUIET_MS, () => {
    if (clock.monotonic() - takenAtMs < QUIET_MS) return
    for (const crossing of open.values()) end(crossing, lastMs.get(subjectKey(crossing.watched.subject)) ?? crossing.record.atMs)
    for (const key of book.subjects()) book.forget(key, clock.now(), 'late data over')
    lastMs.clear()
  })

  return {
    take(watched, sample, measuredMs) {
      const key = subjectKey(watched.subject)
      takenAtMs = clock.monotonic()
      if (!book.has(key)) book.watch(watched, measuredMs)
      // Sent again, or out of order: seen already.
      if (measuredMs <= (lastMs.get(key) ?? 0)) return
      lastMs.set(key, measuredMs)
      book.sample(key, { values: sample.values, quality: sample.quality, atMs: measuredMs })
      book.tick(measuredMs)
    },
    stop,
  }
}

function isMeasured({ condition }: AlarmRecord): boolean {
  return /^(low|high|desat|rate|apnoea)/.test(condition) && condition !== 'low_battery'
}
