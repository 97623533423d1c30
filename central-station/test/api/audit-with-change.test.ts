import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { AlarmList, AuditEntry, Patient } from '@vigil/contract'
import { until } from '@vigil/ops/testing'
import { silentLog, systemClock } from '@vigil/program'
import { verifyAudit } from '../../src/audit/verify-audit.ts'
import { furnish, type Furnished } from '../support/furnish.ts'
import { rows, run, startPostgres, type TestPostgres } from '../support/postgres.ts'
import { startStation, type TestStation } from '../support/station.ts'

/** What a device said last; the canary says something all the time. */
const SAID = ['state', 'state_at', 'last_seen', 'changed_at']
/** Written by the program all the time, or by the sign-in that the test itself makes. */
const NOT_COMPARED = ['audit', 'audit_head', 'audit_due', 'owed', 'session', 'alarm_engine', 'alarm_ask', 'alarm', 'alarm_event', 'alarm_notice', 'device_memo', 'sample', 'segment']

let postgres: TestPostgres
let ward: TestStation
let bed: Furnished
let spare: Patient

beforeAll(async () => {
  postgres = await startPostgres()
  ward = await startStation({ databaseUrl: await postgres.database() })
  bed = (await furnish(ward.admin, 'whole', 3, 1))[0] as Furnished
  spare = await ward.admin.post<Patient>('/patients', { familyName: 'Spare' })
  await until('the engine', 60_000, async () => ((await ward.admin.get<AlarmList>('/alarms')).watch.staysWatched === 1 ? true : undefined))
  await run(ward.databaseUrl, [
    'create table owed (action text, changed xid8)',
    `create function note_owed() returns trigger language plpgsql as $$ begin insert into owed values (new.record->>'action', pg_current_xact_id()); return new; end $$`,
    'create trigger note_owed after insert on audit_due for each row execute function note_owed()',
  ])
}, 120_000)
afterAll(async () => {
  await ward?.stop()
  await postgres?.stop()
})

const stay = (rest: string) => `/stays/${bed.stay.id}${rest}`
/** Changes by ways as different as there are: one statement, several, a journal, the alarm engine. */
const changes: [string, string, () => string, () => object | undefined][] = [
  ['ward.add', 'POST', () => '/wards', () => ({ id: 'new', name: 'New', beds: [{ id: 'new-1', label: '1' }] })],
  ['ward.change', 'PATCH', () => '/wards/whole', () => ({ name: 'The whole ward', beds: ['whole-3', 'whole-2', 'whole-1'] })],
  ['ward.bed_add', 'POST', () => '/wards/whole/beds', () => ({ label: '4' })],
  ['ward.bed_change', 'PATCH', () => '/wards/whole/beds/whole-2', () => ({ label: 'window' })],
  ['ward.bed_retire', 'POST', () => '/wards/whole/beds/whole-3/retirement', () => ({ reason: 'broken' })],
  ['patient.add', 'POST', () => '/patients', () => ({ familyName: 'New' })],
  ['patient.change', 'PATCH', () => `/patients/${spare.id}`, () => ({ version: 1, note: 'changed' })],
  ['device.add', 'POST', () => '/devices', () => ({ id: 'new-board' })],
  ['device.change', 'PATCH', () => '/devices/dev-whole-1', () => ({ label: 'by the door' })],
  ['device.rotate', 'POST', () => '/devices/dev-whole-1/secret', () => ({})],
  ['firmware.desire', 'PUT', () => '/firmware', () => ({ hardware: 'Pi Zero', firmware: '1.10.0', version: 0, reason: 'tested' })],
  ['device.code', 'POST', () => '/enrolment-codes', () => ({ deviceId: 'coded' })],
  ['token.add', 'POST', () => '/tokens', () => ({ name: 'a-program', rights: ['ward:read'] })],
  ['limits.change', 'PUT', () => stay('/limits'), () => ({ version: 0, reason: 'a low pulse is usual', profile: 'copd' })],
  ['alarm.switch_off', 'PUT', () => stay('/alarm-off'), () => ({ condition: 'low:spo2', off: true, reason: 'bath' })],
  ['observation.add', 'POST', () => stay('/observations'), () => ({ consciousness: 'A' })],
  ['annotation.add', 'POST', () => stay('/annotations'), () => ({ from: new Date().toISOString(), text: 'turned' })],
  ['health.source_add', 'POST', () => `/patients/${spare.id}/health-sources`, () => ({ label: 'phone' })],
  ['stay.transfer', 'POST', () => stay('/transfer'), () => ({ bedId: 'whole-2' })],
]

