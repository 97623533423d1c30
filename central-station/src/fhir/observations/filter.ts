import { fromFhirId, isUuid } from '../resources/resource.ts'
import { OBSERVATION_CATEGORY } from '../resources/systems.ts'
import { type Asked, type ParamSpec, valuesOf } from '../search/asked.ts'
import { passesDate, rangeOfTest, readDate, type DateTest, type TimeRange } from '../search/dates.ts'
import { readReference } from '../search/references.ts'
import { anyToken } from '../search/tokens.ts'
import type { Candidate } from './candidate.ts'

export const observationParams: readonly ParamSpec[] = [
  { name: 'patient', kind: 'reference', documentation: 'Whose it is' },
  { name: 'subject', kind: 'reference', documentation: 'The same as patient' },
  { name: 'encounter', kind: 'reference', documentation: 'The stay in which it was measured' },
  { name: 'device', kind: 'reference', documentation: 'The device that measured' },
  { name: 'code', kind: 'token', documentation: 'LOINC, ISO/IEEE 11073-10101 or SNOMED code' },
  { name: 'combo-code', kind: 'token', documentation: 'The same, also of a component: 8480-6 finds blood pressure panels' },
  { name: 'category', kind: 'token', documentation: 'vital-signs, procedure, activity, laboratory, exam or survey' },
  { name: 'date', kind: 'date', documentation: 'When it was measured' },
  { name: 'status', kind: 'token', documentation: 'final, or preliminary for what is questionable or incomplete' },
]

/** Ids the references of a parameter name; `undefined` without that parameter. ANDed occurrences leave what all name. */
export function referenced(asked: Asked, names: readonly string[], type: string, base: string): string[] | undefined {
  const lists = names.flatMap((name) => valuesOf(asked, name)).map((values) => values.flatMap((value) => readReference(value, type, base) ?? []))
  const [first, ...rest] = lists
  return first?.filter((id) => rest.every((list) => list.includes(id)))
}

export const uuidsOnly = (ids: readonly string[] | undefined): string[] | undefined => ids?.filter(isUuid)

export interface ObservationFilter {
  readonly patientIds: readonly string[] | undefined
  readonly stayIds: readonly string[] | undefined
  readonly deviceIds: readonly string[] | undefined
  readonly ids: readonly string[] | undefined
  readonly range: TimeRange
  /** Whether a code is asked for at all. */
  readonly namesCodes: boolean
  /** Whether its codes and its category are asked for. */
  readonly isWanted: (what: Pick<Candidate, 'codings' | 'componentCodings' | 'category'>) => boolean
  readonly passes: (candidate: Candidate) => boolean
}

/** No device of ours measured earlier, and none may be further ahead of our clock than the bridge believes. */
const EARLIEST_MS = Date.UTC(2000, 0, 1)
const AHEAD_MS = 15 * 60_000

/** @throws AppError INVALID_REQUEST */
export function readFilter(asked: Asked, base: string, nowMs: number): ObservationFilter {
  const dates = valuesOf(asked, 'date').map((values) => values.map((value) => readDate(value, nowMs)))
  const updated = valuesOf(asked, '_lastUpdated').map((values) => values.map((value) => readDate(value, nowMs)))
  const codes = valuesOf(asked, 'code')
  const combos = valuesOf(asked, 'combo-code')
  const categories = valuesOf(asked, 'category')
  const statuses = valuesOf(asked, 'status')
  const ids = valuesOf(asked, '_id')
  const passesAll = (tests: readonly (readonly DateTest[])[], ms: number) => tests.every((some) => some.some((test) => passesDate(test, ms)))
  const isWanted: ObservationFilter['isWanted'] = (what) =>
    codes.every((values) => anyToken(values, what.codings)) &&
    combos.every((values) => anyToken(values, [...what.codings, ...what.componentCodings])) &&
    categories.every((values) => anyToken(values, [{ system: OBSERVATION_CATEGORY, code: what.category }]))
  return {
    patientIds: uuidsOnly(referenced(asked, ['patient', 'subject'], 'Patient', base)),
    stayIds: uuidsOnly(referenced(asked, ['encounter'], 'Encounter', base)),
    deviceIds: referenced(asked, ['device'], 'Device', base)?.map(fromFhirId),
    ids: ids[0]?.filter((id) => ids.every((list) => list.includes(id))),
    range: rangeOfAll(dates, nowMs),
    namesCodes: codes.length + combos.length > 0,
    isWanted,
    passes: (one) =>
      isWanted(one) && passesAll(dates, one.atMs) && passesAll(updated, one.updatedMs) &&
      statuses.every((values) => anyToken(values, [{ system: 'http://hl7.org/fhir/observation-status', code: one.isQuestionable ? 'preliminary' : 'final' }])),
  }
}

function rangeOfAll(dates: readonly (readonly DateTest[])[], nowMs: number): TimeRange {
  let [fromMs, toMs] = [EARLIEST_MS, nowMs + AHEAD_MS]
  for (const some of dates) {
    const ranges = some.map(rangeOfTest)
    fromMs = Math.max(fromMs, Math.min(...ranges.map((range) => range.fromMs)))
    toMs = Math.min(toMs, Math.max(...ranges.map((range) => range.toMs)))
  }
  return { fromMs, toMs }
}
