import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AuditList, Device, DeviceCreated, History, Ledger, Patient, Stay, Ward } from '@vigil/contract'
import { furnish, type Furnished } from '../support/furnish.ts'
import { rows, startPostgres, type TestPostgres } from '../support/postgres.ts'
import { storeSamples, type StoredSample } from '../support/records.ts'
import { startStation, type TestStation } from '../support/station.ts'
import type { TestApi } from '../support/api.ts'

describe('patients, beds and devices', () => {
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

  it('a device gets a secret once, kept only as the keyed hash the broker checks', async () => {
    const created = await api.post<DeviceCreated>('/devices', { id: 'keyed', label: 'Cart 3' })
    const pepper = Buffer.from(readFileSync(join(ward.data, 'secrets', 'pepper'), 'utf8').trim(), 'hex')
    const [row] = await rows<{ mac: string }>(ward.databaseUrl, `select encode(secret_mac, 'base64') as mac from device where id = 'keyed'`)
    expect(row?.mac).toBe(createHmac('sha256', pepper).update(created.secret).digest('base64'))
    expect(await api.get<Device>('/devices/keyed')).toMatchObject({ label: 'Cart 3', site: 'main', status: 'never', lastSeen: null, mode: 'real', intervalMs: 1_000, notices: [] })
    expect((await api.ask('POST', '/devices', { id: 'keyed' })).body.code).toBe('ALREADY_EXISTS')
    expect((await api.ask('POST', '/devices', { id: 'bridge' })).body.code).toBe('INVALID_REQUEST')
  })

  it('a device can be relabelled and taken out of service, but not while it watches somebody', async () => {
    const [bed] = await furnish(api, 'retire', 1)
    const path = `/devices/${bed?.device.id}`
    expect(await api.patch<Device>(path, { label: 'New label', note: 'spare battery' })).toMatchObject({ label: 'New label', note: 'spare battery' })
    expect((await api.ask('DELETE', path)).body).toMatchObject({ code: 'DEVICE_IN_USE', details: { stayId: bed?.stay.id, bedId: 'retire-1' } })
    await api.patch(`/stays/${bed?.stay.id}`, { deviceId: null })
    expect((await api.ask('DELETE', path)).status).toBe(204)
    expect(await api.get<Device>(path)).toHaveProperty('retiredAt')
    expect((await api.get<{ devices: Device[] }>('/devices')).devices.map((d) => d.id)).not.toContain(bed?.device.id)
    expect((await api.ask('PATCH', `/stays/${bed?.stay.id}`, { deviceId: bed?.device.id })).body.code).toBe('NOT_FOUND')
  })

  it('shows what the durable lane noticed about a device', async () => {
    await api.post('/devices', { id: 'suspect' })
    await rows(ward.databaseUrl, `insert into device_notice (device_no, kind, count, detail) select no, 'clock_suspect', 3, '{"aheadMs":86400000}' from device where id = 'suspect'`)
    await api.post('/devices', { id: 'another' })
    expect(await api.get<Device>('/devices/suspect')).toMatchObject({ notices: [{ kind: 'clock_suspect', count: 3, detail: { aheadMs: 86_400_000 } }] })
  })

  it('finds a patient by part of a name or by number, and two editors are told of each other', async () => {
    const patient = await api.post<Patient>('/patients', { familyName: 'Kowalski', givenName: 'Ewa', identifier: '1297287652', birthDate: '1945-07-14', sex: 'female', title: 'Ms' })
    for (const q of ['kowal', 'EWA', '12972', 'ski ew', 'KOWALSKI, Ewa', 'Ewa Kowalski', '129 728']) expect((await api.get<{ patients: Patient[] }>(`/patients?q=${encodeURIComponent(q)}`)).patients.map((p) => p.id)).toEqual([patient.id])
    expect(await api.get<{ patients: Patient[] }>('/patients?q=%25')).toEqual({ patients: [] })
    const changed = await api.patch<Patient>(`/patients/${patient.id}`, { familyName: 'Kowalska', version: 1 })
    expect(changed).toMatchObject({ familyName: 'Kowalska', givenName: 'Ewa', birthDate: '1945-07-14', version: 2 })
    expect((await api.ask('PATCH', `/patients/${patient.id}`, { familyName: 'Nowak', version: 1 })).body).toMatchObject({ code: 'VERSION_CONFLICT', details: { version: 2 } })
    expect((await api.ask('POST', '/patients', { familyName: 'Other', identifier: '1297287652' })).body.code).toBe('ALREADY_EXISTS')
  })

  it('one patient, one bed, one device: each refusal says where the other one is', async () => {
    const [first, second] = await furnish(api, 'rules', 4, 2)
    const spare = await api.post<Patient>('/patients', { familyName: 'Spare' })
    const admit = (body: object) => api.ask('POST', '/stays', { patientId: spare.id, bedId: 'rules-3', ...body })
    expect((await admit({ bedId: 'rules-1' })).body).toMatchObject({ code: 'BED_OCCUPIED', details: { stayId: first?.stay.id } })
    expect((await admit({ patientId: first?.patient.id })).body).toMatchObject({ code: 'ALREADY_EXISTS', details: { stayId: first?.stay.id, bedId: 'rules-1' } })
    expect((await admit({ deviceId: first?.device.id })).body).toMatchObject({ code: 'DEVICE_IN_USE', details: { stayId: first?.stay.id, bedId: 'rules-1', wardId: 'rules' } })
    expect((await admit({ bedId: 'no-such-bed' })).body.code).toBe('NOT_FOUND')
    expect((await admit({ deviceId: 'no-such-device' })).body.code).toBe('NOT_FOUND')
    expect((await api.ask('PATCH', `/stays/${second?.stay.id}`, { deviceId: first?.device.id })).body.code).toBe('DEVICE_IN_USE')
    expect((await api.ask('POST', `/stays/${second?.stay.id}/transfer`, { bedId: 'rules-1' })).body.code).toBe('BED_OCCUPIED')
    const stays = await rows<{ n: number }>(ward.databaseUrl, `select count(*)::int as n from stay where patient_id = $1`, [spare.id])
    expect(stays).toEqual([{ n: 0 }])
  })

  it('a stay written down later begins when it really began, but never before the device was free', async () => {
    const [bed] = await furnish(api, 'later', 2)
    const began = new Date(Date.now() - 6 * 3_600_000).toISOString()
    await api.post('/wards', { id: 'later-more', name: 'Later', beds: [{ id: 'later-more-1', label: '1' }] })
    const patient = await api.post<Patient>('/patients', { familyName: 'Late' })
    const admit = (admittedAt: string, deviceId?: string) => api.ask<Stay>('POST', '/stays', { patientId: patient.id, bedId: 'later-more-1', admittedAt, deviceId })
    for (const wrong of ['yesterday', new Date(Date.now() + 60_000).toISOString(), '2020-01-01T00:00:00Z']) expect(await admit(wrong)).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST' } })
    await api.patch(`/stays/${bed?.stay.id}`, { deviceId: null })
    const { body } = await admit(began, bed?.device.id)
    expect(body.admittedAt).toBe(began)
    const freed = (await api.get<Stay>(`/stays/${bed?.stay.id}`)).monitoring[0]?.to
    expect(body.monitoring[0]?.from).toBe(freed)
  })

  it('two nurses at once: one gets the bed, the other a reason', async () => {
    await furnish(api, 'race', 1, 0)
    const people = await Promise.all(Array.from({ length: 6 }, (_, i) => api.post<Patient>('/patients', { familyName: `Racer ${i}` })))
    const answers = await Promise.all(people.map((p) => api.ask('POST', '/stays', { patientId: p.id, bedId: 'race-1' })))
    expect(answers.filter((a) => a.status === 201)).toHaveLength(1)
    expect(new Set(answers.filter((a) => a.status !== 201).map((a) => a.body.code))).toEqual(new Set(['BED_OCCUPIED']))
  })

  it('demo and real are never linked', async () => {
    await furnish(api, 'modes', 1, 0)
    await api.post('/devices', { id: 'demo-board', mode: 'demo' })
    const real = await api.post<Patient>('/patients', { familyName: 'Real' })
    expect((await api.ask('POST', '/stays', { patientId: real.id, bedId: 'modes-1', deviceId: 'demo-board' })).body.code).toBe('MODE_MISMATCH')
    expect((await api.get<Ward>('/wards/modes')).beds[0]).not.toHaveProperty('stay')
  })

  it('two patients swap beds in one moment, each with their device and history', async () => {
    const [first, second] = await furnish(api, 'swap', 2)
    const to = second?.stay.bedId as string
    expect((await api.ask('POST', `/stays/${first?.stay.id}/transfer`, { bedId: to })).body.code).toBe('BED_OCCUPIED')
    expect(await api.post<Stay>(`/stays/${first?.stay.id}/transfer`, { bedId: to, swap: true })).toMatchObject({ bedId: to, deviceId: first?.device.id })
    expect((await api.get<Ward>('/wards/swap')).beds.map((b) => [b.stay?.id, b.device?.id])).toEqual([[second?.stay.id, second?.device.id], [first?.stay.id, first?.device.id]])
    const [open] = await rows<{ n: number }>(ward.databaseUrl, `select count(*)::int as n from stay_bed where stay_id = any($1) and to_at is null`, [[first?.stay.id, second?.stay.id]])
    expect(open?.n).toBe(2)
  })

  it('a discharge by a slip of the finger is taken back without a gap; not when the bed has somebody new or it is long ago', async () => {
    const [bed] = await furnish(api, 'slip', 2, 1)
    const stay = bed?.stay as Stay
    await api.post(`/stays/${stay.id}/discharge`)
    expect(await api.post<Stay>(`/stays/${stay.id}/reopen`)).toMatchObject({ bedId: stay.bedId, deviceId: bed?.device.id, monitoring: [{ from: stay.monitoring[0]?.from }] })
    expect(await api.get<Stay>(`/stays/${stay.id}`)).not.toHaveProperty('dischargedAt')
    await api.post(`/stays/${stay.id}/discharge`)
    const next = await api.post<Patient>('/patients', { familyName: 'Next' })
    const taken = await api.post<Stay>('/stays', { patientId: next.id, bedId: stay.bedId, deviceId: bed?.device.id })
    expect((await api.ask('POST', `/stays/${stay.id}/reopen`)).body.code).toBe('BED_OCCUPIED')
    await api.post(`/stays/${taken.id}/discharge`)
    expect(await api.post<Stay>(`/stays/${stay.id}/reopen`)).not.toHaveProperty('deviceId')
    await api.post(`/stays/${stay.id}/discharge`)
    await rows(ward.databaseUrl, `update stay set admitted_at = now() - interval '1 hour', discharged_at = now() - interval '6 minutes' where id = $1`, [stay.id])
    expect((await api.ask('POST', `/stays/${stay.id}/reopen`)).body.code).toBe('STAY_ENDED')
  })

  it('a transfer takes device and history along; a discharge frees bed and device and ends the stay', async () => {
    const [bed] = await furnish(api, 'move', 2, 1)
    const stay = bed?.stay as Stay
    const moved = await api.post<Stay>(`/stays/${stay.id}/transfer`, { bedId: 'move-2' })
    expect(moved).toMatchObject({ bedId: 'move-2', deviceId: bed?.device.id, monitoring: [{ deviceId: bed?.device.id }], version: 2 })
    const beds = (await api.get<Ward>('/wards/move')).beds
    expect(beds.map((b) => b.stay?.id)).toEqual([undefined, stay.id])
    const ended = await api.post<Stay>(`/stays/${stay.id}/discharge`)
    expect(ended).toMatchObject({ dischargedAt: expect.any(String), monitoring: [{ to: expect.any(String) }] })
    expect(ended).not.toHaveProperty('deviceId')
    expect((await api.get<Ward>('/wards/move')).beds.map((b) => b.stay?.id)).toEqual([undefined, undefined])
    for (const [method, path, body] of [['POST', 'discharge', undefined], ['POST', 'transfer', { bedId: 'move-1' }]] as const) expect((await api.ask(method, `/stays/${stay.id}/${path}`, body)).body.code).toBe('STAY_ENDED')
    expect((await api.ask('PATCH', `/stays/${stay.id}`, { deviceId: bed?.device.id })).body.code).toBe('STAY_ENDED')
    const history = await rows<{ bed_id: string; open: boolean }>(ward.databaseUrl, 'select bed_id, to_at is null as open from stay_bed where stay_id = $1 order by from_at', [stay.id])
    expect(history).toEqual([{ bed_id: 'move-1', open: false }, { bed_id: 'move-2', open: false }])
  })

  describe('a device handed on', () => {
    let device: string
    let first: Stay
    let next: Stay
    let range: string
    const values = async (path: string) => (await api.get<History>(`${path}/history?${range}`)).series[0]?.points.map(([, v]) => v)

    beforeAll(async () => {
      const [bed] = (await furnish(api, 'handover', 2, 1)) as [Furnished]
      device = bed.device.id
      const second = await api.post<Patient>('/patients', { familyName: 'Second' })
      await api.patch(`/stays/${bed.stay.id}`, { deviceId: null, version: 1 })
      next = await api.post<Stay>('/stays', { patientId: second.id, bedId: 'handover-2', deviceId: device })
      first = await api.get<Stay>(`/stays/${bed.stay.id}`)
      const [{ from, to = '' }] = first.monitoring as [Stay['monitoring'][number]]
      const [{ from: since }] = next.monitoring as [Stay['monitoring'][number]]
      const at = (t: number, seq: number, pr: number): StoredSample => ({ t, seq, epoch: 'a', values: { pr } })
      await storeSamples(ward.databaseUrl, device, [at(Date.parse(from), 1, 61), at(Date.parse(to) - 1, 2, 62), at(Date.parse(since), 3, 71), at(Date.parse(since) + 5, 4, 72)])
      range = `from=${Date.parse(from) - 60_000}&to=${Date.parse(since) + 60_000}&signals=pr`
    })

    it('tells two editors of each other', async () => {
      expect((await api.ask('PATCH', `/stays/${first.id}`, { reason: 'x', version: 1 })).body).toMatchObject({ code: 'VERSION_CONFLICT', details: { version: 2 } })
    })

    it('gives each patient their own samples and not one of the other, at every resolution', async () => {
      expect(await values(`/stays/${first.id}`)).toEqual([61, 62])
      expect(await values(`/stays/${next.id}`)).toEqual([71, 72])
      expect(await values(`/devices/${device}`)).toEqual([61, 62, 71, 72])
      for (const resolution of ['1m', '1h']) {
        const { series } = await api.get<History>(`/stays/${next.id}/history?${range}&resolution=${resolution}`)
        expect(series[0]?.points).toEqual([[expect.any(Number), 71, 71.5, 72]])
      }
    })

    it('gives the same in a file that says who exported it and that it is whole', async () => {
      const csv = await api.ask<string>('GET', `/stays/${first.id}/history.csv?${range}`)
      expect(csv.headers.get('content-disposition')).toMatch(/^attachment; filename="stay-[\w-]+\.csv"$/)
      const lines = csv.body.split('\r\n')
      expect(lines).toContain('time,device,pr')
      expect(lines.filter((line) => line.startsWith('2')).map((line) => line.split(',').slice(1))).toEqual([[device, '61'], [device, '62']])
      expect(lines.at(-2)).toBe('# end, 2 rows')
      expect(csv.body).toContain('# exported by admin at ')
      const minutes = await api.ask<string>('GET', `/devices/${device}/history.csv?${range}&resolution=1m`)
      expect(minutes.body).toContain('time,pr min,pr mean,pr max\r\n')
    })

    it('leaves a trace of each look', async () => {
      const { entries } = await api.get<AuditList>(`/audit?stay=${first.id}&action=history`)
      expect(entries.map((entry) => entry.action).toSorted()).toEqual(['history.export', 'history.read'])
      expect(entries[0]).toMatchObject({ username: 'admin', role: 'admin', patientId: first.patient.id, origin: '127.0.0.1', detail: { signals: 'pr' } })
    })
  })

  it('the ledger tells what arrived, what is missing, what the device gave up, and what stands twice', async () => {
    await api.post('/devices', { id: 'ledgered' })
    const t = Date.UTC(2026, 2, 1)
    const at = (seq: number, epoch = 'e1'): StoredSample => ({ t: t + seq * 1_000, seq, epoch, values: { pr: 70 } })
    await storeSamples(ward.databaseUrl, 'ledgered', [at(1), at(2), at(5), at(6), at(9), at(9), at(1, 'e2')], { e1: [[3, 4]] })
    const { epochs } = await api.get<Ledger>('/devices/ledgered/ledger')
    expect(epochs).toMatchObject([
      { epoch: 'e1', upto: 6, received: 5, missing: 4, lost: 2, duplicates: 1, ranges: [[1, 2], [5, 6], [9, 9]] },
      { epoch: 'e2', upto: 1, received: 1, missing: 0, lost: 0, duplicates: 0, ranges: [[1, 1]] },
    ])
    const history = await api.get<History>(`/devices/ledgered/history?from=${t}&to=${t + 10_000}`)
    expect(history.completeness).toEqual({ expected: 10, received: 6, missing: 4 })
    expect(await api.get<Ledger>(`/devices/ledgered/ledger?to=${t}`)).toEqual({ epochs: [] })
  })
})
