import Type, { type Static } from 'typebox'
import { HealthImportReport } from '../api/health-data.ts'
import { checker } from '../check.ts'

/** What became of an export that a phone said by MQTT. Whoever holds the export until then knows it by its digest, however often it is said. */
export const HealthAnswer = Type.Object(
  {
    of: Type.Optional(Type.String({ description: 'SHA-256 of the export, base64; left out when it was not read to its end' })),
    outcome: Type.Enum(['stored', 'refused', 'again', 'ended'], { description: '`stored`: committed. `refused`: it stays refused however often it is sent. `again`: not now. `ended`: this phone may not send any more' }),
    code: Type.Optional(Type.String({ description: 'Why, by the codes of the API' })),
    why: Type.Optional(Type.String()),
    report: Type.Optional(HealthImportReport),
  },
  { description: 'Answer to an export of Health Auto Export' },
)
export type HealthAnswer = Static<typeof HealthAnswer>
export const checkHealthAnswer = checker(HealthAnswer)
