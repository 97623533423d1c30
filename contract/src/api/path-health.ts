import Type, { type Static } from 'typebox'
import { AlarmWatch } from './alarms.ts'

const Bytes = Type.Number({ minimum: 0, description: 'bytes' })

/** Whether what boards say reaches screens, is stored and is watched; for whoever keeps it running. No names, no values of patients. */
export const PathHealth = Type.Object(
  {
    broker: Type.Object({ state: Type.Enum(['ok', 'away'], { description: 'away: the central station has no connection to the broker' }) }),
    /** Judged by the canary, a sample of our own that goes the way of all others every five seconds. */
    storing: Type.Object({
      state: Type.Enum(['ok', 'behind', 'unknown'], { description: 'behind: no canary was stored for half a minute; unknown: PostgreSQL is away, or there is no canary yet' }),
      storedMsAgo: Type.Optional(Type.Number({ description: 'ms since the newest canary was stored' })),
    }),
    database: Type.Object({
      state: Type.Enum(['ok', 'away']),
      sizeBytes: Type.Optional(Bytes),
      /** As today goes; once a day is closed it is a tenth of that. Absent in the first hour of a day (UTC). */
      growthBytesPerDay: Type.Optional(Bytes),
      /** Of the disk the database lies on; absent when it is on another computer. */
      disk: Type.Optional(Type.Object({ freeBytes: Bytes, totalBytes: Bytes })),
      daysLeft: Type.Optional(Type.Integer({ minimum: 0, description: 'At least: free room by the growth of today' })),
    }),
    alarms: AlarmWatch,
    serverTimeMs: Type.Number(),
  },
  { description: 'The way from boards to screens and storage, part by part' },
)
export type PathHealth = Static<typeof PathHealth>
