import { createHmac } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { AuditList, Device, Enrolment, EnrolmentCodeCreated, EnrolmentCodeList, Stay } from '@vigil/contract'
import { silentLog, systemClock } from '@vigil/program'
import { createAudit } from '../../src/audit/audit.ts'
import { Dues } from '../../src/audit/due.ts'
import { openDatabase } from '../../src/db/database-pool.ts'
import { createBoardAddress } from '../../src/enrolment/board-address.ts'
import { createEnrolment, REDEEM_PER_MINUTE, type EnrolmentService } from '../../src/enrolment/enrolment.ts'
import { createEnrolmentStore } from '../../src/enrolment/enrolment-store-pg.ts'
import { until } from '@vigil/ops/testing'
import { manualClock } from '@vigil/contract/testing/manual-clock'
import { apiWith, type TestApi } from '../support/api.ts'
import { furnish, type Furnished } from '../support/furnish.ts'
import { rows, startPostgres, type TestPostgres } from '../support/postgres.ts'
import { startStation, type TestStation } from '../support/station.ts'
import { memoryRegistry } from '../support/world.ts'

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

const pepper = () => Buffer.from(readFileSync(join(ward.data, 'secrets', 'pepper'), 'utf8').trim(), 'hex')
const macOf = (secret: string) => createHmac('sha256', pepper()).update(secret).digest('base64')
const stored = async (id: string) =>
  (await rows<{ mac: string; previous: string | null; until: number | null }>(ward.databaseUrl, `select encode(secret_mac, 'base64') as mac, encode(secret_mac_previous, 'base64') as previous, secret_previous_until as until from device where id = $1`, [id]))[0]
const audited = async (action: string, device: string) => (await api.get<AuditList>(`/audit?action=${action}&device=${device}`)).entries

describe('a one-time code', () => {
  // Each board calls from here; the rate limit has its own test.
  const board = () => apiWith(ward.http, '')
  const make = (deviceId: string, more: object = {}) => api.post<EnrolmentCodeCreated>('/enrolment-codes', { deviceId, ...more })

  it('lets one board in, with everything it needs, and is worth nothing afterwards', async () => {
    mkdirSync(join(ward.data, 'tls'), { recursive: true })
    writeFileSync(join(ward.data, 'tls', 'ca.crt'), 'a certificate')
    const made = await make('first', { site: 'east', label: 'Bed 3', mode: 'test' })
    expect(made).toMatchObject({ deviceId: 'first', site: 'east', label: 'Bed 3', mode: 'test', state: 'waiting', madeBy: 'admin', code: expect.stringMatching(/^[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}$/) })
    expect(Date.parse(made.expiresAt) - Date.parse(made.createdAt)).toBe(600_000)
    const typed = ` ${made.code.toLowerCase().replace('-', ' ').replaceAll('0', 'o').replaceAll('1', 'l')} `
    const { status, body, headers } = await board().ask<Enrolment>('POST', '/enrolment', { code: typed, hardware: 'rpi-zero2', firmware: '1.0.0' })
    expect(status).toBe(201)
    expect(headers.get('cache-control')).toBe('no-store')
    expect(body).toMatchObject({ id: 'first', site: 'east', mode: 'test', mqtt: ['mqtts://127.0.0.1:8883'], ca: 'a certificate' })
    expect(Math.abs(body.serverTimeMs - Date.now())).toBeLessThan(60_000)
    expect((await stored('first'))?.mac).toBe(macOf(body.secret))
    expect(await api.get<Device>('/devices/first')).toMatchObject({ label: 'Bed 3', site: 'east', mode: 'test', credentials: { since: expect.any(String) } })
    expect(await board().ask('POST', '/enrolment', { code: made.code })).toMatchObject({ status: 403, body: { code: 'ENROLMENT_REFUSED' } })
    const { codes } = await api.get<EnrolmentCodeList>('/enrolment-codes')
    expect(codes.find(({ id }) => id === made.id)).toMatchObject({ state: 'used', usedFrom: '127.0.0.1', usedAt: expect.any(String) })
    expect(JSON.stringify(codes)).not.toContain(made.code)
  })

  it('is nowhere on the server, neither is the secret it gave, and the audit tells who let the board in', async () => {
    const made = await make('traceless')
    const { body } = await board().ask<Enrolment>('POST', '/enrolment', { code: made.code, hardware: 'esp32' })
    const everything = JSON.stringify([await rows(ward.databaseUrl, 'select * from enrolment_code'), await rows(ward.databaseUrl, 'select * from device'), await rows(ward.databaseUrl, 'select * from audit')])
    for (const secret of [made.code, made.code.replace('-', ''), body.secret]) expect(everything).not.toContain(secret)
    expect((await api.get<AuditList>('/audit?action=device.code')).entries).toContainEqual(expect.objectContaining({ username: 'admin', detail: { codeId: made.id, deviceId: 'traceless', site: 'main', mode: 'real' } }))
    expect(await audited('device.enrol', 'traceless')).toMatchObject([{ username: '(device)', origin: '127.0.0.1', detail: { codeId: made.id, madeBy: 'admin', hardware: 'esp32' } }])
  })

  it('of a device already known gives it a new secret and ends the old one', async () => {
    const { secret } = await api.post<{ secret: string }>('/devices', { id: 'reflashed', label: 'Cart' })
    const made = await make('reflashed', { label: 'ignored' })
    expect(made.label).toBe('Cart')
    const { body } = await board().ask<Enrolment>('POST', '/enrolment', { code: made.code })
    expect(await stored('reflashed')).toMatchObject({ mac: macOf(body.secret), previous: null })
    expect(body.secret).not.toBe(secret)
  })

  it('ends when a newer one is made for the device, when it is cancelled, and refuses names that cannot be', async () => {
    const first = await make('twice')
    const second = await make('twice')
    expect((await api.ask('POST', '/enrolment', { code: first.code })).body.code).toBe('ENROLMENT_REFUSED')
    expect((await api.ask<{ state: string }>('DELETE', `/enrolment-codes/${second.id}`)).body.state).toBe('cancelled')
    expect((await api.ask('POST', '/enrolment', { code: second.code })).body.code).toBe('ENROLMENT_REFUSED')
    expect((await api.ask('DELETE', '/enrolment-codes/00000000-0000-7000-8000-000000000000')).body.code).toBe('NOT_FOUND')
    for (const wrong of [{ deviceId: 'bridge' }, { deviceId: 'a b' }, { deviceId: 'first', site: 'elsewhere' }]) expect((await api.ask('POST', '/enrolment-codes', wrong)).body.code).toBe('INVALID_REQUEST')
    await api.post('/devices', { id: 'retired-1' })
    await api.ask('DELETE', '/devices/retired-1')
    expect((await api.ask('POST', '/enrolment-codes', { deviceId: 'retired-1' })).body.code).toBe('ALREADY_EXISTS')
  })
})

