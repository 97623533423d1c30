import { type Database, one } from '../db/database.ts'
import type { Hl7SourceFact, Hl7SourceStore } from './hl7-sources.ts'

const SELECT = `
  select d.id as "deviceId", s.name, s.ack, s.offset_minutes as "offsetMinutes", s.given_first as "givenFirst", s.charset, s.first_at as "firstAtMs", s.last_at as "lastAtMs",
         (select count(*) from hl7_message m where m.sender_no = s.no) as messages,
         (select count(*) from hl7_message m where m.sender_no = s.no and m.findings is not null) as "withFindings"
  from hl7_sender s join device d on d.no = s.device_no`

export function createHl7SourceStore(database: Database): Hl7SourceStore {
  return {
    list: () => database.query<Hl7SourceFact>(`${SELECT} order by s.last_at desc limit 1000`),
    async change(deviceId, { ack, offsetMinutes, givenFirst, charset }) {
      await database.query(
        `update hl7_sender set ack = coalesce($2, ack), offset_minutes = coalesce($3, offset_minutes), given_first = coalesce($4, given_first), charset = coalesce($5, charset)
         where device_no = (select no from device where id = $1)`,
        [deviceId, ack ?? null, offsetMinutes ?? null, givenFirst ?? null, charset ?? null],
      )
      return one<Hl7SourceFact>(database, `${SELECT} where d.id = $1`, [deviceId])
    },
  }
}
