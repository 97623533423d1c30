import Type, { type Static } from 'typebox'
import { IsoTime, Uuid } from './schema.ts'

export const AuditEntry = Type.Object({
  id: Type.Integer(),
  at: IsoTime,
  username: Type.String(),
  role: Type.String(),
  action: Type.String(),
  patientId: Type.Optional(Uuid),
  stayId: Type.Optional(Uuid),
  deviceId: Type.Optional(Type.String()),
  wardId: Type.Optional(Type.String()),
  origin: Type.String(),
  requestId: Type.String(),
  detail: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
})
export type AuditEntry = Static<typeof AuditEntry>

/** Newest first. Times are ISO 8601 or milliseconds since the Unix epoch. */
export const AuditQuery = Type.Object(
  {
    from: Type.Optional(Type.String({ maxLength: 40 })),
    to: Type.Optional(Type.String({ maxLength: 40 })),
    user: Type.Optional(Type.String({ maxLength: 64, description: 'User name' })),
    action: Type.Optional(Type.String({ maxLength: 64, description: 'One action, or its first part: `stay` finds `stay.admit`' })),
    patient: Type.Optional(Uuid),
    stay: Type.Optional(Uuid),
    device: Type.Optional(Type.String({ maxLength: 64 })),
    ward: Type.Optional(Type.String({ maxLength: 64 })),
    before: Type.Optional(Type.Integer({ minimum: 1, description: 'Only entries with a smaller id: the next page' })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000, description: 'Default 100' })),
  },
  { additionalProperties: false },
)
export type AuditQuery = Static<typeof AuditQuery>

export const AuditList = Type.Object({ entries: Type.Array(AuditEntry) })
export type AuditList = Static<typeof AuditList>

/** One place at which the chain of the audit does not hold. */
export const AuditBreak = Type.Object({
  kind: Type.Enum(['changed', 'removed', 'inserted', 'rewritten', 'tail', 'head']),
  seq: Type.Optional(Type.Integer({ description: 'Place in the chain' })),
  id: Type.Optional(Type.Integer({ description: 'Entry, as `/audit` numbers it' })),
  at: Type.Optional(Type.Number({ description: 'Time of the entry, ms since the Unix epoch' })),
  count: Type.Optional(Type.Integer({ description: 'Entries that are gone' })),
  sentence: Type.String(),
})
export type AuditBreak = Static<typeof AuditBreak>

export const AuditChain = Type.Object({
  state: Type.Enum(['whole', 'broken']),
  entries: Type.Integer({ description: 'Entries in the chain' }),
  earlier: Type.Integer({ description: 'Entries from before the chain it vouches for' }),
  head: Type.String({ description: 'Hash of the last entry: write it down elsewhere, and the audit up to here cannot be changed unseen' }),
  verifiedTo: Type.Optional(IsoTime),
  checkedAt: IsoTime,
  breaks: Type.Array(AuditBreak, { description: 'The first 20 places at which it does not hold' }),
})
export type AuditChain = Static<typeof AuditChain>
