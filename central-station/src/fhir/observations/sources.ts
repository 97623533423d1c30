import { clip } from '../../history/spans.ts'
import { news2Codings, news2Id, news2ObservationOf, type News2Facts } from '../resources/news2-observation.ts'
import { codingsOf, observationGroups, type ObservationGroup } from '../resources/observation-groups.ts'
import { observationOf, type SampleFacts, sampleId, saysAnything } from '../resources/observation.ts'
import { typedId, typedObservationOf, type TypedFacts, typedParts } from '../resources/typed-observation.ts'
import type { ObservationStore, OwnedSpan } from '../store/sample-source.ts'
import type { Candidate, ObservationSource } from './candidate.ts'

/** Rows a look at one span costs beside those it finds. */
const SPAN_COST = 20

/** What devices measured while they watched somebody. */
export function sampleSource(store: ObservationStore, spans: readonly OwnedSpan[], groups: readonly ObservationGroup[] = observationGroups): ObservationSource {
  const wanted = groups.map((group) => ({ group, components: group.isPanel ? group.signals.flatMap(codingsOf) : [] }))
  return {
    rowsPerLook: spans.length * SPAN_COST,
    edge: (fromMs, toMs, descending) => store.edge(clip(spans, fromMs, toMs), descending),
    async within(fromMs, toMs) {
      const found: Candidate[] = []
      for (const span of clip(spans, fromMs, toMs) as OwnedSpan[]) {
        for (const sample of await store.rows(span)) for (const { group, components } of wanted) if (saysAnything(group, sample)) found.push(measured(group, sample, span, components))
      }
      return found
    },
  }
}

function measured(group: ObservationGroup, sample: SampleFacts, owner: OwnedSpan, componentCodings: Candidate['componentCodings']): Candidate {
  return {
    atMs: sample.atMs,
    id: sampleId(sample, group.key),
    key: group.key,
    codings: group.codings,
    componentCodings,
    category: group.category,
    updatedMs: sample.receivedMs,
    isQuestionable: group.signals.some(({ name }) => sample.questions[name] !== undefined),
    build: () => observationOf(group, sample, owner),
  }
}

/** What people entered. `stayIds` undefined: of everybody. */
export function typedSource(store: ObservationStore, stayIds: readonly string[] | undefined): ObservationSource {
  return {
    rowsPerLook: SPAN_COST,
    edge: (fromMs, toMs, descending) => store.typedEdge(stayIds, { fromMs, toMs }, descending),
    within: async (fromMs, toMs) => (await store.typed(stayIds, fromMs, toMs)).flatMap(typedCandidates),
  }
}

function typedCandidates(typed: TypedFacts): Candidate[] {
  return typedParts
    .filter(({ part }) => typed.seen[part] !== undefined && typed.seen[part] !== null)
    .map((part): Candidate => ({
      atMs: typed.atMs, id: typedId(typed.id, part.part), key: part.key, codings: part.codings, componentCodings: [], category: part.category, updatedMs: typed.enteredMs, isQuestionable: false,
      build: () => typedObservationOf(part, typed),
    }))
}

/** The scores as they are now. */
export function news2Source(scores: readonly News2Facts[]): ObservationSource {
  const candidates = scores.map((facts): Candidate => {
    const atMs = Date.parse(facts.score.at)
    return { atMs, id: news2Id(facts.stayId), key: 'news2', codings: news2Codings, componentCodings: [], category: 'survey', updatedMs: atMs, isQuestionable: !facts.score.complete, build: () => news2ObservationOf(facts) }
  })
  const inside = (fromMs: number, toMs: number) => candidates.filter(({ atMs }) => atMs >= fromMs && atMs < toMs)
  return {
    rowsPerLook: 0,
    async edge(fromMs, toMs, descending) {
      const times = inside(fromMs, toMs).map(({ atMs }) => atMs)
      return times.length === 0 ? undefined : descending ? Math.max(...times) : Math.min(...times)
    },
    within: async (fromMs, toMs) => inside(fromMs, toMs),
  }
}
