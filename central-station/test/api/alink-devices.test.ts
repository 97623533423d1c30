import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AuditList, Device, DeviceCreated } from '@vigil/contract'
import { createSeal } from '@vigil/program'
import type { TestApi } from '../support/api.ts'
import { rows, startPostgres, type TestPostgres } from '../support/postgres.ts'
import { startStation, type TestStation } from '../support/station.ts'

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

const SECRET = '0123456789abcdef0123456789abcdef'
const alink = { productKey: 'a1Key', deviceName: 'esp12f.7' }
const sealed = async (id: string) => (await rows<{ secret: Buffer }>(ward.databaseUrl, 'select a.secret_sealed as secret from alink_device a join device d on d.no = a.device_no where d.id = $1', [id]))[0]?.secret
const opened = async (id: string) => createSeal(Buffer.from(readFileSync(join(ward.data, 'secrets', 'pepper'), 'utf8').trim(), 'hex'), 'alink').open((await sealed(id)) as Buffer)

describe('a device made for Alibaba Cloud', () => {
  it('is registered like any, its secret sealed and told once', async () => {
    expect(await api.post<DeviceCreated>('/devices', { id: 'esp-7', alink: { ...alink, secret: SECRET, services: ['Restart'], settings: ['ReportInterval'] } })).toEqual({ id: 'esp-7', site: 'main', secret: SECRET })
    expect((await sealed('esp-7'))?.includes(SECRET)).toBe(false)
    expect(await opened('esp-7')).toBe(SECRET)
    expect((await api.get<Device>('/devices/esp-7')).alink).toEqual({ ...alink, services: ['Restart'], settings: ['ReportInterval'] })
    const made = await api.post<DeviceCreated>('/devices', { id: 'esp-8', alink: { productKey: 'a1Key', deviceName: 'esp-8' } })
    expect(made.secret).toMatch(/^[0-9a-f]{32}$/)
    expect(await opened('esp-8')).toBe(made.secret)
  })

  it('has its name there alone, and offers nothing that silences an alarm', async () => {
    expect(await api.ask('POST', '/devices', { id: 'esp-9', alink })).toMatchObject({ status: 409, body: { code: 'ALREADY_EXISTS', detail: expect.stringContaining('product key') } })
    expect(await api.ask('GET', '/devices/esp-9')).toMatchObject({ status: 404 })
    expect(await api.ask('POST', '/devices', { id: 'esp-9', alink: { productKey: 'a1Key', deviceName: 'x', services: ['SilenceAlarm'] } })).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST', detail: expect.stringContaining('not offered') } })
    expect(await api.ask('PUT', '/devices/nobody/alink', alink)).toMatchObject({ status: 404 })
  })

  it('gets another secret, which the audit does not tell', async () => {
    const { secret } = await api.put<DeviceCreated>('/devices/esp-7/alink', { ...alink, secret: SECRET.replaceAll('a', 'b') })
    expect(await opened('esp-7')).toBe(secret)
    expect(await api.ask('PUT', '/devices/esp-7/alink', { productKey: 'a1Key', deviceName: 'esp-8' })).toMatchObject({ status: 409 })
    const { entries } = await api.get<AuditList>('/audit?action=device.alink&device=esp-7')
    expect(JSON.stringify(entries)).toContain('esp12f.7')
    expect(JSON.stringify(entries)).not.toContain(secret)
  })
})
