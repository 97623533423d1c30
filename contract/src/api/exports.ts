import Type, { type Static } from 'typebox'
import { IsoTime, Name, Uuid } from './schema.ts'

export const exportFormats = ['csv', 'ndjson'] as const
export const exportStates = ['waiting', 'running', 'done', 'failed', 'cancelled'] as const

const names = (item: typeof Name, description: string) => Type.Optional(Type.Array(item, { maxItems: 200, uniqueItems: true, description }))

export const NewExport = Type.Object(
  {
    format: Type.Enum([...exportFormats]),
    beds: names(Name, 'Every stay in these beds, while it was in them'),
    stays: names(Uuid, 'Stays, whichever devices watched them'),
    devices: names(Name, 'Devices, whoever they watched'),
    signals: Type.Optional(Type.Array(Type.String({ maxLength: 32 }), { maxItems: 100, uniqueItems: true, description: 'Short names; all that were measured when absent' })),
    from: Type.String({ maxLength: 40, description: 'ISO 8601 or milliseconds since the Unix epoch' }),
    to: Type.String({ maxLength: 40, description: 'Likewise, exclusive' }),
    gzip: Type.Optional(Type.Boolean({ description: 'Packed; default true' })),
  },
  { additionalProperties: false, description: 'Every value of a choice as a file, made in the background' },
)
export type NewExport = Static<typeof NewExport>

export const ExportJob = Type.Object({
  id: Uuid,
  format: Type.Enum([...exportFormats]),
  gzip: Type.Boolean(),
  beds: Type.Array(Name),
  stays: Type.Array(Uuid),
  devices: Type.Array(Name),
  signals: Type.Array(Type.String()),
  from: IsoTime,
  to: IsoTime,
  state: Type.Enum([...exportStates]),
  samples: Type.Integer({ description: 'Read so far' }),
  rows: Type.Integer({ description: 'Lines of data written so far: one for each value' }),
  share: Type.Number({ minimum: 0, maximum: 1, description: 'How much of it is done' }),
  bytes: Type.Integer({ description: 'Size of the file so far' }),
  fileName: Type.String(),
  createdAt: IsoTime,
  endedAt: Type.Optional(IsoTime),
  /** When it will be done, if it goes on as it did. */
  expectedAt: Type.Optional(IsoTime),
  /** When the file goes by itself. */
  expiresAt: Type.Optional(IsoTime),
  why: Type.Optional(Type.String({ description: 'What went wrong' })),
})
export type ExportJob = Static<typeof ExportJob>

export const ExportList = Type.Object({ exports: Type.Array(ExportJob) })
export type ExportList = Static<typeof ExportList>
