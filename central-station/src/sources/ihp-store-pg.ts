import { type Database, one } from '../db/database.ts'
import type { IhpPatient, IhpStore } from './ihp.ts'

const PATIENT = `select identifier, family_name as "familyName", given_name as "givenName", birth_date as "birthDate", sex from patient`
const OF_THIS_FORM = `identifier ~ '^[0-9]{1,3}-[0-9]{1,2}-[0-9]{1,4}$'`

export function createIhpStore(database: Database): IhpStore {
  return {
    patients: () => database.query<IhpPatient>(`${PATIENT} where ${OF_THIS_FORM} order by identifier limit 200`),
    find: (identifier) => one<IhpPatient>(database, `${PATIENT} where identifier = $1`, [identifier]),
    messages: (identifier, limit) =>
      database.query<{ raw: Buffer; receivedMs: number }>('select raw, received_at as "receivedMs" from hl7_message where position($1::bytea in raw) > 0 order by id desc limit $2', [Buffer.from(identifier), limit]),
    taken: async () => (await database.query<{ identifier: string }>(`select identifier from patient where ${OF_THIS_FORM}`)).map(({ identifier }) => identifier),
  }
}
