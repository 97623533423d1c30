import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AuditEntry, Completeness, Device, DeviceConfig, FirmwareHistory, FirmwareList, FirmwareModel, PathHealth } from '@vigil/contract'
import { until } from '@vigil/ops/testing'
import type { TestApi } from '../support/api.ts'
import { joinAsDevice, type TestDevice } from '../support/broker.ts'
import { furnish } from '../support/furnish.ts'
import { rows, run, startPostgres, type TestPostgres } from '../support/postgres.ts'
import { storeSamples } from '../support/records.ts'
import { startStation, type TestStation } from '../support/station.ts'

describe('the fleet', () => {
  let postgres: TestPostgres
  let ward: TestStation
  let api: TestApi
  const boards: TestDevice[] = []

  beforeAll(async () => {
    postgres = await startPostgres()
    ward = await startStation({ databaseUrl: await postgres.database() })
    api = ward.admin
    await furnish(api, 'fleet', 2)
    for (const [i, fw] of ['1.9.0', '1.10.0'].entries()) {
      const board = await joinAsDevice(ward.broker.url, `dev-fleet-${i + 1}`)
      boards.push(board)
      await board.say('state', { st: 'online', e: 'a1', cfgv: 0, fw, hw: 'Pi Zero' }, { retain: true })
    }
  })
  afterAll(async () => {
    for (const board of boards) await board.leave()
    await ward?.stop()
    await postgres?.stop()
  })

  it('proves by day what of a device is missing, in the days of whoever looks', async () => {
    const noon = (daysAgo: number) => Math.floor(Date.now() / 86_400_000 - daysAgo) * 86_400_000 + 43_200_000
    const numbered = (from: number, to: number, t: number) => Array.from({ length: to - from + 1 }, (_, i) => ({ t: t + i * 1_000, seq: from + i, epoch: 'abcd0001', values: { pr: 70 } }))
    await storeSamples(ward.databaseUrl, 'dev-fleet-1', [...numbered(1, 40, noon(3)), ...numbered(51, 90, noon(2))], { abcd0001: [[41, 43]] })
    const told = await api.get<Completeness>('/devices/dev-fleet-1/completeness')
    expect(told.days).toHaveLength(7)
    expect(told.days.map(({ expected, missing, lost }) => [expected, missing, lost])).toEqual([[0, 0, 0], [0, 0, 0], [0, 0, 0], [40, 0, 0], [50, 10, 3], [0, 0, 0], [0, 0, 0]])
    const elsewhere = await api.get<Completeness>('/devices/dev-fleet-1/completeness?days=7&zone=Pacific/Kiritimati')
    expect(elsewhere.days.reduce((sum, day) => sum + day.missing, 0)).toBe(10)
    expect((await api.ask('GET', '/devices/dev-fleet-1/completeness?zone=Middle/Earth')).body.code).toBe('INVALID_REQUEST')
  })

  it('tells whoever keeps it running whether broker, storage, database and alarms work', async () => {
    await storeSamples(ward.databaseUrl, 'dev-fleet-2', [{ t: Date.now(), seq: 1, epoch: 'abcd0002', values: { pr: 70 } }])
    await until('the canary to be registered', 20_000, async () => ((await rows(ward.databaseUrl, `select 1 from device where id = 'vigil-canary'`)).length > 0 ? true : undefined))
    await run(ward.databaseUrl, [`insert into ledger (device_no, epoch, last_at) select no, 'canary01', now() - interval '45 s' from device where id = 'vigil-canary'`])
    const { broker, storing, database, alarms } = await until('the newest canary', 10_000, async () => {
      const told = await api.get<PathHealth>('/path-health')
      return told.storing.state === 'unknown' ? undefined : told
    })
    expect([broker.state, storing.state, database.state, alarms.engine]).toEqual(['ok', 'behind', 'ok', 'ok'])
    expect(storing.storedMsAgo).toBeGreaterThanOrEqual(45_000)
    expect(database.sizeBytes).toBeGreaterThan(1_000_000)
    expect(database.disk?.freeBytes).toBeGreaterThan(0)
  })

  it('shows which version a device reports beside the one it should have, and what others of its model run', async () => {
    const device = (id = 'dev-fleet-1') => api.get<Device>(`/devices/${id}`)
    expect((await until('its birth', 5_000, async () => ((await device()).othersRun === undefined ? undefined : device()))).othersRun).toBe('1.10.0')
    expect((await device('dev-fleet-2')).othersRun).toBeUndefined()
    await boards[0]?.say('tele', { e: 'a1', s: 1, up: 1, m: { batt: 61, rssi: -70 } })
    await api.put<DeviceConfig>('/devices/dev-fleet-1/config', { version: 0, set: { interval_ms: 2_000 } })
    expect((await device()).config).toEqual({ desired: 1, reported: 0, refused: [] })
    await boards[0]?.say('config/reported', { version: 1, set: { interval_ms: 1_000 }, errors: { interval_ms: 'too fast for this board' } }, { retain: true })
    const said = await until('its report', 5_000, async () => ((await device()).config?.reported === 1 ? device() : undefined))
    expect(said).toMatchObject({ config: { desired: 1, reported: 1, refused: ['interval_ms'] }, battery: 61, rssi: -70 })
  })

  it('takes an operator’s word for what a model should run, in place of what others run; kept with who, when and why', async () => {
    const device = (id: string) => api.get<Device>(`/devices/${id}`)
    const model = async () => (await api.get<FirmwareList>('/firmware')).models.find(({ hardware }) => hardware === 'Pi Zero')
    expect(await model()).toEqual({ hardware: 'Pi Zero', devices: 2, runs: [{ firmware: '1.10.0', devices: 1 }, { firmware: '1.9.0', devices: 1 }] })
    const decide = (version: number, firmware: string | null, reason: string) => api.ask<FirmwareModel & { code?: string }>('PUT', '/firmware', { hardware: 'Pi Zero', firmware, version, reason })
    // Older than what one of them runs: the newest is not the right one because it is the newest.
    expect((await decide(0, '1.9.0', '1.10 loses its spool')).body).toMatchObject({ devices: 2, decision: { version: 1, firmware: '1.9.0', by: 'admin', role: 'admin', reason: '1.10 loses its spool' } })
    expect(await device('dev-fleet-1')).toMatchObject({ firmware: '1.9.0', firmwareDesired: '1.9.0' })
    expect((await device('dev-fleet-1')).othersRun, 'the rule that holds while nothing is decided').toBeUndefined()
    expect(await device('dev-fleet-2')).toMatchObject({ firmware: '1.10.0', firmwareDesired: '1.9.0' })
    expect((await decide(0, '1.11.0', 'two at once')).body.code).toBe('VERSION_CONFLICT')
    expect((await decide(1, '  ', 'a slip')).status).toBe(400)
    await decide(1, null, 'the mender is on holiday')
    expect(await device('dev-fleet-1')).toMatchObject({ othersRun: '1.10.0' })
    expect((await device('dev-fleet-1')).firmwareDesired).toBeUndefined()
    const { decisions } = await api.get<FirmwareHistory>('/firmware/decisions?hardware=Pi%20Zero')
    expect(decisions.map(({ version, firmware, reason }) => [version, firmware, reason])).toEqual([[2, null, 'the mender is on holiday'], [1, '1.9.0', '1.10 loses its spool']])
    await expect(run(ward.databaseUrl, ['delete from firmware_desired'])).rejects.toThrow('append-only')
  })

  it('writes each decision into the audit, in the transaction of the decision itself', async () => {
    const { entries } = await api.get<{ entries: AuditEntry[] }>('/audit?limit=1000')
    expect(entries.filter(({ action }) => action === 'firmware.desire').map(({ detail }) => detail)).toMatchObject([{ hardware: 'Pi Zero', firmware: null }, { hardware: 'Pi Zero', firmware: '1.9.0', reason: '1.10 loses its spool' }])
    // Whoever is refused changes nothing and owes nothing.
    expect(await rows(ward.databaseUrl, 'select 1 from audit_due')).toEqual([])
    await api.post('/users', { username: 'li', displayName: 'Li', role: 'nurse', wards: null, password: 'ten letters at least' })
    const nurse = await ward.as('li', 'ten letters at least')
    expect((await nurse.ask('PUT', '/firmware', { hardware: 'Pi Zero', firmware: '2', version: 2, reason: 'just so' })).body.code).toBe('FORBIDDEN')
  })
})
