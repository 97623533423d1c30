import Type, { type Static } from 'typebox'
import { waveChannels } from '../topics.ts'
import { IsoTime } from './schema.ts'

export const WaveformQuery = Type.Object(
  {
    channel: Type.Enum([...waveChannels]),
    from: Type.Optional(Type.String({ maxLength: 40, description: 'ISO 8601 or milliseconds since the Unix epoch; default a minute before to' })),
    to: Type.Optional(Type.String({ maxLength: 40, description: 'ISO 8601 or milliseconds; default now' })),
    points: Type.Optional(Type.Integer({ minimum: 2, maximum: 100_000, description: 'Most values in the answer; default 10000. More samples than that are told as minimum and maximum of equal steps' })),
  },
  { additionalProperties: false },
)
export type WaveformQuery = Static<typeof WaveformQuery>

/** Samples without a break. */
export const WaveRun = Type.Object({
  device: Type.String(),
  /** Of the first value, ms since the Unix epoch, with fractions. */
  t: Type.Number(),
  /** Milliseconds from one value to the next. */
  stepMs: Type.Number(),
  /** At `raw`; null where the device says that a sample could not be had. */
  values: Type.Optional(Type.Array(Type.Union([Type.Number(), Type.Null()]))),
  /** At `minmax`, a pair for each step. */
  min: Type.Optional(Type.Array(Type.Union([Type.Number(), Type.Null()]))),
  max: Type.Optional(Type.Array(Type.Union([Type.Number(), Type.Null()]))),
})
export type WaveRun = Static<typeof WaveRun>

export const Waveforms = Type.Object({
  from: IsoTime,
  to: IsoTime,
  channel: Type.Enum([...waveChannels]),
  /** UCUM. */
  unit: Type.String(),
  resolution: Type.Enum(['raw', 'minmax']),
  runs: Type.Array(WaveRun),
  gaps: Type.Array(Type.Tuple([Type.Number(), Type.Number()]), { description: 'Times without any stored sample, ms' }),
  devices: Type.Array(Type.String()),
})
export type Waveforms = Static<typeof Waveforms>
