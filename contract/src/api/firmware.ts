import Type, { type Static } from 'typebox'
import { IsoTime, nullable } from './schema.ts'

const Hardware = Type.String({ minLength: 1, maxLength: 64, description: 'Model, as boards say it' })
const Version = Type.String({ minLength: 1, maxLength: 64, pattern: '^\\S(?:.*\\S)?$', description: 'As boards say it, 1.10.0' })

/** One decision about a hardware model. */
export const FirmwareDecision = Type.Object({
  version: Type.Integer({ description: 'Of the decision: 1, 2, 3' }),
  firmware: nullable(Version),
  by: Type.String(),
  role: Type.String(),
  at: IsoTime,
  reason: Type.String(),
})
export type FirmwareDecision = Static<typeof FirmwareDecision>

export const FirmwareModel = Type.Object({
  hardware: Type.String(),
  /** The newest one; absent when nobody ever decided. */
  decision: Type.Optional(FirmwareDecision),
  devices: Type.Integer({ description: 'Devices in service of this model that the caller sees' }),
  /** What they run, by their last word; newest first. */
  runs: Type.Array(Type.Object({ firmware: Type.String(), devices: Type.Integer() })),
})
export type FirmwareModel = Static<typeof FirmwareModel>
export const FirmwareList = Type.Object({ models: Type.Array(FirmwareModel) })
export type FirmwareList = Static<typeof FirmwareList>

/** Newest first. */
export const FirmwareHistory = Type.Object({ decisions: Type.Array(FirmwareDecision) })
export type FirmwareHistory = Static<typeof FirmwareHistory>
export const FirmwareQuestion = Type.Object({ hardware: Hardware }, { additionalProperties: false })

export const FirmwareChange = Type.Object(
  {
    hardware: Hardware,
    firmware: nullable(Version),
    version: Type.Integer({ minimum: 0, description: 'Of the newest decision as last read, 0 when there was none; 409 when somebody decided meanwhile' }),
    reason: Type.String({ minLength: 3, maxLength: 300 }),
  },
  { additionalProperties: false, description: 'Which firmware the boards of a model should run; null: none is desired any more' },
)
export type FirmwareChange = Static<typeof FirmwareChange>
