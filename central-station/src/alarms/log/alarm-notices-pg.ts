import type { Queries } from '../../db/database.ts'

export interface NoticeRow {
  id: string
  alarm_id: string
  recipient: string
  step: string
  channel: 'webhook' | 'ntfy' | 'smtp'
  state: 'waiting' | 'sent' | 'delivered' | 'failed'
  tries: number
  at: number
  why: string | null
}

/** How far notices about these alarms got, oldest first. */
export function noticesOf(database: Queries, ids: readonly string[]): Promise<NoticeRow[]> {
  return ids.length === 0 ? Promise.resolve([]) : database.query<NoticeRow>('select id, alarm_id, recipient, step, channel, state, tries, at, why from alarm_notice where alarm_id = any($1::uuid[]) order by at', [ids])
}
