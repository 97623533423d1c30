import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Annotation, AnnotationList, AuditList, SavedQueryList } from '@vigil/contract'
import { until } from '@vigil/ops/testing'
import type { TestApi } from '../support/api.ts'
import { furnish } from '../support/furnish.ts'
import { rows, run, startPostgres, type TestPostgres } from '../support/postgres.ts'
import { PASSWORD, startStation, type TestStation } from '../support/station.ts'

const NIGHT = Date.UTC(2026, 0, 1, 2)
const at = (minutes: number) => new Date(NIGHT + minutes * 60_000).toISOString()

describe('what people note beside the record', () => {
  let postgres: TestPostgres
  let ward: TestStation
  let nurse: TestApi
  let base: string

  beforeAll(async () => {
    postgres = await startPostgres()
    ward = await startStation({ databaseUrl: await postgres.database() })
    const [bed] = await furnish(ward.admin, 'notes', 1)
    base = `/stays/${bed?.stay.id}/annotations`
    await ward.admin.post('/users', { username: 'li', displayName: 'Li Wei', role: 'nurse', password: PASSWORD })
    nurse = await ward.as('li', PASSWORD)
  })
  afterAll(async () => {
    await ward?.stop()
    await postgres?.stop()
  })

  const list = async (query = '') => (await nurse.get<AnnotationList>(`${base}${query}`)).annotations

  it('a note says who, when and about what; it comes with every range that touches it', async () => {
    const added = await nurse.post<Annotation>(base, { from: at(10), to: at(20), signal: 'spo2', text: 'Turned on the left side' })
    expect(added).toMatchObject({ from: at(10), to: at(20), signal: 'spo2', text: 'Turned on the left side', by: 'li', role: 'nurse', withdrawn: false, earlier: [] })
    expect(await list(`?from=${at(15)}&to=${at(60)}`)).toEqual([added])
    expect(await list(`?from=${at(21)}&to=${at(60)}`)).toEqual([])
  })

  it('is corrected with a reason, keeps what it said, and is withdrawn rather than deleted', async () => {
    const first = await nurse.post<Annotation>(base, { from: at(100), text: 'Suctoned' })
    const second = await ward.admin.post<Annotation>(`${base}/${first.id}/correction`, { text: 'Suctioned', reason: 'spelling' })
    expect(second).toMatchObject({ text: 'Suctioned', by: 'admin', reason: 'spelling', earlier: [{ text: 'Suctoned', by: 'li' }] })
    const late = await nurse.ask('POST', `${base}/${first.id}/correction`, { text: 'Other', reason: 'did not see it' })
    expect([late.status, late.body.code]).toEqual([409, 'VERSION_CONFLICT'])
    await nurse.post(`${base}/${second.id}/correction`, { withdraw: true, reason: 'wrong patient' })
    expect(await list(`?from=${at(99)}&to=${at(101)}`)).toMatchObject([{ text: 'Suctioned', withdrawn: true, reason: 'wrong patient', earlier: [{ text: 'Suctioned' }, { text: 'Suctoned' }] }])
    expect(await rows(ward.databaseUrl, 'select 1 from annotation where from_at = $1', [at(100)])).toHaveLength(3)
    await expect(run(ward.databaseUrl, ['delete from annotation'])).rejects.toThrow(/corrected, never changed/)
  })

  it('refuses a time to come, a reversed stretch, a signal nobody knows, and a stay that is not there', async () => {
    const code = async (path: string, body: object) => (await nurse.ask('POST', path, body)).body.code
    expect(await code(base, { from: new Date(Date.now() + 3_600_000).toISOString(), text: 'x' })).toBe('INVALID_RANGE')
    expect(await code(base, { from: at(9), to: at(8), text: 'x' })).toBe('INVALID_RANGE')
    expect(await code(base, { from: at(9), signal: 'nonsense', text: 'x' })).toBe('UNKNOWN_SIGNAL')
    expect(await code('/stays/00000000-0000-7000-8000-000000000000/annotations', { from: at(9), text: 'x' })).toBe('NOT_FOUND')
  })

  it('stands in the audit, the text itself does not', async () => {
    const entries = await until('the audit has both', 5_000, async () => {
      const found = (await ward.admin.get<AuditList>('/audit?action=annotation')).entries
      return found.some((e) => e.action === 'annotation.add') && found.some((e) => e.action === 'annotation.correct') ? found : undefined
    })
    expect(JSON.stringify(entries)).not.toContain('Suctioned')
  })

  it('questions a person keeps are theirs alone, one of each name, and can be removed', async () => {
    const { admin } = ward
    await admin.post('/saved-queries', { name: 'Night', query: 'signals=spo2&from=1&to=2' })
    await admin.post('/saved-queries', { name: 'Night', query: 'signals=pr&from=1&to=2' })
    const { queries } = await admin.get<SavedQueryList>('/saved-queries')
    expect(queries.map(({ name, query }) => [name, query])).toEqual([['Night', 'signals=pr&from=1&to=2']])
    expect((await nurse.get<SavedQueryList>('/saved-queries')).queries).toEqual([])
    expect((await nurse.ask('DELETE', `/saved-queries/${queries[0]?.id}`)).status).toBe(404)
    expect((await admin.ask('DELETE', `/saved-queries/${queries[0]?.id}`)).status).toBe(204)
    expect((await admin.ask('POST', '/saved-queries', { name: 'x', query: 'a=<script>' })).status).toBe(400)
  })
})