describe('the life of a code', () => {
  const clock = manualClock(Date.UTC(2026, 0, 1))
  let service: EnrolmentService
  let close: () => Promise<void>
  beforeAll(async () => {
    const database = openDatabase({ url: await postgres.database(), clock: systemClock, log: silentLog })
    close = () => database.stop()
    await until('the database', 5_000, () => database.health.state() === 'ok' || undefined)
    const journal = { append: async () => undefined, drain: async () => undefined, depth: () => 0, rejected: () => 0, stop: async () => undefined }
    const audit = createAudit({ journal, store: { find: async () => [] }, dues: new Dues('one'), clock })
    const boards = createBoardAddress({ data: ward.data, mqttUrl: 'mqtt://127.0.0.1:1883', mqttsPort: 8883 })
    service = createEnrolment({ store: createEnrolmentStore(database), registry: memoryRegistry(), audit, boards, pepper: Buffer.alloc(32, 1), clock })
  })
  afterAll(() => close())
  beforeEach(() => clock.advance(60_000))
  const redeem = (code: string, origin = '10.0.0.1') => service.redeem({ code }, { origin, requestId: '' }, 'ward.example:8080')

  it('is ten minutes, to the millisecond', async () => {
    const early = await service.makeCode({ deviceId: 'early' }, 'op')
    clock.advance(1)
    const late = await service.makeCode({ deviceId: 'late' }, 'op')
    clock.advance(599_998)
    expect(await redeem(early.code)).toMatchObject({ id: 'early', mqtt: ['mqtts://ward.example:8883'], serverTimeMs: clock.now() })
    clock.advance(2)
    await expect(redeem(late.code)).rejects.toMatchObject({ code: 'ENROLMENT_REFUSED' })
    expect((await service.list()).codes).toMatchObject([{ deviceId: 'late', state: 'expired' }, { deviceId: 'early', state: 'used' }])
  })

  it('of two boards that use it at once, one gets in', async () => {
    const { code } = await service.makeCode({ deviceId: 'race' }, 'op')
    const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => redeem(code)))
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  it('is not found by guessing: ten tries a minute from one address, right or wrong, and others are not kept out', async () => {
    const { code } = await service.makeCode({ deviceId: 'guessed' }, 'op')
    for (let i = 0; i < REDEEM_PER_MINUTE; i++) await expect(redeem('00000-00000')).rejects.toMatchObject({ code: 'ENROLMENT_REFUSED' })
    await expect(redeem(code)).rejects.toMatchObject({ code: 'TOO_MANY_REQUESTS', details: { retryAfterMs: 60_000 } })
    clock.advance(59_999)
    await expect(redeem(code)).rejects.toMatchObject({ code: 'TOO_MANY_REQUESTS' })
    expect(await redeem(code, '10.0.0.2')).toMatchObject({ id: 'guessed' })
  })
})

