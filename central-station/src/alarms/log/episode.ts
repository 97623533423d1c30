import { type AlarmRecord, kindOf, type Priority } from '@vigil/contract/alarms'

/** One alarm from its beginning to its end, as lists and figures need it; made from the lines of the log alone. */
export interface Episode {
  readonly id: string
  readonly subjectKind: string
  readonly subjectId: string
  readonly site: string
  readonly wardId: string | null
  readonly bedId: string | null
  readonly stayId: string | null
  readonly deviceId: string | null
  readonly mode: string
  readonly condition: string
  readonly kind: string
  readonly priority: Priority
  readonly phase: string
  readonly n: number
  readonly version: number
  readonly sinceMs: number
  readonly announcedMs: number | null
  readonly endedMs: number | null
  readonly firstAcknowledgedMs: number | null
  readonly acknowledgedBy: string | null
  readonly note: string | null
  readonly value: number | null
  readonly worst: number | null
  readonly limit: number | null
  readonly questionable: boolean
  readonly endedWhy: string | null
}

function begun({ alarmId, subject, place, condition, atMs }: AlarmRecord): Episode {
  return {
    id: alarmId, subjectKind: subject.kind, subjectId: subject.id, ...place, condition, kind: kindOf(condition), priority: 'low', phase: 'pending', n: 0, version: 0,
    sinceMs: atMs, announcedMs: null, endedMs: null, firstAcknowledgedMs: null, acknowledgedBy: null, note: null,
    value: null, worst: null, limit: null, questionable: false, endedWhy: null,
  }
}

/** What a line may change of an episode; `null` and absent leave it as it is. */
const carried = ['version', 'priority', 'announcedMs', 'value', 'worst', 'limit', 'questionable', 'acknowledgedBy', 'note'] as const

/** The episode after one more line of its log. */
export function episodeAfter(before: Episode | undefined, record: AlarmRecord): Episode {
  const base = before ?? begun(record)
  const { set, to, n, atMs, why } = record
  const over = to === 'normal'
  const changed: Record<string, unknown> = {}
  for (const key of carried) if (set[key] !== undefined && set[key] !== null) changed[key] = set[key]
  return {
    ...base,
    ...changed,
    n,
    phase: over ? 'cleared' : to,
    firstAcknowledgedMs: base.firstAcknowledgedMs ?? set.acknowledgedMs ?? null,
    endedMs: over || to === 'latched' ? (base.endedMs ?? atMs) : null,
    endedWhy: over ? why : null,
  }
}
