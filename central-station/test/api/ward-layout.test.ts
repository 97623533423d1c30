import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AuditEntry, Patient, Stay, Ward, WardList } from '@vigil/contract'
import type { TestApi } from '../support/api.ts'
import { openScreen } from '../support/live.ts'
import { startPostgres, type TestPostgres } from '../support/postgres.ts'
import { startStation, type TestStation } from '../support/station.ts'

describe('wards and their beds', { timeout: 120_000 }, () => {
  let postgres: TestPostgres
  let house: TestStation
  let admin: TestApi
  let nurse: TestApi
  const labels = ({ beds }: Pick<Ward, 'beds'>) => beds.map(({ label }) => label)
  const ids = ({ beds }: Pick<Ward, 'beds'>) => beds.map(({ id }) => id)
  const code = async (...asked: Parameters<TestApi['ask']>) => ((await admin.ask<{ code?: string }>(...asked)).body).code
  const last = async (action: string) => (await admin.get<{ entries: AuditEntry[] }>(`/audit?action=${action}`)).entries[0]
  const admitted = async (bedId: string) => {
    const { id: patientId } = await admin.post<Patient>('/patients', { familyName: `Of ${bedId}` })
    return admin.post<Stay>('/stays', { patientId, bedId })
  }

  beforeAll(async () => {
    postgres = await startPostgres()
    house = await startStation({ databaseUrl: await postgres.database() })
    ;({ admin } = house)
  }, 120_000)
  afterAll(async () => {
    await house?.stop()
    await postgres?.stop()
  })

  it('are made with names of their own for what people call them', async () => {
    const ward = await admin.post<Ward>('/wards', { name: 'Ward 3 East', beds: [{ label: '01' }, { label: '02' }, { label: '窗' }] })
    expect(ward).toMatchObject({ id: 'ward-3-east', name: 'Ward 3 East', mode: 'real' })
    expect(ids(ward)).toEqual(['ward-3-east-01', 'ward-3-east-02', 'ward-3-east'])
    expect((await admin.post<Ward>('/wards', { name: 'Ward 3, east', beds: [{ label: '1' }] })).id).toBe('ward-3-east-2')
    expect(await last('ward.add')).toMatchObject({ wardId: 'ward-3-east-2', detail: { name: 'Ward 3, east', beds: 1 } })
    expect(await code('POST', '/wards', { name: 'Two of one', beds: [{ label: 'A' }, { label: 'a' }] })).toBe('ALREADY_EXISTS')
    expect((await admin.get<WardList>('/wards')).wards).toHaveLength(2)
  })

  it('are renamed and put in another order, and every screen is told at once', async () => {
    await admin.post('/users', { username: 'li', displayName: 'Li', role: 'nurse', wards: ['ward-3-east'], password: 'ten letters at least' })
    nurse = await house.as('li', 'ten letters at least')
    const screen = await openScreen(nurse)
    screen.watch({ wards: ['ward-3-east'] })
    await screen.sees('ward')
    const ward = await admin.ask<Ward>('PATCH', '/wards/ward-3-east', { name: 'East', beds: ['ward-3-east', 'ward-3-east-01', 'ward-3-east-02'] })
    expect(ward.body.name).toBe('East')
    expect(labels(ward.body)).toEqual(['窗', '01', '02'])
    await screen.sees('ward', (told) => told.ward.name === 'East' && labels(told.ward).join(' ') === '窗 01 02')
    expect(await last('ward.change')).toMatchObject({ wardId: 'ward-3-east', detail: { name: { before: 'Ward 3 East', after: 'East' }, beds: { before: ['01', '02', '窗'], after: ['窗', '01', '02'] } } })
    screen.close()
  })

  it('are not moved by who has not seen all of them', async () => {
    for (const beds of [['ward-3-east'], ['ward-3-east', 'ward-3-east-01', 'ward-3-east-01'], ['ward-3-east', 'ward-3-east-01', 'ward-3-east-2-1']]) expect(await code('PATCH', '/wards/ward-3-east', { beds })).toBe('VERSION_CONFLICT')
    expect(await code('PATCH', '/wards/nowhere', { name: 'x' })).toBe('NOT_FOUND')
    expect(await code('PATCH', '/wards/ward-3-east', { name: '  ' })).toBe('INVALID_REQUEST')
  })

  it('are added at the end, each label once, and called otherwise', async () => {
    expect(labels(await admin.post<Ward>('/wards/ward-3-east/beds', { label: '03' }))).toEqual(['窗', '01', '02', '03'])
    expect(await last('ward.bed_add')).toMatchObject({ wardId: 'ward-3-east', detail: { bedId: 'ward-3-east-03', label: '03' } })
    expect(await code('POST', '/wards/ward-3-east/beds', { label: '03' })).toBe('ALREADY_EXISTS')
    expect(await code('POST', '/wards/ward-3-east/beds', { label: '04', id: 'ward-3-east-2-1' })).toBe('ALREADY_EXISTS')
    expect(await code('PATCH', '/wards/ward-3-east/beds/ward-3-east-03', { label: '02' })).toBe('ALREADY_EXISTS')
    expect(await code('PATCH', '/wards/ward-3-east-2/beds/ward-3-east-03', { label: '9' })).toBe('NOT_FOUND')
    const renamed = await admin.ask<Ward>('PATCH', '/wards/ward-3-east/beds/ward-3-east-03', { label: 'Side room' })
    expect(labels(renamed.body)).toEqual(['窗', '01', '02', 'Side room'])
    expect(await last('ward.bed_change')).toMatchObject({ detail: { bedId: 'ward-3-east-03', label: { before: '03', after: 'Side room' } } })
  })

  it('go out of service when nobody lies there, and what was there stays to be read', async () => {
    const stay = await admitted('ward-3-east-01')
    expect(await code('POST', '/wards/ward-3-east/beds/ward-3-east-01/retirement', { reason: 'rebuilt' })).toBe('BED_OCCUPIED')
    await admin.post(`/stays/${stay.id}/discharge`, {})
    const retired = await admin.post<Ward>('/wards/ward-3-east/beds/ward-3-east-01/retirement', { reason: 'rebuilt' })
    expect(labels(retired)).toEqual(['窗', '02', 'Side room'])
    expect(await last('ward.bed_retire')).toMatchObject({ wardId: 'ward-3-east', detail: { bedId: 'ward-3-east-01', label: '01', reason: 'rebuilt' } })
    expect(await admin.get<Stay>(`/stays/${stay.id}`)).toMatchObject({ bedId: 'ward-3-east-01', wardId: 'ward-3-east' })
    // Nobody comes in any more, not even by taking the discharge back.
    expect(await code('POST', '/stays', { patientId: stay.patient.id, bedId: 'ward-3-east-01' })).toBe('NOT_FOUND')
    expect(await code('POST', `/stays/${stay.id}/reopen`, {})).toBe('NOT_FOUND')
    expect(await code('POST', '/wards/ward-3-east/beds/ward-3-east-01/retirement', { reason: 'again' })).toBe('NOT_FOUND')
  })

  it('still belong to their ward, for who sees another one', async () => {
    await admin.post('/users', { username: 'there', displayName: 'There', role: 'admin', wards: ['ward-3-east-2'], password: 'ten letters at least' })
    const there = await house.as('there', 'ten letters at least')
    for (const [method, path, body] of [
      ['PATCH', '/wards/ward-3-east', { name: 'Mine' }],
      ['POST', '/wards/ward-3-east/beds', { label: '9' }],
      ['POST', '/exports', { format: 'csv', beds: ['ward-3-east-01'], from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' }],
    ] as const) expect([path, (await there.ask<{ code?: string }>(method, path, body)).body.code]).toEqual([path, 'OUT_OF_WARDS'])
  })

  it('come back under their own name when the label is wanted again', async () => {
    const ward = await admin.post<Ward>('/wards/ward-3-east/beds', { label: '01' })
    expect(ids(ward)).toEqual(['ward-3-east', 'ward-3-east-02', 'ward-3-east-03', 'ward-3-east-01'])
    expect(await admitted('ward-3-east-01')).toMatchObject({ bedId: 'ward-3-east-01' })
  })

  it('never lose a bed to a patient who is admitted in the same moment', async () => {
    await admin.post('/wards', { id: 'race', name: 'Race', beds: Array.from({ length: 12 }, (_, i) => ({ id: `race-${i}`, label: `${i}` })) })
    const patients = await Promise.all(Array.from({ length: 12 }, (_, i) => admin.post<Patient>('/patients', { familyName: `Race ${i}` })))
    const both = await Promise.all(patients.map(async ({ id }, i) => {
      const [admission, end] = await Promise.all([admin.ask('POST', '/stays', { patientId: id, bedId: `race-${i}` }), admin.ask('POST', `/wards/race/beds/race-${i}/retirement`, { reason: 'at once' })])
      return [admission.status < 300, end.status < 300]
    }))
    expect(both.map(([isIn, isOut]) => isIn !== isOut)).toEqual(Array.from({ length: 12 }, () => true))
  })
})
