import Type, { type Static } from 'typebox'
import { IsoTime } from './schema.ts'

export const Resolution = Type.Union([Type.Literal('raw'), Type.Literal('1m'), Type.Literal('1h')])
export type Resolution = Static<typeof Resolution>

export const HistoryQuery = Type.Object(
  {
    signals: Type.Optional(Type.String({ maxLength: 300, description: 'Comma-separated short names; all that have data when absent' })),
    from: Type.Optional(Type.String({ maxLength: 40, description: 'ISO 8601 or milliseconds since the Unix epoch; default one hour before to' })),
    to: Type.Optional(Type.String({ maxLength: 40, description: 'ISO 8601 or milliseconds; default now' })),
    points: Type.Optional(Type.Integer({ minimum: 1, maximum: 20_000, description: 'Most points per series; default 1000' })),
    resolution: Type.Optional(Resolution),
  },
  { additionalProperties: false },
)
export type HistoryQuery = Static<typeof HistoryQuery>

/** `[t, value]` at `raw`, `[t, min, mean, max]` at `1m` and `1h`; t in ms since the Unix epoch. */
export const HistoryPoint = Type.Array(Type.Number(), { minItems: 2, maxItems: 4 })

export const History = Type.Object({
  from: IsoTime,
  to: IsoTime,
  resolution: Resolution,
  /** Milliseconds one point stands for: the sampling interval at `raw`, the bucket otherwise. */
  bucketMs: Type.Integer(),
  series: Type.Array(Type.Object({ signal: Type.String(), unit: Type.String(), display: Type.String(), points: Type.Array(HistoryPoint) })),
  gaps: Type.Array(Type.Tuple([Type.Number(), Type.Number()]), { description: 'Times without any sample, ms' }),
  completeness: Type.Object({ expected: Type.Integer(), received: Type.Integer(), missing: Type.Integer() }),
  /** Samples that arrived more than a minute after they were measured (backlog). */
  late: Type.Integer(),
  devices: Type.Array(Type.String()),
})
export type History = Static<typeof History>
