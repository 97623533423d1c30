import { AppError } from '@vigil/contract'
import { type Candidate, compareCandidates, type ObservationSource } from './candidate.ts'

/** Where a page ended: everything up to and including it was given out. */
export interface Position {
  readonly atMs: number
  readonly id: string
}

export interface ScanAsked {
  readonly sources: readonly ObservationSource[]
  readonly fromMs: number
  readonly toMs: number
  readonly descending: boolean
  readonly after: Position | undefined
  readonly count: number
  /** Devices that may speak at once: a stretch that holds a page of many is shorter than one of a single device. */
  readonly devices: number
  readonly passes: (candidate: Candidate) => boolean
}

export interface Scanned {
  readonly found: readonly Candidate[]
  readonly next: Position | undefined
}

/** Rows looked at for one page; a page that finds little in so much ends early and names where the next one goes on. */
export const ROWS_PER_PAGE = 200_000
const NARROWEST_MS = 1_000
/** Of a device that tells four things a second. */
const MS_PER_MATCH = 250
const WIDEST_MS = 3_600_000

/**
 * The next candidates in order, from the position on. Time is walked in stretches: the next instant that holds anything is
 * asked for first, so silence costs one question however long it is; stretches widen while they bring too little.
 */
export async function scan(asked: ScanAsked, budget = ROWS_PER_PAGE): Promise<Scanned> {
  const { count, passes } = asked
  const walk = new Walk(asked)
  const found: Candidate[] = []
  let looked = 0
  for (;;) {
    const stretch = await walk.next()
    if (!stretch) return { found, next: undefined }
    for (const candidate of stretch.candidates) {
      if (!passes(candidate)) continue
      found.push(candidate)
      // One more than the page shows that there is a next one.
      if (found.length > count) return { found: found.slice(0, count), next: positionOf(found[count - 1] as Candidate) }
    }
    looked += stretch.looked
    if (looked > budget) return { found, next: { atMs: stretch.edgeMs, id: '' } }
    walk.widen(found.length === 0 ? 8 : 2)
  }
}

/** How many there are. @throws AppError TOO_COSTLY */
export async function countAll(asked: Omit<ScanAsked, 'count' | 'after'>, budget: number): Promise<number> {
  const walk = new Walk({ ...asked, count: 0, after: undefined })
  let [total, looked] = [0, 0]
  for (;;) {
    const stretch = await walk.next()
    if (!stretch) return total
    total += stretch.candidates.filter(asked.passes).length
    looked += stretch.looked
    if (looked > budget) throw new AppError('TOO_COSTLY', 'There are too many measurements to count. Narrow the search by patient and date.')
    walk.widen(8)
  }
}

function positionOf({ atMs, id }: Candidate): Position {
  return { atMs, id }
}

interface Stretch {
  readonly candidates: readonly Candidate[]
  /** Where the next stretch begins: ascending its first instant, descending the first one that is not in it. */
  readonly edgeMs: number
  readonly looked: number
}

class Walk {
  readonly #asked: ScanAsked
  #fromMs: number
  #toMs: number
  #widthMs: number

  constructor(asked: ScanAsked) {
    const { after, descending, fromMs, toMs, count, devices } = asked
    this.#asked = asked
    this.#widthMs = Math.min(WIDEST_MS, Math.max(NARROWEST_MS, (count * MS_PER_MATCH) / Math.max(1, devices)))
    this.#fromMs = after && !descending ? Math.max(fromMs, after.atMs) : fromMs
    // The instant of the position may hold more; an empty id says that it does not.
    this.#toMs = after && descending ? Math.min(toMs, after.atMs + (after.id === '' ? 0 : 1)) : toMs
  }

  widen(factor: number): void {
    this.#widthMs = Math.min(this.#widthMs * factor, WIDEST_MS)
  }

  async next(): Promise<Stretch | undefined> {
    const { sources, descending, after } = this.#asked
    if (this.#fromMs >= this.#toMs) return undefined
    const edges: number[] = []
    for (const source of sources) edges.push((await source.edge(this.#fromMs, this.#toMs, descending)) ?? Number.NaN)
    const known = edges.filter((edge) => !Number.isNaN(edge))
    if (known.length === 0) return undefined
    const [fromMs, toMs] = this.#stretchAt(known)
    const candidates: Candidate[] = []
    let looked = 0
    for (const source of sources) {
      const some = await source.within(fromMs, toMs)
      for (const one of some) candidates.push(one)
      looked += some.length + source.rowsPerLook
    }
    candidates.sort(descending ? (a, b) => compareCandidates(b, a) : compareCandidates)
    if (descending) this.#toMs = fromMs
    else this.#fromMs = toMs
    const sign = descending ? -1 : 1
    const rest = after ? candidates.filter((one) => compareCandidates(one, after) * sign > 0) : candidates
    return { candidates: rest, edgeMs: descending ? fromMs : toMs, looked }
  }

  /** The next stretch to look at, from the instants the sources begin (or, backwards, end) at. */
  #stretchAt(edges: readonly number[]): [fromMs: number, toMs: number] {
    if (this.#asked.descending) {
      const at = Math.max(...edges)
      return [Math.max(this.#fromMs, at + 1 - this.#widthMs), Math.min(this.#toMs, at + 1)]
    }
    const at = Math.min(...edges)
    return [Math.max(this.#fromMs, at), Math.min(this.#toMs, at + this.#widthMs)]
  }
}
