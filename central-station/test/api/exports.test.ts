import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AuditList, ExportJob, ExportList, NewExport } from '@vigil/contract'
import { apiWith, type TestApi } from '../support/api.ts'
import { type Furnished, furnish } from '../support/furnish.ts'
import { run, startPostgres, type TestPostgres } from '../support/postgres.ts'
import { closeSamples, storeSamples } from '../support/records.ts'
import { startStation, type TestStation } from '../support/station.ts'

const T = Date.UTC(2026, 0, 10, 8)
const HOURS = 3

describe('everything of a choice as a file', { timeout: 60_000 }, () => {
  let postgres: TestPostgres
  let ward: TestStation
  let nurse: TestApi
  let east: Furnished
  let west: Furnished

  beforeAll(async () => {
    postgres = await startPostgres()
    ward = await startStation({ databaseUrl: await postgres.database() })
    ;[east] = (await furnish(ward.admin, 'east', 1)) as [Furnished]
    ;[west] = (await furnish(ward.admin, 'west', 1)) as [Furnished]
    await ward.admin.post('/users', { username: 'li', displayName: 'Li', role: 'nurse', wards: ['east'], password: 'ten letters at least' })
    nurse = await ward.as('li', 'ten letters at least')
    // The stay began an hour after the device was there: what it measured before belongs to somebody else.
    await run(ward.databaseUrl, [`update stay set admitted_at = '2026-01-10T09:00:00Z'`, `update stay_bed set from_at = '2026-01-10T09:00:00Z'`, `update monitoring_interval set from_at = '2026-01-10T09:00:00Z'`])
    const samples = Array.from({ length: HOURS * 360 }, (_, i) => ({ t: T + i * 10_000, seq: i + 1, epoch: 'e', values: i % 10 === 9 ? { pr: 60 + (i % 5) } : { pr: 60 + (i % 5), spo2: 97.5 }, ...(i % 10 === 9 && { remarks: { x: { spo2: 'off' as const } } }) }))
    await storeSamples(ward.databaseUrl, east.device.id, samples)
    await closeSamples(ward.databaseUrl, east.device.id, T + 2 * 3_600_000)
  }, 120_000)
  afterAll(async () => {
    await ward?.stop()
    await postgres?.stop()
  })

  const span = { from: new Date(T).toISOString(), to: new Date(T + HOURS * 3_600_000).toISOString() }
  const make = (what: Partial<NewExport>, api = ward.admin) => api.ask<ExportJob>('POST', '/exports', { format: 'csv', ...span, ...what })
  const done = async (what: Partial<NewExport>, api = ward.admin): Promise<ExportJob> => {
    const { id } = (await make(what, api)).body
    let job: ExportJob | undefined
    await expect.poll(async () => (job = await api.get<ExportJob>(`/exports/${id}`)).state, { timeout: 30_000 }).toBe('done')
    return job as ExportJob
  }
  const fetchFile = (id: string, headers: Record<string, string> = {}, api = ward.admin) => fetch(`${ward.http}/api/v1/exports/${id}/file`, { headers: { cookie: api.cookie, ...headers } })
  const textOf = async (job: ExportJob, api = ward.admin) => {
    const bytes = Buffer.from(await (await fetchFile(job.id, {}, api)).arrayBuffer())
    return (job.gzip ? gunzipSync(bytes) : bytes).toString()
  }

  it('holds every value of open and closed hours once, with unit and quality, and how far it is while it is made', async () => {
    const job = await done({ devices: [east.device.id] })
    expect(job).toMatchObject({ gzip: true, samples: HOURS * 360, share: 1, fileName: expect.stringMatching(/^vigil-2026-01-10-.{8}\.csv\.gz$/) as string, expiresAt: expect.any(String) as string })
    const lines = (await textOf(job)).trimEnd().split('\r\n')
    expect(lines).toHaveLength(1 + job.rows)
    expect(job.rows).toBe(HOURS * 360 * 2)
    expect(lines[1]).toBe(`${span.from},${east.device.id},,pr,60,/min,,,tele,,100,1`)
    const off = lines.filter((line) => line.includes(',off,'))
    expect(off).toHaveLength(HOURS * 36)
    expect(off[0]).toBe(`2026-01-10T08:01:30.000Z,${east.device.id},,spo2,,%,off,,tele,,100,10`)
    const times = lines.slice(1).map((line) => line.slice(0, 24))
    expect(times).toEqual([...times].sort())
  })

  it('of a bed and of a stay holds what was measured of that patient, and names the stay', async () => {
    for (const what of [{ beds: ['east-1'] }, { stays: [east.stay.id] }, { beds: ['east-1'], stays: [east.stay.id] }]) {
      const job = await done({ ...what, format: 'ndjson', gzip: false, signals: ['pr'] })
      const lines = (await textOf(job)).trimEnd().split('\n').map((line) => JSON.parse(line) as { time: string; stay: string; signal: string })
      expect(lines).toHaveLength((HOURS - 1) * 360)
      expect(lines[0]).toMatchObject({ time: '2026-01-10T09:00:00.000Z', stay: east.stay.id, signal: 'pr' })
    }
  })

  it('goes on from where a download broke off', async () => {
    const job = await done({ devices: [east.device.id], signals: ['pr'] })
    const whole = Buffer.from(await (await fetchFile(job.id)).arrayBuffer())
    const first = await fetchFile(job.id, { range: 'bytes=0-99' })
    expect([first.status, first.headers.get('content-range')]).toEqual([206, `bytes 0-99/${whole.length}`])
    const rest = await fetchFile(job.id, { range: 'bytes=100-', 'if-range': first.headers.get('etag') ?? '' })
    expect(Buffer.concat([Buffer.from(await first.arrayBuffer()), Buffer.from(await rest.arrayBuffer())]).equals(whole)).toBe(true)
    expect((await fetchFile(job.id, { range: `bytes=${whole.length}-` })).status).toBe(416)
  })

  it('keeps to wards, to who may export, and to who made it', async () => {
    expect((await make({ beds: ['west-1'] }, nurse)).body).toMatchObject({ code: 'OUT_OF_WARDS' })
    expect((await make({ stays: [west.stay.id] }, nurse)).body).toMatchObject({ code: 'OUT_OF_WARDS' })
    // The device watched others before.
    expect((await make({ devices: [east.device.id] }, nurse)).body).toMatchObject({ code: 'OUT_OF_WARDS' })
    const mine = await done({ beds: ['east-1'], signals: ['spo2'] }, nurse)
    expect((await fetchFile(mine.id, {}, nurse)).status).toBe(200)
    expect((await fetchFile(mine.id)).status).toBe(404)
    expect((await nurse.get<ExportList>('/exports')).exports).toMatchObject([{ id: mine.id }])
    await ward.admin.post('/users', { username: 'view', displayName: 'View', role: 'viewer', wards: null, password: 'ten letters at least' })
    expect((await make({ beds: ['east-1'] }, await ward.as('view', 'ten letters at least'))).body).toMatchObject({ code: 'FORBIDDEN' })
    for (const action of ['export.make', 'export.download']) expect((await ward.admin.get<AuditList>(`/audit?action=${action}`)).entries.filter(({ username }) => username === 'li')).not.toEqual([])
  })

  it.each([
    ['nobody', {}, 'INVALID_REQUEST'],
    ['a reversed range', { beds: ['east-1'], from: span.to, to: span.from }, 'INVALID_RANGE'],
    ['a signal nobody knows', { beds: ['east-1'], signals: ['nonsense'] }, 'UNKNOWN_SIGNAL'],
    ['a name that climbs out of its folder', { devices: ['../../etc/passwd'] }, 'INVALID_REQUEST'],
  ])('of %s is refused', async (_, what, code) => {
    expect((await make(what)).body).toMatchObject({ code })
  })

  it('can be ended and removed; nothing of it stays on the disk', async () => {
    const job = await done({ beds: ['east-1'] })
    const { id } = (await make({ beds: ['east-1'], from: '2020-01-01T00:00:00Z' })).body
    for (const one of [id, job.id]) expect((await ward.admin.ask('DELETE', `/exports/${one}`)).status).toBe(204)
    expect((await fetchFile(job.id)).status).toBe(404)
    expect(readdirSync(join(ward.data, 'central', 'exports')).filter((name) => name.startsWith(job.id) || name.startsWith(id))).toEqual([])
  })

  it('is there after a restart, and begins anew when it was not done', async () => {
    const job = await done({ beds: ['east-1'], signals: ['pr'] })
    const { id } = (await make({ beds: ['east-1'], from: '2020-01-01T00:00:00Z' })).body
    await ward.stopStation()
    await ward.startAgain()
    expect((await fetchFile(job.id)).status).toBe(200)
    const again = apiWith(ward.http, ward.admin.cookie)
    await expect.poll(async () => (await again.get<ExportJob>(`/exports/${id}`)).state, { timeout: 30_000 }).toBe('done')
  })
})
