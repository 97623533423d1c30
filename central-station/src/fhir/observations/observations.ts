import { AppError, type News2Now, type WardScope } from '@vigil/contract'
import type { Asking, FhirType, Page } from '../fhir-type.ts'
import { type News2Facts, news2ObservationOf, parseNews2Id } from '../resources/news2-observation.ts'
import { codingsOf, observationGroups, type ObservationGroup } from '../resources/observation-groups.ts'
import { observationOf, parseSampleId } from '../resources/observation.ts'
import type { FhirResource } from '../resources/resource.ts'
import { parseTypedId, typedObservationOf } from '../resources/typed-observation.ts'
import { seesWard } from '../../people/caller.ts'
import type { Registry } from '../../registry/registry.ts'
import type { StayFact } from '../../registry/world.ts'
import { type Asked, wrong } from '../search/asked.ts'
import type { Cursor } from '../search/cursor.ts'
import type { ObservationStore, OwnedSpan } from '../store/sample-source.ts'
import type { Candidate, ObservationSource } from './candidate.ts'
import { observationParams, type ObservationFilter, readFilter } from './filter.ts'
import { newestOfEach } from './lastn.ts'
import { countAll, scan } from './scan.ts'
import { news2Source, sampleSource, typedSource } from './sources.ts'
import { readWave, wantedChannels, waveSource } from './wave-source.ts'

export interface ObservationsOptions {
  readonly store: ObservationStore
  readonly registry: Registry
  /** What the alarm engine last said. */
  readonly news2Of: (stayId: string) => News2Now | undefined
}

/** More stretches of monitoring than this in one search are not walked. */
const MOST_SPANS = 2_000
const ROWS_PER_COUNT = 3_000_000

export interface Observations extends FhirType {
  /** The newest of each code, newest first (R4 operation `$lastn`). @throws AppError INVALID_REQUEST, TOO_COSTLY */
  lastn(asked: Asked, max: number, asking: Asking): Promise<readonly FhirResource[]>
}

export function createObservations({ store, registry, news2Of }: ObservationsOptions): Observations {
  const scoreOf = (stay: StayFact): News2Facts[] => {
    const score = news2Of(stay.id)
    return score ? [{ stayId: stay.id, patientId: stay.patient.id, isTest: stay.patient.mode !== 'real', score }] : []
  }
  const read = async (id: string, asking: Asking): Promise<FhirResource | undefined> => {
    const stored = await readStored(store, id, asking.wards)
    if (stored) return stored
    const stay = registry.now().stays.get(parseNews2Id(id) ?? '')
    const [score] = stay && sees(stay, asking.wards) ? scoreOf(stay) : []
    return score && news2ObservationOf(score)
  }
  const partsOf = async (filter: ObservationFilter, { wards }: Asking): Promise<Parts> => {
    const { patientIds, stayIds, deviceIds, range } = filter
    const spans = await store.owners({ wards, patientIds, stayIds, deviceIds, ...range }, MOST_SPANS)
    if (!spans) throw new AppError('TOO_COSTLY', 'Too many stays are in question. Narrow the search by patient, encounter, device or date.')
    const groups = wantedGroups(filter)
    // A person is no device.
    if (deviceIds) return { spans, groups, sources: [sampleSource(store, spans, groups)] }
    const typedOf = patientIds || stayIds || wards ? await store.stays({ wards, patientIds, stayIds }) : undefined
    const scored = registry.now().world.stays.filter((stay) => sees(stay, wards) && (!patientIds || patientIds.includes(stay.patient.id)) && (!stayIds || stayIds.includes(stay.id)))
    return { spans, groups, sources: [sampleSource(store, spans, groups), typedSource(store, typedOf), news2Source(scored.flatMap(scoreOf))] }
  }
  const search = async (asked: Asked, cursor: Cursor | undefined, asking: Asking): Promise<Page> => {
    const filter = readFilter(asked, asking.base, asking.nowMs)
    if (filter.ids) return byIds(filter, asked, (id) => read(id, asking))
    const { sources: others, spans } = await partsOf(filter, asking)
    const channels = wantedChannels(filter)
    const sources = channels.length === 0 ? others : [...others, waveSource(store, spans, channels)]
    const walking = { sources, devices: spans.length, ...filter.range, descending: asked.sort?.descending ?? true, passes: filter.passes }
    const total = asked.isTotalWanted || asked.summary === 'count' ? await countAll(walking, ROWS_PER_COUNT) : undefined
    if (asked.summary === 'count') return { matches: [], total }
    const { found, next } = await scan({ ...walking, after: cursor && { atMs: positionMs(cursor), id: cursor.id }, count: asked.count })
    return { matches: found.flatMap((one) => one.build() ?? []), next: next && { key: String(next.atMs), id: next.id }, total }
  }
  return {
    type: 'Observation',
    permission: 'history:read',
    params: observationParams,
    sorts: ['date'],
    includes: ['Observation:patient', 'Observation:subject', 'Observation:encounter', 'Observation:device'],
    revincludes: [],
    profiles: [...new Set(observationGroups.flatMap((group) => group.profile ?? []))],
    read,
    search,
    async lastn(asked, max, asking) {
      const filter = readFilter(asked, asking.base, asking.nowMs)
      const parts = await partsOf(filter, asking)
      return (await newestOfEach({ ...parts, store, filter, max })).flatMap((one) => one.build() ?? [])
    },
  }
}

