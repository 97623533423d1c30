import type { AdmissionBox } from '../hl7/admissions.ts'
import type { Database } from './connection.ts'

// One statement is one transaction: the new proposal, and those it takes the place of.
const KEEP = `
with known as (select 1 from admission_proposal where sender = $2 and control_id = $3 and digest = $4),
replaced as (
  update admission_proposal set state = 'replaced', decided_at = to_timestamp($1::float8 / 1000)
  where state = 'open' and sender = $2 and identifier = $7 and event = $5 and not exists (select from known))
insert into admission_proposal (received_at, sender, control_id, digest, event, at, identifier, family_name, given_name, birth_date, sex, location, visit, reason, merged_identifier, raw)
select to_timestamp($1::float8 / 1000), $2, $3, $4, $5, to_timestamp($6::float8 / 1000), $7, $8, $9, $10::date, $11, $12::text[], $13, $14, $15, $16
on conflict (sender, control_id, digest) do nothing returning id`

/** The review list in PostgreSQL; people decide over it in the central station. */
export function createAdmissionBox(database: Database): AdmissionBox {
  return {
    async keep({ sender, controlId, digest, notice, raw, receivedMs }) {
      const { event, atMs, identifier, family, given, birthDate, sex, location, visit, reason, merged } = notice
      const rows = await database.use((connection) =>
        connection.query({
          name: 'admission-keep',
          text: KEEP,
          values: [receivedMs, sender, controlId, digest, event, atMs ?? null, identifier ?? null, family, given, birthDate ?? null, sex ?? null, location, visit, reason, merged, raw],
        }),
      )
      return rows.length > 0
    },
  }
}
