import Type, { type Static } from 'typebox'
import { checker } from '../check.ts'

const settings = Type.Record(Type.String({ pattern: '^[a-z][a-z0-9_]{0,63}$' }), Type.Unknown(), { description: 'Values by configuration key', additionalProperties: false })

/** What the server wants. `version` only grows. */
export const DesiredConfig = Type.Object({ version: Type.Integer({ minimum: 1 }), set: settings }, { additionalProperties: false, description: 'Desired configuration' })
export type DesiredConfig = Static<typeof DesiredConfig>
export const checkDesiredConfig = checker(DesiredConfig)

/** What the device really runs with, and a sentence for each key it refused. */
export const ReportedConfig = Type.Object(
  { version: Type.Integer({ minimum: 0 }), set: settings, errors: Type.Optional(Type.Record(Type.String({ maxLength: 64 }), Type.String({ maxLength: 300 }))) },
  { additionalProperties: false, description: 'Reported configuration' },
)
export type ReportedConfig = Static<typeof ReportedConfig>
export const checkReportedConfig = checker(ReportedConfig)
