import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AuditList, DemoContents, DemoRemoved, DeviceCreated, Patient, Stay, WardList } from '@vigil/contract'
import { until } from '@vigil/ops/testing'
import { readDemoMark } from '@vigil/program'
import pg from 'pg'
import type { TestApi } from '../support/api.ts'
import { furnish } from '../support/furnish.ts'
import { rows, run, startPostgres, type TestPostgres } from '../support/postgres.ts'
import { storeSamples } from '../support/records.ts'
import { startStation, type TestStation } from '../support/station.ts'

const T = Date.UTC(2026, 2, 1)
/** Which column of a table says whose a row is, and how to know from it that it is of the demo. */
const owners = {
  device_no: `(select no from device where mode = 'demo')`,
  stay_id: `(select s.id from stay s join patient p on p.id = s.patient_id where p.mode = 'demo')`,
  patient_id: `(select id from patient where mode = 'demo')`,
  ward_id: `(select id from ward where mode = 'demo')`,
  person_no: `(select h.no from health_person h join patient p on p.id = h.patient_id where p.mode = 'demo')`,
  alarm_id: `(select id from alarm where mode = 'demo')`,
  command_id: `(select c.id from command c join device d on d.no = c.device_no where d.mode = 'demo')`,
  profile_id: `(select l.id from limit_profile l join ward w on w.id = l.ward_id where w.mode = 'demo')`,
} as const
type Owner = keyof typeof owners
/** The audit says what was done, to the demo as well: it stays, with what is still to be written into it. */
const APART = new Set(['audit', 'audit_due', 'session', 'access_token'])

