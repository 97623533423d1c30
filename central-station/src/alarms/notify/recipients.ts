import { readFileSync } from 'node:fs'
import { AppError, checker } from '@vigil/contract'
import { type Escalation, priorities } from '@vigil/contract/alarms'
import Type, { type Static } from 'typebox'

const common = {
  name: Type.String({ minLength: 1, maxLength: 64, description: 'Who it is, as screens show it' }),
  step: Type.String({ pattern: '^[a-z][a-z0-9-]{0,31}$', description: 'first, next, charge, or a step of your own' }),
  wards: Type.Optional(Type.Array(Type.String({ maxLength: 64 }), { description: 'Only for these; all when absent' })),
  /** Patients' names leave the house only where somebody decided so. */
  names: Type.Optional(Type.Boolean({ description: 'Whether the notice may name the patient; default no: the bed only' })),
}
const url = Type.String({ pattern: '^https?://', maxLength: 500 })

export const Recipient = Type.Union([
  Type.Object({ ...common, channel: Type.Literal('webhook'), url, secret: Type.String({ minLength: 16, maxLength: 200, description: 'Key of the signature' }) }, { additionalProperties: false }),
  Type.Object({ ...common, channel: Type.Literal('ntfy'), url, token: Type.Optional(Type.String({ maxLength: 200 })) }, { additionalProperties: false }),
  Type.Object({ ...common, channel: Type.Literal('smtp'), server: Type.String({ pattern: '^smtps?://', maxLength: 500 }), from: Type.String({ maxLength: 200 }), to: Type.String({ maxLength: 500 }) }, { additionalProperties: false }),
])
export type Recipient = Static<typeof Recipient>

const EscalationSteps = Type.Array(Type.Object({ name: Type.String({ pattern: '^[a-z][a-z0-9-]{0,31}$' }), afterS: Type.Number({ minimum: 10, maximum: 3_600 }) }, { additionalProperties: false }), { maxItems: 8 })

/** File of `VIGIL_NOTIFY_FILE`: who is told, and the escalation when it is not the default one. */
export const NotifyFile = Type.Object(
  {
    recipients: Type.Array(Recipient, { maxItems: 64 }),
    escalation: Type.Optional(Type.Object({ high: EscalationSteps, medium: EscalationSteps, low: EscalationSteps }, { additionalProperties: false })),
  },
  { additionalProperties: false, description: 'Recipients of notices' },
)
const checkFile = checker(NotifyFile)

export interface NotifySettings {
  readonly recipients: readonly Recipient[]
  readonly escalation: Escalation | undefined
}

/** @throws AppError SETTINGS_INVALID */
export function readNotifyFile(path: string | undefined): NotifySettings {
  if (path === undefined) return { recipients: [], escalation: undefined }
  let value: unknown
  try {
    value = JSON.parse(readFileSync(path, 'utf8'))
  } catch (cause) {
    throw new AppError('SETTINGS_INVALID', `Cannot read VIGIL_NOTIFY_FILE ${path}: ${(cause as Error).message}`, { cause })
  }
  const checked = checkFile(value)
  if (!checked.ok) throw new AppError('SETTINGS_INVALID', `VIGIL_NOTIFY_FILE ${path} does not fit: ${checked.reason}.`)
  const { recipients, escalation } = checked.value
  if (!escalation) return { recipients, escalation: undefined }
  const steps = Object.fromEntries(priorities.map((priority) => [priority, escalation[priority].map(({ name, afterS }) => ({ name, afterMs: afterS * 1_000 }))]))
  return { recipients, escalation: steps as unknown as Escalation }
}
