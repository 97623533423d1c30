import Type, { type Static } from 'typebox'
import { checker } from '../check.ts'
import { TimeMs } from './parts.ts'

/** Server time beacon, every 10 s, so a board without NTP can order and stamp its data. */
export const TimeBeacon = Type.Object({ t: TimeMs }, { additionalProperties: false, description: 'Server time' })
export type TimeBeacon = Static<typeof TimeBeacon>
export const checkTimeBeacon = checker(TimeBeacon)
export const TIME_BEACON_EVERY_MS = 10_000
