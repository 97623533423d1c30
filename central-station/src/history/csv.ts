import { type Clock, type HistoryQuery, type Resolution, signalByName, type SignalName } from '@vigil/contract'
import { iso } from '../iso.ts'
import type { HistorySubject } from './history.ts'
import { type HistoryQuestion, readQuestion } from './history-question.ts'
import type { Completeness, HistoryStore, Point } from './history-store.ts'
import { chooseResolution, tooManySamples } from './resolution.ts'
import { slicesOf } from './slices.ts'
import { clip, HOUR_MS, MINUTE_MS, type Span } from './spans.ts'

/** What the first lines of a file say besides the data. */
export interface CsvHeading {
  /** Whose values these are, by id and hospital number; never a name. */
  readonly about: readonly string[]
  readonly exportedBy: string
}

export interface CsvExport {
  readonly resolution: Resolution
  readonly fromMs: number
  readonly toMs: number
  readonly lines: AsyncIterable<string>
}

export interface CsvService {
  /** Every sample, or every bucket of the resolution asked for. @throws AppError INVALID_RANGE, UNKNOWN_SIGNAL, TOO_MANY_POINTS, DATABASE_AWAY */
  export(subject: HistorySubject, query: HistoryQuery, heading: CsvHeading): Promise<CsvExport>
}

const MOST_ROWS = 5_000_000
const BASE_MS = { '1m': MINUTE_MS, '1h': HOUR_MS } as const
/** RFC 4180. */
const EOL = '\r\n'
const PAGE_SAMPLES = 20_000

export function createCsv({ store, clock }: { store: HistoryStore; clock: Clock }): CsvService {
  return {
    async export(subject, query, heading) {
      const question = readQuestion(query, clock)
      const spans = clip(subject.spans, question.fromMs, question.toMs)
      const resolution = query.resolution ?? 'raw'
      const completeness = await store.completeness(spans)
      if (resolution === 'raw' && completeness.received > MOST_ROWS) throw tooManySamples(completeness.received, MOST_ROWS)
      if (resolution !== 'raw') chooseResolution({ ...question, received: 0, asked: resolution })
      const names = question.signals?.map((signal) => signal.name) ?? (await signalsIn(store, spans, question))
      const top = headingLines(question, { heading, resolution, names, completeness, exportedAtMs: clock.now() })
      const rows = resolution === 'raw' ? sampleRows(store, spans, names) : bucketRows(store, spans, { names, resolution, fromMs: question.fromMs })
      return { resolution, fromMs: question.fromMs, toMs: question.toMs, lines: withEnd(top, rows) }
    },
  }
}

async function signalsIn(store: HistoryStore, spans: readonly Span[], { fromMs, toMs }: HistoryQuestion): Promise<SignalName[]> {
  return [...(await store.buckets(spans, undefined, 'rollup_1h', toMs - fromMs, fromMs)).keys()]
}

interface Top {
  readonly heading: CsvHeading
  readonly resolution: Resolution
  readonly names: readonly SignalName[]
  readonly completeness: Completeness
  readonly exportedAtMs: number
}

function headingLines({ fromMs, toMs }: HistoryQuestion, { heading, resolution, names, completeness, exportedAtMs }: Top): string[] {
  const columns = resolution === 'raw' ? ['time', 'device', ...names] : ['time', ...names.flatMap((name) => [`${name} min`, `${name} mean`, `${name} max`])]
  return [
    '# Vigil history export. Not a certified medical record.',
    ...heading.about.map((line) => `# ${oneLine(line)}`),
    `# exported by ${oneLine(heading.exportedBy)} at ${iso(exportedAtMs)}`,
    `# from ${iso(fromMs)} until before ${iso(toMs)}, times in UTC`,
    `# resolution ${resolution}${resolution === 'raw' ? ': every sample' : ': minimum, mean and maximum of each'}`,
    `# units ${names.map((name) => `${name} ${signalByName(name)?.ucum}`).join(', ')}`,
    `# expected ${completeness.expected}, received ${completeness.received}, missing ${completeness.missing}`,
    columns.join(','),
  ]
}

async function* withEnd(top: readonly string[], rows: AsyncIterable<string>): AsyncGenerator<string> {
  yield top.join(EOL) + EOL
  let count = 0
  let page = ''
  for await (const row of rows) {
    page += row + EOL
    if (++count % 1_000 === 0) {
      yield page
      page = ''
    }
  }
  // A file without this line is not whole.
  yield `${page}# end, ${count} rows${EOL}`
}

async function* sampleRows(store: HistoryStore, spans: readonly Span[], names: readonly SignalName[]): AsyncGenerator<string> {
  const signals = names.flatMap((name) => signalByName(name) ?? [])
  for (const span of spans) {
    for await (const { page } of slicesOf(span, { most: PAGE_SAMPLES, read: (slice, most) => store.raw(slice, signals, most), countOf: ({ times }) => times.length })) {
      const columns = names.map((name) => page.columns.get(name) ?? new Float64Array(page.times.length).fill(Number.NaN))
      for (const [i, t] of page.times.entries()) yield [iso(t), span.deviceId, ...columns.map((values) => (Number.isNaN(values[i]) ? '' : values[i]))].join(',')
    }
  }
}

async function* bucketRows(store: HistoryStore, spans: readonly Span[], asked: { names: readonly SignalName[]; resolution: '1m' | '1h'; fromMs: number }): AsyncGenerator<string> {
  const signals = asked.names.flatMap((name) => signalByName(name) ?? [])
  const series = await store.buckets(spans, signals, `rollup_${asked.resolution}`, BASE_MS[asked.resolution], asked.fromMs)
  const byTime = new Map<number, Map<SignalName, Point>>()
  for (const [name, points] of series) {
    for (const point of points) {
      const t = point[0] as number
      const row = byTime.get(t) ?? new Map<SignalName, Point>()
      byTime.set(t, row.set(name, point))
    }
  }
  for (const [t, row] of [...byTime].sort(([a], [b]) => a - b)) {
    yield [iso(t), ...asked.names.map((name) => row.get(name)?.slice(1).join(',') ?? ',,')].join(',')
  }
}

/** A number that came with a line break would begin a line of its own, which a spreadsheet may take for a formula. */
function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ')
}
