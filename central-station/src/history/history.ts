import { AppError, type Clock, type History, type HistoryQuery, type Resolution, signalByName, type SignalName, type Stay } from '@vigil/contract'
import { iso } from '../iso.ts'
import type { Registry } from '../registry/registry.ts'
import { type Gap, GAP_STEPS, gapsBetween, joinGaps, medianStep, refine, type Surroundings, uncovered } from './gaps.ts'
import { type HistoryQuestion, readQuestion } from './history-question.ts'
import type { HistoryStore, Point, RawSamples } from './history-store.ts'
import { bucketWidth, chooseResolution, MOST_RAW, tooManySamples } from './resolution.ts'
import { clip, HOUR_MS, MINUTE_MS, type Span } from './spans.ts'

/** Whose history: the spans whose samples count, and the time in which their absence is a gap. */
export interface HistorySubject {
  readonly spans: readonly Span[]
  readonly fromMs: number
  readonly toMs: number
}

export interface HistoryService {
  /** @throws AppError INVALID_RANGE, UNKNOWN_SIGNAL, TOO_MANY_POINTS, DATABASE_AWAY */
  read(subject: HistorySubject, query: HistoryQuery): Promise<History>
  /** A device from its registration on. @throws AppError NOT_FOUND */
  ofDevice(deviceId: string): HistorySubject
  /** The union of a stay's monitoring intervals: never a sample of the patient before or after. */
  ofStay(stay: Stay): HistorySubject
}

export interface HistoryOptions {
  readonly store: HistoryStore
  readonly registry: Registry
  readonly clock: Clock
  /** Interval a device reports with now: used when the range holds too few samples to tell. */
  readonly intervalOf: (deviceId: string) => number
}

const BASE_MS = { '1m': MINUTE_MS, '1h': HOUR_MS } as const
/** Gaps shorter than a day's worth of hours are looked for in minutes up to this range, beyond it in hours. */
const MINUTE_GAPS_UP_TO_MS = 40 * 24 * HOUR_MS
/** More empty stretches than this are told to the bucket instead of to the sample. */
const REFINED_GAPS = 500

interface Read {
  readonly resolution: Resolution
  readonly bucketMs: number
  readonly series: ReadonlyMap<SignalName, readonly Point[]>
  readonly gaps: readonly Gap[]
}

export function createHistory(options: HistoryOptions): HistoryService {
  const { store, registry, clock } = options
  const deviceNo = (id: string): number => {
    const device = registry.now().devices.get(id)
    if (!device) throw new AppError('NOT_FOUND', `There is no device ${id}.`)
    return device.no
  }
  return {
    async read(subject, query) {
      const question = readQuestion(query, clock)
      const reader = new Reader(options, subject, question)
      // What does not need another's answer is asked beside it, on a connection of its own.
      const [{ completeness, read }, late] = await Promise.all([reader.read(), store.late(reader.spans)])
      return {
        from: iso(question.fromMs),
        to: iso(question.toMs),
        resolution: read.resolution,
        bucketMs: read.bucketMs,
        series: toSeries(question, read.series),
        gaps: read.gaps.map(([from, to]): [number, number] => [from, to]),
        completeness,
        late,
        devices: [...new Set(reader.spans.map((span) => span.deviceId))],
      }
    },
    ofDevice: (id) => ({ spans: [{ deviceNo: deviceNo(id), deviceId: id, fromMs: -Infinity, toMs: Infinity }], fromMs: -Infinity, toMs: Infinity }),
    ofStay: (stay) => ({
      spans: stay.monitoring.map(({ deviceId, from, to }) => ({ deviceNo: deviceNo(deviceId), deviceId, fromMs: Date.parse(from), toMs: to === undefined ? Infinity : Date.parse(to) })),
      fromMs: Date.parse(stay.admittedAt),
      toMs: stay.dischargedAt === undefined ? Infinity : Date.parse(stay.dischargedAt),
    }),
  }
}

/** One question being answered. */
class Reader {
  readonly spans: readonly Span[]
  readonly #options: HistoryOptions
  readonly #question: HistoryQuestion
  /** Where silence is a gap: inside the stay, and not in the future. */
  readonly #within: Gap

  constructor(options: HistoryOptions, subject: HistorySubject, question: HistoryQuestion) {
    this.#options = options
    this.#question = question
    this.spans = clip(subject.spans, question.fromMs, question.toMs)
    this.#within = [Math.max(question.fromMs, subject.fromMs), Math.min(question.toMs, subject.toMs, options.clock.now())]
  }