describe('the secret of a device', () => {
  it('is rotated with both valid for a day, or with the old one ending at once', async () => {
    const { secret } = await api.post<{ secret: string }>('/devices', { id: 'turning' })
    const before = Date.now()
    const { body } = await api.ask<{ secret: string; previousUntil: string }>('POST', '/devices/turning/secret', {})
    expect(Date.parse(body.previousUntil) - before).toBeGreaterThanOrEqual(86_400_000)
    expect(await stored('turning')).toMatchObject({ mac: macOf(body.secret), previous: macOf(secret) })
    expect((await api.get<Device>('/devices/turning')).credentials).toMatchObject({ previousUntil: body.previousUntil })
    await api.post('/devices/turning/secret', { previousValidForMs: 0, reason: 'seen by a visitor' })
    expect(await stored('turning')).toMatchObject({ previous: null, until: null })
    expect(await audited('device.rotate', 'turning')).toMatchObject([{ detail: { previousValidForMs: 0, reason: 'seen by a visitor' } }, { detail: {} }])
    expect((await api.ask('POST', '/devices/nowhere/secret', {})).body.code).toBe('NOT_FOUND')
  })

  it('is revoked with a reason; a rotation afterwards does not bring the stolen one back', async () => {
    const { secret } = await api.post<{ secret: string }>('/devices', { id: 'stolen' })
    expect((await api.ask('POST', '/devices/stolen/revocation', {})).body.code).toBe('INVALID_REQUEST')
    const device = await api.post<Device>('/devices/stolen/revocation', { reason: 'left in a taxi' })
    expect(device.credentials.revokedAt).toEqual(expect.any(String))
    const revoked = await stored('stolen')
    expect(revoked).toMatchObject({ previous: null })
    expect(revoked?.mac).not.toBe(macOf(secret))
    const { body } = await api.ask<{ secret: string }>('POST', '/devices/stolen/secret', {})
    expect(await stored('stolen')).toMatchObject({ mac: macOf(body.secret), previous: null, until: null })
    expect((await api.get<Device>('/devices/stolen')).credentials).not.toHaveProperty('revokedAt')
    expect(await audited('device.revoke', 'stolen')).toMatchObject([{ detail: { reason: 'left in a taxi' } }])
  })
})

describe('a device in the place of another', () => {
  it('watches the same stay from the instant the other stopped', async () => {
    const [bed] = (await furnish(api, 'replace', 1)) as [Furnished]
    await api.post('/devices', { id: 'spare' })
    const stay = await api.post<Stay>(`/devices/${bed.device.id}/replacement`, { newDevice: 'spare', reason: 'cracked case' })
    expect(stay).toMatchObject({ id: bed.stay.id, deviceId: 'spare', version: 2 })
    const [old, next] = stay.monitoring
    expect(old).toMatchObject({ deviceId: bed.device.id })
    expect(next).toMatchObject({ deviceId: 'spare', from: old?.to })
    expect(await audited('device.replace', 'spare')).toMatchObject([{ stayId: stay.id, patientId: bed.patient.id, detail: { replaced: bed.device.id, reason: 'cracked case' } }])
  })

  it('is refused when there is nothing to replace, the other watches somebody, or it does not exist; then nothing changes', async () => {
    const [one, two] = (await furnish(api, 'refused', 2)) as [Furnished, Furnished]
    await api.post('/devices', { id: 'idle' })
    await api.post('/devices', { id: 'idle-demo', mode: 'demo' })
    const replace = async (old: string, newDevice: string) => (await api.ask('POST', `/devices/${old}/replacement`, { newDevice, reason: 'x' })).body.code
    expect(await replace('idle', two.device.id)).toBe('DEVICE_NOT_IN_USE')
    expect(await replace(one.device.id, two.device.id)).toBe('DEVICE_IN_USE')
    expect(await replace(one.device.id, 'nowhere')).toBe('NOT_FOUND')
    expect(await replace('nowhere', 'idle')).toBe('NOT_FOUND')
    expect(await replace(one.device.id, 'idle-demo')).toBe('MODE_MISMATCH')
    expect(await api.get<Stay>(`/stays/${one.stay.id}`)).toMatchObject({ deviceId: one.device.id, version: 1 })
  })

  it('two replacements that cross wait for each other', async () => {
    const [one, two] = (await furnish(api, 'crossed', 2)) as [Furnished, Furnished]
    const codes = await Promise.all([[one, two], [two, one]].map(async ([a, b]) => (await api.ask('POST', `/devices/${a?.device.id}/replacement`, { newDevice: b?.device.id, reason: 'x' })).body.code))
    expect(codes).toEqual(['DEVICE_IN_USE', 'DEVICE_IN_USE'])
  })
})
