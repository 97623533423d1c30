import { readHealthTime } from './time.ts'
import { type EventSection, eventSections, type HealthEvent, type HealthRefusal, isStorable, isStorableJson, shortText, sourceOf } from './value.ts'

export type EventReading = { readonly ok: true; readonly event: HealthEvent } | { readonly ok: false; readonly why: HealthRefusal }

/** Names the sections give to when something began and ended. */
const STARTS = ['start', 'startDate', 'date', 'scheduledDate'] as const
const ENDS = ['end', 'endDate'] as const

type Said = Readonly<Record<string, unknown>>

/** A workout, an ECG, a notification: when it was, what it was, and everything the phone said of it. */
export function readHealthEvent(section: EventSection, element: unknown, json: string): EventReading {
  if (typeof element !== 'object' || element === null || Array.isArray(element)) return { ok: false, why: 'not_an_object' }
  const said = element as Said
  const written = textOf(said, STARTS)
  if (written === undefined) return { ok: false, why: 'no_time' }
  const start = readHealthTime(written)
  const end = endOf(said)
  if (!start || end === 'unreadable' || (end !== undefined && end < start.ms)) return { ok: false, why: 'time' }
  const { name, source } = naming(said)
  // Written anew only where there is an escape: a workout may be megabytes of its route.
  const detail = isStorableJson(json) ? json : JSON.stringify(element)
  if (!isStorable(`${name}${source}`) || !isStorableJson(detail)) return { ok: false, why: 'text' }
  return { ok: true, event: { kind: eventSections[section], startMs: start.ms, endMs: end, offsetMinutes: start.offsetMinutes, name, source, detail } }
}

function textOf(said: Said, keys: readonly string[]): unknown {
  return keys.map((key) => said[key]).find((value) => typeof value === 'string' && value !== '')
}

function endOf(said: Said): number | undefined | 'unreadable' {
  const written = textOf(said, ENDS)
  return written === undefined ? undefined : (readHealthTime(written)?.ms ?? 'unreadable')
}

function naming(said: Said): { name: string; source: string } {
  return { name: shortText(said['name'] ?? said['classification'] ?? said['displayText'] ?? said['kind']), source: sourceOf(said['source'] ?? said['sourceName']) }
}
