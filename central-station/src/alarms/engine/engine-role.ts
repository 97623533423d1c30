import type { AlarmWatch } from '@vigil/contract'
import type { Asked, FromEngine } from '../place/channel.ts'

/** What stations may ask of an engine, whether it judges or stands by. */
export interface EngineRole {
  /** Everything a station that connects is told first. */
  all(): FromEngine
  watch(): AlarmWatch
  /** @throws AppError NOT_FOUND, ALARM_CHANGED, ALARM_OVER, ALARM_ENGINE_AWAY */
  do(ask: Asked): Promise<unknown>
  /** A canary came through the live stream of a station. */
  heardLive(seq: number): void
}