/** What stands in the database under a name: a row, an entry, or ten seconds of a waveform. */
async function readStored(store: ObservationStore, id: string, wards: WardScope): Promise<FhirResource | undefined> {
  const name = parseSampleId(id)
  if (name) {
    const found = await store.row(name, wards)
    return found && observationOf(name.group, found.sample, found.owner)
  }
  const typed = parseTypedId(id)
  if (!typed) return readWave(store, id, wards)
  const facts = await store.typedById(typed.id, wards)
  return facts && typedObservationOf(typed.part, facts)
}

const sees = (stay: StayFact, wards: WardScope) => seesWard({ wards }, stay.wardId)

export interface Parts {
  readonly spans: readonly OwnedSpan[]
  readonly groups: readonly ObservationGroup[]
  readonly sources: readonly ObservationSource[]
}

/** Groups the code and category of the search can match at all, so that nothing else is looked for. */
function wantedGroups({ isWanted }: ObservationFilter): readonly ObservationGroup[] {
  return observationGroups.filter(({ codings, category, signals }) => isWanted({ codings, category, componentCodings: signals.flatMap(codingsOf) }))
}

/** By name: few, and read one by one. */
async function byIds(filter: ObservationFilter, asked: Asked, read: (id: string) => Promise<FhirResource | undefined>): Promise<Page> {
  const found: FhirResource[] = []
  for (const id of filter.ids ?? []) {
    const resource = await read(id)
    if (resource && fits(resource, filter)) found.push(resource)
  }
  return { matches: asked.summary === 'count' ? [] : found, total: found.length }
}

/** The other conditions of a search by id, on the resource itself. */
function fits(resource: FhirResource, { patientIds, stayIds, deviceIds, range, passes }: ObservationFilter): boolean {
  const names = (element: string, ids: readonly string[] | undefined, toId = (id: string) => id) => !ids || ids.some((id) => (resource[element] as { reference?: string } | undefined)?.reference?.split('/')[1] === toId(id))
  const { effectiveDateTime, effectivePeriod } = resource as { readonly effectiveDateTime?: string; readonly effectivePeriod?: { readonly start: string } }
  const atMs = Date.parse(effectiveDateTime ?? effectivePeriod?.start ?? '')
  const code = resource['code'] as { coding: Candidate['codings'] }
  const components = (resource['component'] ?? []) as readonly { code: { coding: Candidate['codings'] } }[]
  const [{ coding: [category] }] = resource['category'] as [{ coding: [{ code: string }] }]
  return (
    names('subject', patientIds) && names('encounter', stayIds) && names('device', deviceIds, (id) => id.replaceAll('_', '.')) && atMs >= range.fromMs && atMs < range.toMs &&
    passes({ atMs, id: resource.id, key: '', codings: code.coding, componentCodings: components.flatMap((one) => one.code.coding), category: category.code, updatedMs: Date.parse(resource.meta.lastUpdated), isQuestionable: resource['status'] === 'preliminary', build: () => resource })
  )
}

function positionMs({ key }: Cursor): number {
  const ms = Number(key)
  if (!Number.isFinite(ms)) throw wrong('_cursor cannot be read. Follow the next link of a page as it is.')
  return ms
}

