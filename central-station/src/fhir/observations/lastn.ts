import { clip, HOUR_MS } from '../../history/spans.ts'
import type { ObservationGroup } from '../resources/observation-groups.ts'
import type { ObservationStore, OwnedSpan } from '../store/sample-source.ts'
import { type Candidate, compareCandidates, type ObservationSource } from './candidate.ts'
import type { ObservationFilter } from './filter.ts'
import { sampleSource } from './sources.ts'

export interface NewestAsked {
  readonly store: ObservationStore
  readonly spans: readonly OwnedSpan[]
  readonly groups: readonly ObservationGroup[]
  readonly sources: readonly ObservationSource[]
  readonly filter: ObservationFilter
  readonly max: number
}

/** A cuff that measures every few hours is found through the roll-ups; what a sensor says now, in the last stretch of its data. */
const LAST_STRETCH_MS = 5 * 60_000

/**
 * The newest `max` of each code, newest first; systolic, diastolic and mean count as one. An absence is newest too: a sensor
 * that says it has nothing is not passed over for what it once had.
 */
export async function newestOfEach(asked: NewestAsked): Promise<readonly Candidate[]> {
  const { store, spans, groups, sources, filter, max } = asked
  const best = new Best(max)
  const { fromMs, toMs } = filter.range
  const look = async (source: ObservationSource, from: number, to: number) => {
    for (const one of await source.within(from, to)) if (filter.passes(one)) best.add(one)
  }
  const [measured, ...others] = sources
  const edge = await measured?.edge(fromMs, toMs, true)
  if (measured && edge !== undefined) await look(measured, Math.max(fromMs, edge - LAST_STRETCH_MS), toMs)
  // Full means full of the newest here; what people entered comes afterwards, so that it fills nothing up.
  const lacking = groups.filter((group) => !best.isFull(group.key))
  const codes = lacking.flatMap((group) => group.signals.map(({ code }) => code))
  for (const span of clip(spans, fromMs, toMs) as OwnedSpan[]) {
    const source = sampleSource(store, [span], lacking)
    for (const hourMs of await store.hoursWith(span, codes, max)) await look(source, Math.max(fromMs, hourMs), Math.min(toMs, hourMs + HOUR_MS))
  }
  for (const source of others) if ((await source.edge(fromMs, toMs, true)) !== undefined) await look(source, fromMs, toMs)
  return best.all()
}

/** The newest few of each key; the same one twice counts once. */
class Best {
  readonly #max: number
  readonly #byKey = new Map<string, Map<string, Candidate>>()

  constructor(max: number) {
    this.#max = max
  }

  isFull(key: string): boolean {
    return (this.#byKey.get(key)?.size ?? 0) >= this.#max
  }

  add(one: Candidate): void {
    const known = this.#byKey.get(one.key) ?? new Map<string, Candidate>()
    known.set(one.id, one)
    if (known.size > this.#max) {
      const [oldest] = [...known.values()].sort(compareCandidates)
      known.delete(oldest?.id ?? '')
    }
    this.#byKey.set(one.key, known)
  }

  all(): Candidate[] {
    return [...this.#byKey].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, known]) => [...known.values()].sort((a, b) => compareCandidates(b, a)))
  }
}
