import Type, { type Static } from 'typebox'
import { checker } from '../check.ts'
import { TimeMs } from './parts.ts'

/** How long one word of the central station counts, ms. It is said again every 5 s while anything is open. */
export const CONFIRMATION_MS = 15_000
export const CONFIRMATION_EVERY_MS = 5_000

/**
 * Central station to device, never retained: what the centre holds open for this device, told at each change and every 5 s
 * while there is something. A board that finds its own condition neither here nor among `armed` ears within 5 s sounds by
 * itself. It is a confirmation, never an order: no message silences a bedside.
 */
export const AlarmConfirmation = Type.Object(
  {
    t: TimeMs,
    for: Type.Integer({ minimum: 1_000, maximum: 60_000, description: 'How long this counts, ms' }),
    armed: Type.Integer({ minimum: 0, maximum: 10_000, description: 'Screens of the ward that will be heard; 0: nobody hears the centre' }),
    a: Type.Array(
      Type.Object(
        {
          c: Type.String({ pattern: '^[a-z0-9_]{1,24}(:[a-z][A-Za-z0-9]{0,15})?$', description: 'Condition, e.g. low:spo2' }),
          p: Type.Enum(['low', 'medium', 'high']),
          st: Type.Enum(['active', 'acknowledged', 'latched']),
          since: TimeMs,
        },
        { additionalProperties: false },
      ),
      { maxItems: 32 },
    ),
  },
  { additionalProperties: false, description: 'What the central station is sounding for this device' },
)
export type AlarmConfirmation = Static<typeof AlarmConfirmation>
export const checkAlarmConfirmation = checker(AlarmConfirmation)
