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

/** What is taken out as a signed file: the same filter, all of it at once, oldest first. */
export const AuditExportQuery = Type.Omit(AuditQuery, ['before', 'limit'], { additionalProperties: false })
export type AuditExportQuery = Static<typeof AuditExportQuery>

/** First line of a signed export. The signature is the last line, over every byte above it. */
export const AuditExportHead = Type.Object({
  vigil: Type.Literal('audit-export'),
  version: Type.Literal(1),
  exportedAt: IsoTime,
  exportedBy: Type.String(),
  role: Type.String(),
  filter: Type.Record(Type.String(), Type.String()),
  entries: Type.Integer(),
  chain: Type.Object({ seq: Type.Integer(), hash: Type.String() }, { description: 'Where the whole chain ended then' }),
  key: Type.String({ description: 'Public key it is signed with, Ed25519, SPKI in base64' }),
})
export type AuditExportHead = Static<typeof AuditExportHead>

/** One entry in an export with its link of the chain; those from before the chain have none. */
export const ExportedAuditEntry = Type.Interface([AuditEntry], {
  seq: Type.Optional(Type.Integer()),
  hash: Type.Optional(Type.String()),
  previous: Type.Optional(Type.String({ description: 'Hash of the entry before it in the chain' })),
})
export type ExportedAuditEntry = Static<typeof ExportedAuditEntry>

export const AuditKey = Type.Object({
  algorithm: Type.Literal('Ed25519'),
  publicKey: Type.String({ description: 'SPKI, PEM' }),
  fingerprint: Type.String({ description: 'SHA-256 over the key in SPKI, hex: what to compare by another way' }),
})
export type AuditKey = Static<typeof AuditKey>

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
