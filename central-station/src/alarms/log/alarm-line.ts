import type { AlarmLogRecord, AlarmPlace } from '@vigil/contract/alarms'
import type { JournalRecord } from '../../files/journal.ts'
import type { Episode } from './episode.ts'

/** How far a notice to one person got. */
export interface NoticeLine {
  readonly stream: 'notice'
  readonly id: string
  readonly alarmId: string
  readonly recipient: string
  readonly step: string
  readonly channel: 'webhook' | 'ntfy' | 'smtp'
  readonly state: 'waiting' | 'sent' | 'delivered' | 'failed'
  readonly tries: number
  readonly atMs: number
  readonly why: string | null
}

/** A crossing found in data that came late. */
export interface ReviewLine {
  readonly stream: 'review'
  readonly id: string
  readonly place: AlarmPlace
  readonly condition: string
  readonly priority: string
  readonly fromMs: number
  readonly toMs: number
  readonly worst: number
  readonly limit: number
  readonly receivedMs: number
}

/** What is written of alarms: on the local disk at once, in PostgreSQL when it is there. */
export interface AlarmLine extends JournalRecord {
  readonly record: AlarmLogRecord | NoticeLine | ReviewLine
  /** The episode after an alarm's line. */
  readonly episode: Episode | null
}
