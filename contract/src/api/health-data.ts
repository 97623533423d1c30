import Type, { type Static } from 'typebox'
import { IsoTime, Uuid } from './schema.ts'

/** A phone that may send for a person. */
export const HealthSource = Type.Object({
  id: Uuid,
  label: Type.String(),
  createdBy: Type.String(),
  createdAt: IsoTime,
  lastAt: Type.Optional(IsoTime),
  revokedAt: Type.Optional(IsoTime),
})
export type HealthSource = Static<typeof HealthSource>

export const HealthSourceList = Type.Object({ sources: Type.Array(HealthSource) })
export type HealthSourceList = Static<typeof HealthSourceList>

export const NewHealthSource = Type.Object(
  {
    label: Type.Optional(Type.String({ maxLength: 80, description: 'Which phone, e.g. "iPhone"' })),
  },
  { additionalProperties: false, description: 'A phone that may send for this person' },
)
export type NewHealthSource = Static<typeof NewHealthSource>

export const HealthSourceCreated = Type.Object({ ...HealthSource.properties, token: Type.String({ description: 'For `Authorization: Bearer`, `api-key` or `x-api-key`; it is in this answer and nowhere else' }) })
export type HealthSourceCreated = Static<typeof HealthSourceCreated>

/** What became of an import. */
export const HealthImportReport = Type.Object({
  stored: Type.Integer({ description: 'Rows that were not there before' }),
  changed: Type.Integer({ description: 'Rows replaced: the later export wins' }),
  unchanged: Type.Integer(),
  kept: Type.Integer({ description: 'Parts of a day that did not replace the whole day' }),
  refused: Type.Integer(),
  refusedBy: Type.Record(Type.String(), Type.Integer()),
  refusals: Type.Array(Type.Object({ what: Type.String(), why: Type.String() }), { description: 'The first of them' }),
  warnings: Type.Record(Type.String(), Type.Integer()),
  brokeOff: Type.Optional(Type.Object({ code: Type.String(), why: Type.String() }, { description: 'Why the rest was not read; what came before is stored' })),
})
export type HealthImportReport = Static<typeof HealthImportReport>

export const HealthImport = Type.Object({
  at: IsoTime,
  door: Type.Enum(['http', 'mqtt', 'file']),
  source: Type.Optional(Type.String()),
  head: Type.Record(Type.String(), Type.String()),
  report: Type.Optional(HealthImportReport),
})
export type HealthImport = Static<typeof HealthImport>
export const HealthImportList = Type.Object({ imports: Type.Array(HealthImport) })
export type HealthImportList = Static<typeof HealthImportList>

export const healthRanges = ['today', 'yesterday', '24h', '3d', 'week', 'custom'] as const
export const HealthRange = Type.Enum([...healthRanges])
export type HealthRange = Static<typeof HealthRange>

export const HealthQuery = Type.Object(
  {
    range: Type.Optional(HealthRange),
    from: Type.Optional(Type.String({ maxLength: 40, description: 'ISO 8601 or milliseconds; with `range=custom`' })),
    to: Type.Optional(Type.String({ maxLength: 40 })),
    metrics: Type.Optional(Type.String({ maxLength: 1_000, description: 'Comma-separated names; all that have data when absent' })),
  },
  { additionalProperties: false },
)
export type HealthQuery = Static<typeof HealthQuery>

export const HealthRow = Type.Object({
  t: Type.Number({ description: 'Beginning, ms since the Unix epoch' }),
  end: Type.Optional(Type.Number()),
  v: Type.Optional(Type.Number({ description: 'Absent is no value, never 0' })),
  low: Type.Optional(Type.Number()),
  high: Type.Optional(Type.Number()),
  parts: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
})
export type HealthRow = Static<typeof HealthRow>

export const HealthSeries = Type.Object({
  metric: Type.String(),
  display: Type.String(),
  unit: Type.String(),
  /** What the numbers of one row are: a total of its time, a mean of it, or one number for a day. */
  kind: Type.Enum(['total', 'mean', 'day', 'unknown']),
  aggregation: Type.String({ description: 'none, second, minute, hour, day, week, month, year' }),
  source: Type.String(),
  rows: Type.Array(HealthRow),
  summary: Type.Object({ count: Type.Integer(), low: Type.Optional(Type.Number()), mean: Type.Optional(Type.Number()), high: Type.Optional(Type.Number()), total: Type.Optional(Type.Number()) }),
})
export type HealthSeries = Static<typeof HealthSeries>

export const HealthHappening = Type.Object({ kind: Type.String(), start: Type.Number(), end: Type.Optional(Type.Number()), name: Type.String(), source: Type.String(), detail: Type.Record(Type.String(), Type.Unknown()) })
export type HealthHappening = Static<typeof HealthHappening>

/** What a person's phone and watch told. Not measured at the bedside, and shown as what it is. */
export const HealthData = Type.Object({
  from: IsoTime,
  to: IsoTime,
  /** Minutes east of UTC the days of the ranges go by. */
  offsetMinutes: Type.Integer(),
  origin: Type.Literal('Apple Health'),
  syncedAt: Type.Optional(IsoTime),
  series: Type.Array(HealthSeries),
  events: Type.Array(HealthHappening),
  /** More rows than one answer holds: ask for a shorter range. */
  truncated: Type.Boolean(),
})
export type HealthData = Static<typeof HealthData>
