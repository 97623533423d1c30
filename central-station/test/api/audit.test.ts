import { createPublicKey } from 'node:crypto'
import { statSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AuditKey, AuditList, ExportedAuditEntry, Patient, Ward } from '@vigil/contract'
import { signingKeyPath } from '@vigil/program'
import { verifyExport } from '../../src/audit/signed-export.ts'
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

  it('is taken out as a file that the public key proves, with the links of the chain; and that is in the audit too', async () => {
    const take = (query: string, { cookie }: TestApi) => fetch(`${ward.http}/api/v1/audit/export?${query}`, { headers: { cookie } })
    const { publicKey, fingerprint } = await (await fetch(`${ward.http}/api/v1/audit/key`)).json() as AuditKey
    const response = await take('user=li', api)
    expect(response.headers.get('content-disposition')).toMatch(/^attachment; filename="audit-\d{8}T\d{6}\.jsonl"$/)
    const file = Buffer.from(await response.arrayBuffer())
    const verdict = verifyExport(file, createPublicKey(publicKey))
    expect(verdict).toMatchObject({ state: 'true', head: { exportedBy: 'admin', role: 'admin', filter: { user: 'li' } } })
    expect(fingerprint).toMatch(/^[0-9a-f]{64}$/)
    expect(statSync(signingKeyPath(ward.data)).mode & 0o777).toBe(0o600)
    const entries = file.toString().trimEnd().split('\n').slice(1, -1).map((line) => JSON.parse(line) as ExportedAuditEntry)
    expect(entries).toHaveLength(verdict.head?.entries ?? -1)
    expect(entries.length).toBeGreaterThan(2)
    expect(entries.every((entry) => entry.username === 'li')).toBe(true)
    // What the list says, oldest first, with the links as the database has them.
    expect(entries.map(({ seq: _s, hash: _h, previous: _p, ...entry }) => entry)).toEqual((await find('user=li&limit=1000')).toReversed())
    const links = await rows<{ id: number; seq: number; hash: string; previous: string }>(ward.databaseUrl, `select a.id::int, a.seq::int, encode(a.hash, 'hex') as hash, encode(p.hash, 'hex') as previous from audit a left join audit p on p.seq = a.seq - 1 where a.username = 'li' order by a.id`)
    expect(entries.map(({ id, seq, hash, previous }) => ({ id, seq, hash, previous }))).toEqual(links)
    expect((await find('action=audit.export'))[0]).toMatchObject({ username: 'admin', detail: { user: 'li', entries: entries.length } })
    expect((await take('', await ward.as('li', 'ten letters at least'))).status).toBe(403)
    expect((await take('limit=5', api)).status).toBe(400)
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
