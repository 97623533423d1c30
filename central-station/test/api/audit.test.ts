import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AuditList, Patient, Ward } from '@vigil/contract'
import type { TestApi } from '../support/api.ts'
import { furnish } from '../support/furnish.ts'
import { rows, run, startPostgres, type TestPostgres } from '../support/postgres.ts'
import { storeSamples } from '../support/records.ts'
import { startStation, type TestStation } from '../support/station.ts'

describe('what is written down, and what is remembered', () => {
  let postgres: TestPostgres
  let ward: TestStation
  let api: TestApi
  beforeAll(async () => {
    postgres = await startPostgres()
    ward = await startStation({ databaseUrl: await postgres.database() })
    api = ward.admin
    await api.post('/users', { username: 'li', displayName: 'Li', role: 'nurse', password: 'ten letters at least' })
  })
  afterAll(async () => {
    await ward?.stop()
    await postgres?.stop()
  })
  const find = async (query: string) => (await api.get<AuditList>(`/audit?${query}`)).entries

  it('names who, what, whom, from where, and the call, for every read and every change of a patient', async () => {
    const li = await ward.as('li', 'ten letters at least')
    const patient = await li.post<Patient>('/patients', { familyName: 'Watched' })
    await li.get(`/patients/${patient.id}`)
    await li.patch(`/patients/${patient.id}`, { familyName: 'Watched', note: 'allergy', version: 1 })
    const found = await find(`patient=${patient.id}`)
    expect(found.map((entry) => entry.action)).toEqual(['patient.change', 'patient.read', 'patient.add'])
    expect(found[0]).toMatchObject({ username: 'li', role: 'nurse', origin: '127.0.0.1', requestId: expect.stringMatching(/^[0-9a-f-]{36}$/), detail: { fields: ['familyName', 'note'] } })
    expect(JSON.stringify(found)).not.toMatch(/Watched|allergy/)
  })

  it('a search is written with whom it found, not with what was typed', async () => {
    const [patient] = (await api.get<{ patients: Patient[] }>('/patients?q=watch')).patients
    const [entry] = await find('action=patient.search')
    expect(entry?.detail).toEqual({ found: [patient?.id] })
  })

  it('is found by time, person, first part of the action, ward and device, page by page', async () => {
    await furnish(api, 'audited', 2)
    expect((await find('action=patient')).every((entry) => entry.action.startsWith('patient.'))).toBe(true)
    expect((await find('user=li')).every((entry) => entry.username === 'li')).toBe(true)
    expect((await find('device=dev-audited-1')).map((entry) => entry.action)).toEqual(['stay.admit', 'device.add'])
    expect((await find('ward=audited&action=ward.add'))).toHaveLength(1)
    expect(await find('to=2020-01-01')).toEqual([])
    const first = await find('limit=3')
    const next = await find(`limit=3&before=${first.at(-1)?.id}`)
    expect(next.every((entry) => entry.id < (first.at(-1)?.id ?? 0))).toBe(true)
  })

  it('holds no secret and no password', async () => {
    expect(JSON.stringify(await find('limit=1000'))).not.toMatch(/secret|password|ten letters/i)
  })

  it('cannot be changed or taken back, not even by the database user of the program', async () => {
    for (const statement of [`update audit set username = 'nobody'`, 'delete from audit', 'truncate audit']) await expect(run(ward.databaseUrl, [statement])).rejects.toThrow(/append-only/)
  })

  it('after a restart the wall knows the newest stored values, dated no fresher than they are', async () => {
    const minute = Math.floor(Date.now() / 60_000) * 60_000 - 600_000
    await storeSamples(ward.databaseUrl, 'dev-audited-1', [{ t: minute + 30_000, seq: 1, epoch: 'a', values: { sys: 132, steps: 40 } }])
    await rows(ward.databaseUrl, `update monitoring_interval set from_at = now() - interval '1 hour' where device_no = (select no from device where id = 'dev-audited-1')`)
    await ward.stopStation()
    await ward.startAgain()
    const { beds } = (await (await fetch(`${ward.http}/api/v1/wards/audited`, { headers: { cookie: api.cookie } })).json()) as Ward
    expect(beds[0]?.latest).toEqual({ sys: { v: 132, t: minute }, steps: { v: 40, t: minute } })
    expect(beds[0]?.freshness).toMatchObject({ sys: 'stale' })
    expect(beds[1]?.latest).toEqual({})
  })
})