describe('removing the demo ward', () => {
  let postgres: TestPostgres
  let ward: TestStation
  let api: TestApi
  let before: Map<string, { real: string; demo: number }>
  beforeAll(async () => {
    postgres = await startPostgres()
    ward = await startStation({ databaseUrl: await postgres.database() })
    api = ward.admin
    const [real] = await furnish(api, 'east', 1)
    await api.post('/wards', { id: 'demo', name: 'Demo ward', mode: 'demo', beds: [{ id: 'bed-d1', label: 'D01' }] })
    const device = await api.post<DeviceCreated>('/devices', { id: 'demo-1', mode: 'demo' })
    const patient = await api.post<Patient>('/patients', { familyName: 'Demo one', mode: 'demo' })
    const stay = await api.post<Stay>('/stays', { patientId: patient.id, bedId: 'bed-d1', deviceId: device.id })
    await fill('real', real?.device.id ?? '', real?.patient.id ?? '', real?.stay.id ?? '', 'east')
    await fill('demo', device.id, patient.id, stay.id, 'demo')
    await entangle(real?.stay.id ?? '')
    await api.post('/users', { username: 'op', displayName: 'Op', role: 'operator', password: 'ten letters at least' })
    before = await census()
  })
  afterAll(async () => {
    await ward?.stop()
    await postgres?.stop()
  })

  /** The same rows for a real patient and one of the demo, in every table that holds something of either. */
  async function fill(mode: 'real' | 'demo', device: string, patient: string, stay: string, wardId: string): Promise<void> {
    await storeSamples(ward.databaseUrl, device, Array.from({ length: 90 }, (_, i) => ({ t: T + i * 1_000, seq: i + 1, epoch: 'a1', values: { pr: 70, spo2: 97 } })))
    await api.post(`/stays/${stay}/annotations`, { from: new Date().toISOString(), text: 'Moved to the window' })
    await api.post(`/stays/${stay}/observations`, { oxygen: true })
    await api.post(`/wards/${wardId}/limit-profiles`, { name: 'Own', base: 'adult', limits: { 'low:spo2': { value: 85, delayS: 10, priority: 'high' } }, reason: 'after surgery' })
    await api.post(`/devices/${device}/commands`, { do: 'identify', args: {}, expiresInMs: 600_000 }).catch(() => undefined)
    const no = `(select no from device where id = '${device}')`
    const alarm = `'${crypto.randomUUID()}'`
    await run(ward.databaseUrl, [
      `select ensure_waveform_partition('2026-03-01')`,
      `insert into waveform values (${no}, 0, '2026-03-01T00:00:00Z', '{1}', '\\x00')`,
      `insert into device_event (device_no, ledger_no, seq, t, received_at, ev, phase) values (${no}, (select no from ledger where device_no = ${no}), 500, now(), now(), 'probe_off', 'start')`,
      `insert into dead_letter (source, topic, device_no, code, reason, payload, payload_bytes) values ('mqtt', 't', ${no}, 'X', 'x', '\\x00', 1)`,
      `insert into command (id, device_no, name, state, expires_at) values (gen_random_uuid(), ${no}, 'identify', 'done', now())`,
      `insert into command_step (id, command_id, state) select gen_random_uuid(), id, 'done' from command where device_no = ${no}`,
      `insert into alarm (id, subject_kind, subject_id, site, ward_id, stay_id, device_id, mode, condition, kind, priority, phase, n, version, since_at, questionable) values (${alarm}, 'stay', '${stay}', 'main', '${wardId}', '${stay}', '${device}', '${mode}', 'low:spo2', 'physiological', 'high', 'ended', 1, 1, now(), false)`,
      `insert into alarm_event (id, stream, alarm_id, subject_kind, subject_id, n, at, what, state, place, detail) values (gen_random_uuid(), 'alarm', ${alarm}, 'stay', '${stay}', 1, now(), 'announced', 'active', '{"mode":"${mode}","stayId":"${stay}","wardId":"${wardId}","deviceId":"${device}","site":"main","bedId":null}', '{}')`,
      `insert into alarm_notice values (gen_random_uuid(), ${alarm}, 'li', 'first', 'ntfy', 'sent', 1, now())`,
      `insert into health_person (patient_id) values ('${patient}')`,
      `insert into health_import (at, person_no, door) select now(), no, 'http' from health_person where patient_id = '${patient}'`,
    ])
  }

  /** What the routes refuse, as an earlier version or a hand in the database may have left it: a real patient in the midst of the demo. */
  async function entangle(realStay: string): Promise<void> {
    await api.post('/wards', { id: 'demo-2', name: 'Mixed', mode: 'demo', beds: [{ id: 'bed-x', label: 'X' }] })
    await api.post('/devices', { id: 'demo-9', mode: 'demo' })
    await run(ward.databaseUrl, [
      `insert into stay_bed values ('${realStay}', 'bed-x', '2026-01-01', '2026-01-02')`,
      `insert into monitoring_interval (id, stay_id, device_no, from_at, to_at, linked_by) select gen_random_uuid(), '${realStay}', no, '2026-01-01', '2026-01-02', 'somebody' from device where id = 'demo-9'`,
    ])
    await storeSamples(ward.databaseUrl, 'demo-9', [{ t: T, seq: 1, epoch: 'b1', values: { pr: 61 } }])
  }

  /** Of each table that says whose its rows are: a digest of everything that is not of the demo, and how many rows are. */
  async function census(): Promise<Map<string, { real: string; demo: number }>> {
    const columns = await rows<{ table: string; column: Owner }>(ward.databaseUrl, `
      select c.table_name as table, c.column_name as column from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
      where c.table_schema = 'public' and t.table_type = 'BASE TABLE' and c.column_name = any ($1)
        and not exists (select from pg_inherits i where i.inhrelid = (quote_ident(c.table_name))::regclass)`, [Object.keys(owners)])
    const kept = `(select no from device where id = 'demo-9')`
    const found = new Map<string, { real: string; demo: number }>()
    for (const { table, column } of columns.filter((each) => !APART.has(each.table))) {
      const ofDemo = `${column} is not null and ${column} in ${owners[column]}${column === 'device_no' ? ` and ${column} not in ${kept}` : column === 'ward_id' ? ` and ${column} <> 'demo-2'` : ''}`
      const [row] = await rows<{ real: string; demo: number }>(ward.databaseUrl, `select coalesce(md5(string_agg(x::text, '|' order by x::text) filter (where ${column} is not null and not (${ofDemo}))), 'nothing') as real, (count(*) filter (where ${ofDemo}))::int as demo from ${table} x`)
      found.set(`${table}.${column}`, row as { real: string; demo: number })
    }
    return found
  }

  it('says beforehand what would go, and what stays because a real patient was in it', async () => {
    expect(await api.get<DemoContents>('/demo/contents')).toEqual({ patients: 1, devices: 1, wards: 1, kept: 2 })
    // The test holds something of the demo wherever the database can: a table that is added later shows here.
    expect([...before].filter(([, { demo }]) => demo > 0).map(([name]) => name).length).toBeGreaterThan(18)
  })

  it('takes the typed word, and an administrator', async () => {
    expect((await api.ask('POST', '/demo/removal', { typed: 'demo' })).status).toBe(400)
    expect((await (await ward.as('op', 'ten letters at least')).ask('POST', '/demo/removal', { typed: 'DEMO' })).status).toBe(403)
    expect((await api.get<DemoContents>('/demo/contents')).patients).toBe(1)
  })

  it('leaves nothing of the demo, and everything of a real patient byte for byte', { timeout: 60_000 }, async () => {
    // As with months of samples: it takes longer than a screen waits for an answer.
    const holder = new pg.Client({ connectionString: ward.databaseUrl })
    await holder.connect()
    await holder.query('begin')
    await holder.query('lock table annotation in access exclusive mode')
    const answer = await api.ask<DemoRemoved>('POST', '/demo/removal', { typed: 'DEMO' })
    expect([answer.status, answer.body]).toMatchObject([202, { patients: 1, devices: 1, wards: 1, kept: 2, removal: { state: 'running', by: 'admin' } }])
    expect(await api.get<DemoContents>('/demo/contents')).toMatchObject({ patients: 1, removal: { state: 'running' } })
    await holder.query('rollback')
    await holder.end()
    expect(await until('its end', 30_000, async () => {
      const contents = await api.get<DemoContents>('/demo/contents')
      return contents.removal ? undefined : contents
    })).toEqual({ patients: 0, devices: 0, wards: 0, kept: 2 })
    const after = await census()
    expect(Object.fromEntries(after)).toEqual(Object.fromEntries([...before].map(([name, { real }]) => [name, { real, demo: 0 }])))
    expect(await rows(ward.databaseUrl, `select id from device where mode = 'demo'`)).toEqual([{ id: 'demo-9' }])
    expect(await rows(ward.databaseUrl, `select id from patient where mode = 'demo'`)).toEqual([])
    expect((await api.get<WardList>('/wards')).wards.map(({ id }) => id).toSorted()).toEqual(['demo-2', 'east'])
    expect((await api.get<WardList>('/wards')).wards.find(({ id }) => id === 'east')?.beds[0]?.stay).toBeDefined()
  })

  it('is in the audit, which keeps what was done to the demo; the simulator is told to stay away', async () => {
    const { entries } = await api.get<AuditList>('/audit?action=demo.remove')
    expect(entries[0]).toMatchObject({ username: 'admin', detail: { patients: 1, devices: 1, wards: 1, kept: 2 } })
    expect((await api.get<AuditList>('/audit?action=stay.admit')).entries).toHaveLength(2)
    expect(readDemoMark(ward.data)).toMatchObject({ by: 'admin' })
    expect(readFileSync(join(ward.data, 'demo', 'removed.json'), 'utf8')).toContain('"at"')
  })

  it('opens the append-only tables for that alone', async () => {
    for (const statement of ['delete from alarm_event', 'delete from annotation', 'delete from limit_profile_version']) await expect(run(ward.databaseUrl, [statement])).rejects.toThrow(/append-only|never changed/)
    // Not even with the word in hand: these rows are of a real patient.
    for (const statement of ['delete from alarm_event', 'delete from annotation', 'delete from limit_profile_version']) await expect(run(ward.databaseUrl, [`begin; set local vigil.removing_demo = 'on'; ${statement}; commit`])).rejects.toThrow(/append-only|never changed/)
  })

  it('a second time finds nothing', async () => {
    await run(ward.databaseUrl, [`update device set mode = 'real' where id = 'demo-9'`, `update ward set mode = 'real' where id = 'demo-2'`])
    expect((await api.ask('POST', '/demo/removal', { typed: 'DEMO' })).body.code).toBe('NOT_FOUND')
  })
})
