import Type, { type Static } from 'typebox'
import { tokenRights } from './rights.ts'
import { IsoTime, Name, nullable, Uuid } from './schema.ts'

/** Wards somebody sees and acts in; `null` for all of them. */
export const WardScope = nullable(Type.Array(Name, { minItems: 1, maxItems: 64, uniqueItems: true }))
export type WardScope = Static<typeof WardScope>

export const MOST_TOKEN_DAYS = 400

const TokenRight = Type.Enum([...tokenRights])

/** What a program may do, and until when. The token itself is shown once, when it is made. */
export const AccessToken = Type.Object({
  id: Uuid,
  name: Type.String(),
  rights: Type.Array(TokenRight),
  wards: WardScope,
  createdBy: Type.String(),
  createdAt: IsoTime,
  expiresAt: IsoTime,
  lastUsedAt: Type.Optional(IsoTime),
  revokedAt: Type.Optional(IsoTime),
  revokedBy: Type.Optional(Type.String()),
  state: Type.Enum(['valid', 'expired', 'revoked']),
})
export type AccessToken = Static<typeof AccessToken>

export const AccessTokenList = Type.Object({ tokens: Type.Array(AccessToken) })
export type AccessTokenList = Static<typeof AccessTokenList>

export const NewAccessToken = Type.Object(
  {
    name: Type.String({ pattern: '^[A-Za-z0-9._-]{1,40}$', description: 'What the program is called in the audit' }),
    rights: Type.Array(TokenRight, { minItems: 1, maxItems: tokenRights.length, uniqueItems: true }),
    wards: Type.Optional(WardScope),
    expiresInDays: Type.Optional(Type.Integer({ minimum: 1, maximum: MOST_TOKEN_DAYS, description: 'Default 90' })),
  },
  { additionalProperties: false, description: 'A new token for a program' },
)
export type NewAccessToken = Static<typeof NewAccessToken>

export const AccessTokenCreated = Type.Object({ ...AccessToken.properties, token: Type.String({ description: 'Send it as `Authorization: Bearer`; it is in this answer and nowhere else' }) })
export type AccessTokenCreated = Static<typeof AccessTokenCreated>
