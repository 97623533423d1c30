import type { Database } from '../db/database.ts'
import { countLate, readCoveredRuns } from './coverage-pg.ts'
import type { HistoryStore } from './history-store.ts'
import { readBuckets, readRaw } from './series-pg.ts'
import { readCompleteness } from './stretches-pg.ts'
import { readEdgeTimes, readSurroundings } from './times-pg.ts'

export function createHistoryStore(database: Database): HistoryStore {
  return {
    completeness: (spans) => readCompleteness(database, spans),
    raw: (span, signals, limit) => readRaw(database, span, signals, limit),
    buckets: (spans, signals, source, bucketMs, fromMs) => readBuckets(database, spans, signals, { source, bucketMs, fromMs }),
    coveredRuns: (span, source) => readCoveredRuns(database, span, source),
    surroundings: (span, stretches, reachMs, silenceMs) => readSurroundings(database, span, { stretches, reachMs, silenceMs }),
    edgeTimes: (span) => readEdgeTimes(database, span),
    late: (spans) => countLate(database, spans),
  }
}
