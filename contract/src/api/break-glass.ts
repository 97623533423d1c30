import Type, { type Static } from 'typebox'
import { IsoTime, Name, Uuid } from './schema.ts'

export const MOST_GLASS_MINUTES = 240

/** A ward opened in an emergency by somebody whose it is not. */
export const BreakGlass = Type.Object({
  id: Uuid,
  username: Type.String(),
  displayName: Type.String(),
  role: Type.String(),
  wardId: Name,
  reason: Type.String(),
  from: IsoTime,
  until: IsoTime,
  endedAt: Type.Optional(IsoTime),
  endedBy: Type.Optional(Type.String()),
})
export type BreakGlass = Static<typeof BreakGlass>

export const BreakGlassList = Type.Object({ grants: Type.Array(BreakGlass) })
export type BreakGlassList = Static<typeof BreakGlassList>

export const NewBreakGlass = Type.Object(
  {
    wardId: Name,
    reason: Type.String({ minLength: 5, maxLength: 300, description: 'Everybody in charge of the ward reads it at once' }),
    minutes: Type.Optional(Type.Integer({ minimum: 5, maximum: MOST_GLASS_MINUTES, description: 'Default 60' })),
  },
  { additionalProperties: false, description: 'Open a ward that is not yours, in an emergency' },
)
export type NewBreakGlass = Static<typeof NewBreakGlass>
