import Type, { type Static } from 'typebox'
import { checker } from '../check.ts'
import { TimeMs } from './parts.ts'

export const CommandId = Type.String({ pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$', description: 'UUID version 7 (RFC 9562)' })
export const CommandName = Type.String({ pattern: '^[a-z][a-z_]{0,31}$', description: 'Name of the command' })
export const CommandArguments = Type.Record(Type.String({ maxLength: 64 }), Type.Unknown(), { description: 'Arguments by name' })

/** Server to device; never retained. The device refuses it after `exp`. */
export const Command = Type.Object(
  { id: CommandId, do: CommandName, args: CommandArguments, exp: TimeMs },
  { additionalProperties: false, description: 'A command' },
)
export type Command = Static<typeof Command>
export const checkCommand = checker(Command)

export const replyStates = ['accepted', 'running', 'done', 'failed', 'refused', 'expired', 'unknown'] as const

/** Device to server. `why` is a sentence a nurse can act on. */
export const CommandReply = Type.Object(
  {
    id: CommandId,
    st: Type.Enum([...replyStates]),
    data: Type.Optional(Type.Record(Type.String({ maxLength: 64 }), Type.Unknown())),
    why: Type.Optional(Type.String({ maxLength: 300 })),
    pct: Type.Optional(Type.Number({ minimum: 0, maximum: 100, description: 'Progress while running' })),
  },
  { additionalProperties: false, description: 'Answer to a command' },
)
export type CommandReply = Static<typeof CommandReply>
export const checkCommandReply = checker(CommandReply)
