import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AuditList, HealthData, HealthImportList, HealthImportReport, HealthSourceCreated, Patient, Problem } from '@vigil/contract'
import { apiWith, type TestApi } from '../support/api.ts'
import { rows, startPostgres, type TestPostgres } from '../support/postgres.ts'
import { startStation, type TestStation } from '../support/station.ts'

const folder = join(import.meta.dirname, '..', '..', '..', 'contract', 'test', 'health', 'data')
const payload = (name: string) => readFileSync(join(folder, 'authored', `${name}.json`), 'utf8')

interface Expected {
  readonly file: string
  readonly rows?: number
}

let postgres: TestPostgres
let ward: TestStation
let api: TestApi
beforeAll(async () => {
  postgres = await startPostgres()
  ward = await startStation({ databaseUrl: await postgres.database() })
  api = ward.admin
})
afterAll(async () => {
  await ward?.stop()
  await postgres?.stop()
})

/** A person with a phone. */
async function person(name: string) {
  const { id } = await api.post<Patient>('/patients', { familyName: name })
  const phone = await api.post<HealthSourceCreated>(`/patients/${id}/health-sources`, { label: 'iPhone' })
  const ask = (body: string | Buffer<ArrayBuffer>, headers: Record<string, string> = {}) => fetch(`${ward.http}/api/v1/import/health-auto-export`, { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${phone.token}`, ...headers }, body })
  return {
    id,
    phone,
    ask,
    async send(body: string, headers: Record<string, string> = {}) {
      const answer = await ask(body, headers)
      expect(answer.status).toBe(200)
      return (await answer.json()) as HealthImportReport
    },
    read: (query: string) => api.get<HealthData>(`/patients/${id}/health?${query}`),
    all: () => rows(ward.databaseUrl, 'select m.name as metric, v.start_at, v.aggregation, v.value, v.low, v.high, v.parts, v.raw from health_value v join health_name m on m.no = v.metric_no join health_person p on p.no = v.person_no where p.patient_id = $1 order by 1, 2, 3', [id]),
    happenings: () => rows(ward.databaseUrl, 'select e.* from health_event e join health_person p on p.no = e.person_no where p.patient_id = $1', [id]),
  }
}
const steps = (qty: number, date = '2026-03-01 09:00:00 +0100') => JSON.stringify({ data: { metrics: [{ name: 'step_count', units: 'count', data: [{ date, qty, source: 'Watch' }] }] } })
const march = 'range=custom&from=2026-02-28T00:00:00Z&to=2026-03-03T00:00:00Z'

describe('an export of Health Auto Export', () => {
  const expected = (JSON.parse(payload('expect')) as Expected[]).filter(({ file, rows }) => file.endsWith('.json') && rows !== undefined)
  it.each(expected.map((one) => [one.file, one.rows] as const))('%s becomes %s rows, the same ones when it comes three times', async (file, count) => {
    const anna = await person(`Of ${file}`)
    const body = readFileSync(join(folder, file), 'utf8')
    const first = await anna.send(body)
    const before = [...(await anna.all()), ...(await anna.happenings())]
    expect(first.stored).toBe(count)
    expect(before).toHaveLength(count ?? 0)
    for (const again of [await anna.send(body), await anna.send(body)]) expect(again).toMatchObject({ stored: 0, changed: 0, unchanged: count, refused: first.refused })
    expect([...(await anna.all()), ...(await anna.happenings())]).toEqual(before)
  })

  it('the later export wins: an hour that was a part becomes the whole, once', async () => {
    const anna = await person('Hours')
    const head = { 'automation-id': 'A-1', 'automation-aggregation': 'Hours', 'automation-period': 'Since Last Sync', 'session-id': 'S-1' }
    expect(await anna.send(payload('14a-partial-hour'), head)).toMatchObject({ stored: 1 })
    expect(await anna.send(payload('14b-full-hour-resend'), { 'automation-id': 'A-1', 'session-id': 'S-2' })).toMatchObject({ stored: 0, changed: 1 })
    expect(await anna.send(payload('14b-full-hour-resend'))).toMatchObject({ stored: 0, changed: 0, unchanged: 1 })
    expect(await anna.all()).toMatchObject([{ value: 951, aggregation: 3 }])
  })

  it('a part of a day never replaces the whole day', async () => {
    const anna = await person('Days')
    const day = '2026-03-01 00:00:00 +0100'
    const whole = { 'automation-aggregation': 'Days', 'automation-period': 'Yesterday' }
    const part = { 'automation-aggregation': 'Days', 'automation-period': 'Since Last Sync' }
    await anna.send(steps(8_000, day), part)
    await anna.send(steps(9_500, day), whole)
    expect(await anna.send(steps(1_200, day), part)).toMatchObject({ kept: 1, changed: 0, unchanged: 0 })
    expect(await anna.all()).toMatchObject([{ value: 9_500 }])
    // What adds up can only have become more: a watch that synced late.
    expect(await anna.send(steps(9_900, day), part)).toMatchObject({ kept: 0, changed: 1 })
  })

  it('a late overlap with the same values changes nothing, whatever else it brings', async () => {
    const anna = await person('Overlap')
    const body = JSON.parse(payload('01-seed15-hourly')) as { data: { metrics: { data: unknown[] }[] } }
    await anna.send(JSON.stringify(body))
    const late = { data: { metrics: body.data.metrics.map((metric) => ({ ...metric, data: [...metric.data.slice(-2).reverse(), ...metric.data.slice(0, 1)] })) } }
    const before = await anna.all()
    expect(await anna.send(JSON.stringify(late))).toMatchObject({ stored: 0, changed: 0 })
    expect(await anna.all()).toEqual(before)
  })

  it('rows that cannot be taken are told with their reasons, to the phone and to people', async () => {
    const anna = await person('Hostile')
    const report = await anna.send(payload('12-hostile'))
    expect(report).toMatchObject({ stored: 3, refused: 6, refusedBy: { implausible: 2, no_time: 2, not_an_object: 2 } })
    expect(report.refusals[0]).toEqual({ what: 'heart_rate', why: 'implausible' })
    const { imports } = await api.get<HealthImportList>(`/patients/${anna.id}/health-imports`)
    expect(imports).toMatchObject([{ door: 'http', source: 'iPhone', report: { refused: 6 } }])
    expect((await api.get<AuditList>(`/audit?action=health.import&patient=${anna.id}`)).entries).toMatchObject([{ username: '(phone)', detail: { stored: 3, refused: 6 } }])
    expect(await (await fetch(`${ward.http}/metrics`)).text()).toMatch(/vigil_health_rows_total\{outcome="refused_implausible",program="central-station"\} \d/)
  })

  it('comes compressed, and is refused when it is not whole; what came before stands', async () => {
    const anna = await person('Gzip')
    expect((await anna.ask(gzipSync(payload('03-blood-pressure')), { 'content-encoding': 'gzip' })).status).toBe(200)
    const broken = await anna.ask(payload('02-raw-heart-rate-qty').slice(0, -8))
    expect([broken.status, ((await broken.json()) as Problem).code]).toEqual([400, 'MALFORMED_JSON'])
    expect(await anna.all()).toHaveLength(3)
    // Whoever reads the list sees that it broke off and why; the time of the last sync is that of the last whole one.
    const { imports } = await api.get<HealthImportList>(`/patients/${anna.id}/health-imports`)
    expect(imports[0]?.report?.brokeOff).toMatchObject({ code: 'MALFORMED_JSON' })
    expect((await anna.read(march)).syncedAt).toBe(imports[1]?.at)
    expect((await anna.ask('x', { 'content-encoding': 'br' })).status).toBe(415)
  })

  it('is the token’s business alone: no token, a wrong one, one that ended, and every header it may stand in', async () => {
    const anna = await person('Token')
    const bare = (headers: Record<string, string>) => fetch(`${ward.http}/api/v1/import/health-auto-export`, { method: 'POST', body: steps(5), headers })
    for (const headers of [{}, { authorization: 'Bearer no' }, { 'api-key': 'no' }]) expect((await bare(headers as Record<string, string>)).status).toBe(401)
    for (const headers of [{ 'api-key': anna.phone.token }, { 'x-api-key': anna.phone.token }, { authorization: `Bearer ${anna.phone.token}` }]) expect((await bare(headers as Record<string, string>)).status).toBe(200)
    await api.ask('DELETE', `/patients/${anna.id}/health-sources/${anna.phone.id}`)
    expect((await bare({ 'api-key': anna.phone.token })).status).toBe(401)
    expect((await apiWith(ward.http, '').ask('GET', `/patients/${anna.id}/health`)).status).toBe(401)
  })
})

describe('what it says', () => {
  it('by ranges of the person’s own days, each series as what it is', async () => {
    const anna = await person('Reader')
    await anna.send(payload('01-seed15-hourly'))
    const data = await anna.read(march)
    expect(data).toMatchObject({ origin: 'Apple Health', offsetMinutes: 60, syncedAt: expect.any(String), truncated: false })
    expect(data.series).toHaveLength(12)
    const pulse = data.series.find(({ metric }) => metric === 'heart_rate')
    expect(pulse).toMatchObject({ display: 'Heart rate', unit: '/min', kind: 'mean', aggregation: 'hour', source: 'Sim Watch' })
    expect(pulse?.rows[0]).toMatchObject({ t: Date.parse('2026-03-01T06:00:00+01:00'), v: 62.4, low: 55 })
    expect(data.series.find(({ metric }) => metric === 'flights_climbed')?.summary).toMatchObject({ count: 4, total: 3, low: 0 })
    expect((await anna.read(`${march}&metrics=step_count`)).series.map(({ metric }) => metric)).toEqual(['step_count'])
  })

  it('an hour without a value has no row, and a person nobody sent for has none at all', async () => {
    const anna = await person('Nothing')
    expect(await anna.read('range=week')).toMatchObject({ series: [], events: [] })
    const wrong = await api.ask('GET', `/patients/${anna.id}/health?range=custom&from=2026-03-03&to=2026-03-01`)
    expect([wrong.status, wrong.body.code]).toEqual([400, 'INVALID_RANGE'])
  })
})
