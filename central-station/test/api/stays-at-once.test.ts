import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Device, Patient, Problem, Stay } from '@vigil/contract'
import { until } from '@vigil/ops/testing'
import type { Answer, TestApi } from '../support/api.ts'
import { furnish, type Furnished } from '../support/furnish.ts'
import { rows, startPostgres, type TestPostgres } from '../support/postgres.ts'
import { startStation, type TestStation } from '../support/station.ts'

describe('what somebody else does in the same moment', () => {
  let postgres: TestPostgres
  let ward: TestStation
  let api: TestApi
  /** The other nurse's transaction. */
  let other: pg.Client

  beforeAll(async () => {
    postgres = await startPostgres()
    ward = await startStation({ databaseUrl: await postgres.database() })
    api = ward.admin
    other = new pg.Client({ connectionString: ward.databaseUrl })
    await other.connect()
  })
  afterAll(async () => {
    await other?.end()
    await ward?.stop()
    await postgres?.stop()
  })

  /** Asks while the other transaction is open, which ends when the call waits for it. */
  const meanwhile = async (statements: readonly [string, unknown[]][], ask: () => Promise<Answer<Problem>>) => {
    await other.query('begin')
    for (const [text, values] of statements) await other.query(text, values)
    const answer = ask()
    // On a connection of its own: within a transaction the view stands still.
    const waiting = () => rows(ward.databaseUrl, `select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`)
    await until('the call to wait', 10_000, async () => ((await waiting()).length > 0 ? true : undefined))
    await other.query('commit')
    return answer
  }

  it('a swap does not take along a patient whom another nurse has just moved elsewhere', async () => {
    const [first, second] = (await furnish(api, 'swap', 3, 2)) as [Furnished, Furnished]
    const { status, body } = await meanwhile([[`update stay set bed_id = 'swap-3', version = version + 1 where id = $1`, [second.stay.id]]], () => api.ask('POST', `/stays/${first.stay.id}/transfer`, { bedId: 'swap-2', swap: true }))
    expect([status, body.code]).toEqual([409, 'VERSION_CONFLICT'])
    expect((await api.get<Stay>(`/stays/${second.stay.id}`)).bedId).toBe('swap-3')
    expect((await api.get<Stay>(`/stays/${first.stay.id}`)).bedId).toBe('swap-1')
  })

  it('a swap with a patient who was just discharged does not say that of the one who is moved', async () => {
    const [first, second] = (await furnish(api, 'gone', 2)) as [Furnished, Furnished]
    const { body } = await meanwhile([[`update stay set discharged_at = now() where id = $1`, [second.stay.id]]], () => api.ask('POST', `/stays/${first.stay.id}/transfer`, { bedId: 'gone-2', swap: true }))
    expect(body.code).toBe('VERSION_CONFLICT')
  })

  it('a device that is being linked is not taken out of service', async () => {
    const [bed] = (await furnish(api, 'retire', 1)) as [Furnished]
    await api.patch(`/stays/${bed.stay.id}`, { deviceId: null })
    const link = `insert into monitoring_interval (id, stay_id, device_no, from_at, linked_by) select gen_random_uuid(), $1, no, now(), 'li' from device where id = $2`
    const { body } = await meanwhile([['select 1 from device where id = $1 for update', [bed.device.id]], [link, [bed.stay.id, bed.device.id]]], () => api.ask('DELETE', `/devices/${bed.device.id}`))
    expect(body).toMatchObject({ code: 'DEVICE_IN_USE', details: { stayId: bed.stay.id } })
    expect(await api.get<Device>(`/devices/${bed.device.id}`)).not.toHaveProperty('retiredAt')
  })

  it('a device is not marked demo while it is being linked to a real patient', async () => {
    const [bed] = (await furnish(api, 'marked', 1)) as [Furnished]
    await api.patch(`/stays/${bed.stay.id}`, { deviceId: null })
    const link = `insert into monitoring_interval (id, stay_id, device_no, from_at, linked_by) select gen_random_uuid(), $1, no, now(), 'li' from device where id = $2`
    const { body } = await meanwhile([['select 1 from device where id = $1 for update', [bed.device.id]], [link, [bed.stay.id, bed.device.id]]], () => api.ask('PATCH', `/devices/${bed.device.id}`, { mode: 'demo' }))
    expect(body.code).toBe('MODE_MISMATCH')
  })

  it('demo and real are not mixed by marking the device, or the patient, while the one watches the other', async () => {
    const [bed] = (await furnish(api, 'marks', 1)) as [Furnished]
    const { device, patient, stay } = bed
    expect((await api.ask('PATCH', `/devices/${device.id}`, { mode: 'demo' })).body).toMatchObject({ code: 'MODE_MISMATCH', details: { device: 'demo', patient: 'real', stayId: stay.id } })
    expect((await api.ask('PATCH', `/patients/${patient.id}`, { mode: 'test', version: patient.version })).body).toMatchObject({ code: 'MODE_MISMATCH', details: { device: 'real', patient: 'test' } })
    expect((await api.get<Patient>(`/patients/${patient.id}`)).version).toBe(patient.version)
    expect(await api.patch<Device>(`/devices/${device.id}`, { mode: 'real', label: 'Cart' })).toMatchObject({ mode: 'real', label: 'Cart' })
    await api.patch(`/stays/${stay.id}`, { deviceId: null })
    expect((await api.patch<Device>(`/devices/${device.id}`, { mode: 'demo' })).mode).toBe('demo')
    expect((await api.patch<Patient>(`/patients/${patient.id}`, { mode: 'test', version: patient.version })).mode).toBe('test')
  })

  it('a discharge that is taken back does not link a device that was taken out of service, or marked otherwise, since', async () => {
    const [first, second] = (await furnish(api, 'since', 2)) as [Furnished, Furnished]
    for (const { stay } of [first, second]) await api.post(`/stays/${stay.id}/discharge`)
    expect((await api.ask('DELETE', `/devices/${first.device.id}`)).status).toBe(204)
    await api.patch(`/devices/${second.device.id}`, { mode: 'test' })
    for (const { stay } of [first, second]) expect(await api.post<Stay>(`/stays/${stay.id}/reopen`)).not.toHaveProperty('deviceId')
  })
})
