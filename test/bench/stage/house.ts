import { randomBytes } from 'node:crypto'
import { freePort } from '@vigil/ops/testing'
import { STATION_NODE_ARGS } from '../../../ops/src/start/programs.ts'
import type { Program } from './child.ts'
import type { Registry } from './durable-lane.ts'
import { query } from './sql.ts'
import type { Stage } from './stage.ts'

const BEDS = 50
export const STATION_PASSWORD = randomBytes(12).toString('hex')

/** A bed, a patient and a stay for each board, fifty beds to a ward. Answers the wards. */
export async function admitAll({ databaseUrl, boards }: Registry): Promise<readonly string[]> {
  const ids = boards.map(({ id }) => id)
  await query(databaseUrl, `insert into ward (id, name, mode) select 'w' || n, 'Ward ' || n, 'test' from generate_series(0, ($1::int - 1) / $2) n`, [ids.length, BEDS])
  const placed = `select id, n::int - 1 as at, 'bed-' || n as bed, md5(id || 'p')::uuid as patient, md5(id)::uuid as stay from unnest($1::text[]) with ordinality as b (id, n)`
  const put = (statement: string) => query(databaseUrl, `with b as (${placed}) ${statement}`, [ids])
  await put(`insert into bed (id, ward_id, label, position) select bed, 'w' || at / ${BEDS}, bed, at % ${BEDS} from b`)
  await put(`insert into patient (id, family_name, mode) select patient, 'Patient ' || at, 'test' from b`)
  await put(`insert into stay (id, patient_id, bed_id, admitted_at) select stay, patient, bed, now() - interval '1 hour' from b`)
  await put(`insert into stay_bed (stay_id, bed_id, from_at) select stay, bed, now() - interval '1 hour' from b`)
  await put(`insert into monitoring_interval (id, stay_id, device_no, from_at, linked_by) select stay, stay, d.no, now() - interval '1 hour', 'bench' from b join device d on d.id = b.id`)
  return (await query<{ id: string }>(databaseUrl, 'select id from ward')).map(({ id }) => id)
}

/** Our central station as a program of its own, as `npm start` starts it; its alarm engine comes with it, as in a ward. */
export async function startStation(stage: Stage, { databaseUrl, dataDir }: Registry, mqttPort: number): Promise<{ station: Program; url: string }> {
  const port = await freePort()
  const env = { DATABASE_URL: databaseUrl, VIGIL_DATA: dataDir, VIGIL_LOG_LEVEL: 'error', VIGIL_MQTT_URL: `mqtt://127.0.0.1:${mqttPort}`, VIGIL_HTTP_PORT: String(port), VIGIL_ADMIN_PASSWORD: STATION_PASSWORD }
  return { station: await stage.ours('station', 'central-station/src/cli/main.ts', env, [], STATION_NODE_ARGS), url: `http://127.0.0.1:${port}` }
}