  async read() {
    const completeness = await this.#options.store.completeness(this.spans)
    const resolution = chooseResolution({ ...this.#question, received: completeness.received, asked: this.#question.resolution })
    const raw = resolution === 'raw' ? await this.#readRaw() : undefined
    if (!raw && this.#question.resolution === 'raw') throw tooManySamples(MOST_RAW, MOST_RAW)
    // Raw samples are kept for less long than their roll-ups, and objects counted are not all samples.
    const useRaw = raw && (this.#question.resolution === 'raw' || raw.series.size > 0)
    return { completeness, read: useRaw ? raw : await this.#readRollUps(resolution === 'raw' ? this.#coarser() : resolution, raw) }
  }

  #coarser(): '1m' | '1h' {
    const { fromMs, toMs, points, pointsAsked } = this.#question
    return chooseResolution({ fromMs, toMs, points, pointsAsked, received: Infinity, asked: undefined }) as '1m' | '1h'
  }

  async #readRaw(): Promise<Read | undefined> {
    const { signals, points, resolution } = this.#question
    const limit = resolution === 'raw' ? MOST_RAW : Math.min(points, MOST_RAW)
    const found: RawSamples[] = []
    let room = limit
    for (const span of this.spans) {
      const samples = await this.#options.store.raw(span, signals, room)
      if (!samples) return undefined
      room -= samples.times.length
      found.push(samples)
    }
    const stepMs = this.#stepOf(found.map((samples) => samples.times))
    const series = new Map<SignalName, Point[]>()
    for (const { times, columns } of found) {
      for (const [name, values] of columns) {
        const points = series.get(name) ?? []
        for (const [i, v] of values.entries()) if (!Number.isNaN(v)) points.push([times[i] as number, v])
        if (points.length > 0) series.set(name, points)
      }
    }
    const gaps = this.spans.flatMap((span, i) => gapsBetween(found[i]?.times ?? new Float64Array(), span.fromMs, Math.min(span.toMs, this.#within[1]), stepMs))
    return { resolution: 'raw', bucketMs: Math.max(1, Math.round(stepMs)), series, gaps: this.#withUnwatched(gaps) }
  }

  async #readRollUps(resolution: '1m' | '1h', raw: Read | undefined): Promise<Read> {
    const { fromMs, toMs, points, signals } = this.#question
    const bucketMs = bucketWidth(BASE_MS[resolution], fromMs, toMs, points)
    const [series, gaps] = await Promise.all([this.#options.store.buckets(this.spans, signals, `rollup_${resolution}`, bucketMs, fromMs), this.#gaps()])
    if (raw && series.size === 0) return raw
    return { resolution, bucketMs, series, gaps: this.#withUnwatched(gaps) }
  }

  async #gaps(): Promise<Gap[]> {
    const edges: Float64Array[] = []
    const runs: (readonly Gap[])[] = []
    for (const span of this.spans) {
      const [times, covered] = await Promise.all([this.#options.store.edgeTimes(span), this.#options.store.coveredRuns(span, this.#gapSource(span))])
      edges.push(...times)
      runs.push(covered)
    }
    const stepMs = this.#stepOf(edges)
    const gaps: Gap[] = []
    for (const [i, span] of this.spans.entries()) gaps.push(...(await this.#gapsOf(span, runs[i] as readonly Gap[], stepMs)))
    return gaps
  }

  #gapSource({ fromMs, toMs }: Span): 'rollup_1m' | 'rollup_1h' {
    return Math.min(toMs, this.#within[1]) - fromMs > MINUTE_GAPS_UP_TO_MS ? 'rollup_1h' : 'rollup_1m'
  }

  /** Empty buckets first, then each to the sample. A silence shorter than a bucket does not show: `missing` tells of it. */
  async #gapsOf(span: Span, covered: readonly Gap[], stepMs: number): Promise<Gap[]> {
    const [, untilMs] = this.#within
    const [fromMs, toMs] = [span.fromMs, Math.min(span.toMs, untilMs)]
    if (fromMs >= toMs) return []
    const source = this.#gapSource(span)
    const empty = uncovered(covered, fromMs, toMs)
    if (empty.length > REFINED_GAPS) return empty.filter(([from, to]) => to - from > GAP_STEPS * stepMs)
    const reachMs = source === 'rollup_1h' ? HOUR_MS : MINUTE_MS
    const around = await this.#options.store.surroundings({ ...span, toMs }, empty, reachMs, GAP_STEPS * stepMs)
    return empty.flatMap((stretch, i) => refine(stretch, around[i] as Surroundings, { within: [fromMs, toMs], reachMs, stepMs }))
  }

  #stepOf(times: readonly Float64Array[]): number {
    const [first] = this.spans
    return medianStep(times) ?? (first ? this.#options.intervalOf(first.deviceId) : MINUTE_MS)
  }

  /** Time of the stay in which no device was linked is without samples too. */
  #withUnwatched(gaps: readonly Gap[]): Gap[] {
    const [fromMs, toMs] = this.#within
    const watched = this.spans.map((span): Gap => [span.fromMs, span.toMs])
    return joinGaps([...gaps, ...(fromMs < toMs ? uncovered(watched, fromMs, toMs) : [])], new Set(watched.flat()))
  }
}

function toSeries(question: HistoryQuestion, found: ReadonlyMap<SignalName, readonly Point[]>): History['series'] {
  const names = question.signals?.map((signal) => signal.name) ?? [...found.keys()]
  return names.map((name) => ({ signal: name, unit: signalByName(name)?.ucum ?? '', display: signalByName(name)?.display ?? name, points: [...(found.get(name) ?? [])] }))
}
