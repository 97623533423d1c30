import { type AlertStatusUpdate, deliveryOf } from '@vigil/contract/hl7/index'
import type { Database } from './connection.ts'

// By the message it answers, else the newest that told of this alarm.
const KEEP = `
update outbound_delivery set status = $1, status_at = to_timestamp($2::float8 / 1000)
where no = (select d.no from outbound_delivery d join outbound_target t on t.id = d.target_id
            where t.kind = 'hl7' and (d.no = $3 or ($3::int8 is null and d.subject = $4)) order by d.no desc limit 1)
returning no`

/** What another system says of an alarm it was told of, beside the delivery; every step stays in `outbound_said`. */
export function createAlertStatusBook(database: Database): (said: AlertStatusUpdate, atMs: number) => Promise<boolean> {
  return async ({ controlId, alarmId, status }, atMs) => {
    const values = [status, atMs, deliveryOf(controlId) ?? null, alarmId ?? null]
    return (await database.use((connection) => connection.query({ name: 'alert-status', text: KEEP, values }))).length > 0
  }
}