describe('a change and its entry in the audit', () => {
  const digest = async () => {
    const tables = await rows<{ name: string }>(ward.databaseUrl, `select c.relname as name from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relname <> all($1) order by 1`, [NOT_COMPARED])
    const each = tables.map(({ name }) => `select '${name}' as name, md5(coalesce(string_agg(r::text, '|' order by r::text), '')) as sum from (select to_jsonb(t) - $1::text[] as r from "${name}" t) r`)
    const sums = await rows<{ name: string; sum: string }>(ward.databaseUrl, each.join(' union all '), [SAID])
    return Object.fromEntries(sums.map(({ name, sum }) => [name, sum]))
  }

  const entriesOf = async (action: string) => (await ward.admin.get<{ entries: AuditEntry[] }>(`/audit?action=${action}`)).entries

  it.each(changes)('%s: neither, when the entry cannot be written', async (_action, method, path, body) => {
    await run(ward.databaseUrl, [`create function refuse_owed() returns trigger language plpgsql as $$ begin raise exception 'no entry'; end $$`, 'create trigger refuse_owed before insert on audit_due for each row execute function refuse_owed()'])
    try {
      const before = await digest()
      expect((await ward.admin.ask(method, path(), body())).status).toBe(500)
      expect(await digest()).toEqual(before)
    } finally {
      await run(ward.databaseUrl, ['drop function refuse_owed() cascade'])
    }
  })

  it.each(changes)('%s: both, in one transaction', async (action, method, path, body) => {
    const known = (await entriesOf(action)).length
    await run(ward.databaseUrl, ['truncate owed'])
    expect((await ward.admin.ask(method, path(), body())).status).toBeLessThan(300)
    expect((await rows<{ action: string }>(ward.databaseUrl, 'select action from owed')).map((row) => row.action)).toEqual([action])
    const entries = await entriesOf(action)
    expect(entries).toHaveLength(known + 1)
    // The whole entry, not the draft that stood in for it.
    expect(entries[0]?.detail ?? {}).not.toHaveProperty('route')
    await until('nothing owed', 5_000, async () => ((await rows(ward.databaseUrl, 'select 1 from audit_due')).length === 0 ? true : undefined))
  })

  it('what people do to alarms goes with its entry through the engine', async () => {
    await run(ward.databaseUrl, ['truncate owed'])
    await ward.admin.post(stay('/patient-call'))
    await until('the entry', 5_000, async () => ((await rows(ward.databaseUrl, `select 1 from owed where action = 'alarm.patient_call'`)).length > 0 ? true : undefined))
  })

  it('a call that only reads, or is refused, owes nothing', async () => {
    await run(ward.databaseUrl, ['truncate owed'])
    await ward.admin.get('/patients')
    expect((await ward.admin.ask('PUT', stay('/limits'), { version: 77, reason: 'too late' })).status).toBe(409)
    expect(await rows(ward.databaseUrl, 'select 1 from owed')).toEqual([])
  })
})

describe('what a program owed when it was killed between a change and its entry', () => {
  beforeEach(() => ward.stopStation())

  it('becomes an entry at the next start, and the chain stays whole', async () => {
    const station = (await readFile(`${ward.data}/central/station-id`, 'utf8')).trim()
    const id = '01900000-0000-7000-8000-000000000001'
    const record = { id, atMs: Date.now(), accountId: null, username: 'li', role: 'nurse', action: 'limits.change', origin: '10.0.0.1', requestId: '', stayId: bed.stay.id, detail: { method: 'PUT', route: '/api/v1/stays/:stayId/limits' } }
    await run(ward.databaseUrl, [`insert into audit_due (record_id, at, station, record) values ('${id}', now(), '${station}', '${JSON.stringify(record)}')`])
    await ward.startAgain()
    const found = await until('the entry', 20_000, async () => (await rows<{ username: string; detail: object }>(ward.databaseUrl, `select username, detail from audit where record_id = '${id}'`))[0])
    expect(found).toMatchObject({ username: 'li', detail: { recovered: true, method: 'PUT' } })
    expect(await rows(ward.databaseUrl, `select 1 from audit_due where record_id = '${id}'`)).toEqual([])
    const { breaks } = await verifyAudit({ databaseUrl: ward.databaseUrl, data: ward.data, clock: systemClock, log: silentLog })
    expect(breaks).toEqual([])
  })
})
