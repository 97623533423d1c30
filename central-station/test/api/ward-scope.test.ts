import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AccessTokenCreated, AuditEntry, BreakGlass, CommandList } from '@vigil/contract'
import type { TestApi } from '../support/api.ts'
import { type Furnished, furnish } from '../support/furnish.ts'
import { joinAsDevice } from '../support/broker.ts'
import { openScreen } from '../support/live.ts'
import { startPostgres, rows, run, type TestPostgres } from '../support/postgres.ts'
import { startStation, type TestStation } from '../support/station.ts'

type Operation = { readonly 'x-permission': string; readonly 'x-scope': string; readonly parameters?: readonly { readonly name: string; readonly in: string }[] }

let postgres: TestPostgres
let ward: TestStation
/** May do everything, in ward east alone: what it cannot do is for the ward, not for the right. */
let scoped: TestApi
let nurse: TestApi
let east: Furnished
let west: Furnished
let calls: [string, Operation][]
const ALARM = '00000000-0000-7000-8000-00000000aaaa'
const REVIEW = '00000000-0000-7000-8000-00000000bbbb'
let grantId = ''

beforeAll(async () => {
  postgres = await startPostgres()
  ward = await startStation({ databaseUrl: await postgres.database() })
  const { admin } = ward
  ;[east] = (await furnish(admin, 'east', 1)) as [Furnished]
  ;[west] = (await furnish(admin, 'west', 1)) as [Furnished]
  await admin.post('/users', { username: 'east-admin', displayName: 'East', role: 'admin', wards: ['east'], password: 'ten letters at least' })
  await admin.post('/users', { username: 'li', displayName: 'Li', role: 'nurse', wards: ['east'], password: 'ten letters at least' })
  await admin.post('/users', { username: 'west-li', displayName: 'Li', role: 'nurse', wards: ['west'], password: 'ten letters at least' })
  const other = await ward.as('west-li', 'ten letters at least')
  grantId = (await admin.post('/wards', { id: 'north', name: 'North', beds: [{ id: 'n1', label: '1' }] }).then(() => other.post<BreakGlass>('/break-glass', { wardId: 'north', reason: 'to have one to close' }))).id
  await run(ward.databaseUrl, [
    `insert into alarm (id, subject_kind, subject_id, site, ward_id, bed_id, stay_id, mode, condition, kind, priority, phase, n, version, since_at, announced_at, ended_at, questionable)
     values ('${ALARM}', 'stay', '${west.stay.id}', 'main', 'west', 'west-1', '${west.stay.id}', 'real', 'spo2_low', 'physiological', 'high', 'cleared', 1, 1, now() - interval '1 h', now() - interval '1 h', now(), false)`,
    `insert into alarm_review (id, stay_id, ward_id, bed_id, condition, priority, from_at, to_at, worst, lim, received_at)
     values ('${REVIEW}', '${west.stay.id}', 'west', 'west-1', 'spo2_low', 'high', now() - interval '1 h', now(), 80, 90, now())`,
  ])
  scoped = await ward.as('east-admin', 'ten letters at least')
  nurse = await ward.as('li', 'ten letters at least')
  const { paths } = await scoped.get<{ paths: Record<string, Record<string, Operation>> }>('/openapi.json')
  calls = Object.entries(paths).filter(([path]) => path.startsWith('/api/v1')).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]): [string, Operation] => [`${method.toUpperCase()} ${path.slice('/api/v1'.length)}`, operation]))
})
afterAll(async () => {
  await ward?.stop()
  await postgres?.stop()
})

const elsewhere = (): Record<string, string> => ({ wardId: 'west', ward: 'west', bedId: 'west-1', stayId: west.stay.id, stay: west.stay.id, patientId: west.patient.id, patient: west.patient.id, deviceId: 'dev-west-1', device: 'dev-west-1', alarmId: ALARM, reviewId: REVIEW, grantId })
const withScope = (scope: string) => calls.filter(([, operation]) => operation['x-scope'] === scope && operation['x-permission'] !== 'public')
const fill = (path: string) => path.replaceAll(/\{(\w+)\}/g, (_all, name: string) => elsewhere()[name] ?? ALARM)
const bodyFor = (method: string) => (['POST', 'PUT', 'PATCH'].includes(method) ? { surely: 'unknown' } : undefined)
const attempt = async (api: TestApi, call: string, query = '') => {
  const [method = '', path = ''] = call.split(' ')
  return api.ask<{ code?: string }>(method, `${fill(path)}${query}`, bodyFor(method))
}

describe('a person of one ward', () => {
  it('is turned away by every route that is about something of another ward', async () => {
    expect(withScope('subject').length).toBeGreaterThan(25)
    for (const [call] of withScope('subject')) expect([call, (await attempt(scoped, call)).body.code]).toEqual([call, 'OUT_OF_WARDS'])
  })

  it('is turned away by every route that is about the whole house', async () => {
    expect(withScope('house').length).toBeGreaterThan(5)
    for (const [call] of withScope('house')) expect([call, (await attempt(scoped, call)).body.code]).toEqual([call, 'OUT_OF_WARDS'])
  })

  it('finds nothing of another ward in any list, and may not ask any list for it', async () => {
    const lists = withScope('filtered').filter(([call]) => call.startsWith('GET') && call !== 'GET /live')
    expect(lists.length).toBeGreaterThan(6)
    for (const [call, { parameters = [] }] of lists) {
      const { status, body } = await attempt(scoped, call)
      expect([call, status]).toEqual([call, 200])
      expect(JSON.stringify(body), call).not.toMatch(/west|\b00000000-0000-7000-8000-0000/)
      for (const { name } of parameters.filter((parameter) => parameter.in === 'query' && elsewhere()[parameter.name] !== undefined)) expect([call, name, (await attempt(scoped, call, `?${name}=${elsewhere()[name]}`)).body.code]).toEqual([call, name, 'OUT_OF_WARDS'])
    }
    expect((await scoped.ask<{ alarms: unknown[] }>('GET', '/alarms?state=ended')).body.alarms).toEqual([])
    expect((await scoped.ask<{ patients: { id: string }[] }>('GET', '/patients?q=of')).body.patients.map(({ id }) => id)).toEqual([east.patient.id])
  })

  it('may not name something of another ward in what they send either', async () => {
    for (const [path, body] of [
      ['/stays', { patientId: west.patient.id, bedId: 'east-1' }],
      ['/stays', { patientId: east.patient.id, bedId: 'west-1' }],
      [`/stays/${east.stay.id}/transfer`, { bedId: 'west-1' }],
      [`/devices/dev-east-1/replacement`, { newDevice: 'dev-west-1', reason: 'broken cable' }],
      ['/alarm-simulations', { wardId: 'west', days: 1 }],
      ['/alarm-simulations', { stayId: west.stay.id, days: 1 }],
    ] as const) expect([path, (await scoped.ask('POST', path, body)).body.code]).toEqual([path, 'OUT_OF_WARDS'])
    expect((await scoped.ask('PATCH', `/stays/${east.stay.id}`, { deviceId: 'dev-west-1' })).body.code).toBe('OUT_OF_WARDS')
  })

  it('these routes alone have nothing to do with wards', () => {
    // Exports keep the wards of their choice and check them themselves: test/api/exports.test.ts.
    const exports = ['DELETE /exports/{exportId}', 'GET /exports', 'GET /exports/{exportId}', 'GET /exports/{exportId}/file']
    const own = ['DELETE /me/phones/{sourceId}', 'DELETE /saved-queries/{queryId}', 'DELETE /session', 'GET /firmware/decisions', 'GET /me', 'GET /me/care', 'GET /me/history', 'GET /me/looks', 'GET /me/phones', 'GET /path-health', 'GET /saved-queries', 'POST /break-glass', 'POST /me/call', 'POST /patients', 'POST /saved-queries', 'POST /session/lock', 'POST /session/unlock', 'PUT /me/password', 'PUT /me/pin']
    expect(withScope('none').map(([call]) => call).toSorted()).toEqual([...exports, ...own].toSorted())
  })

  it('sees and does everything in the own ward', async () => {
    expect((await nurse.ask('GET', '/wards/east')).status).toBe(200)
    expect((await nurse.ask('GET', `/stays/${east.stay.id}/history`)).status).toBe(200)
    expect((await nurse.ask('PUT', `/stays/${east.stay.id}/audio`, { mode: 'paused' })).status).toBe(200)
  })

  it('reads of a device only what belongs to the patient who has it now', async () => {
    const [link] = await rows<{ from: Date }>(ward.databaseUrl, `select from_at as from from monitoring_interval where stay_id = '${east.stay.id}'`)
    const since = link?.from.getTime() ?? 0
    expect((await nurse.ask('GET', `/devices/dev-east-1/history?from=${since}`)).status).toBe(200)
    for (const from of ['', `?from=${since - 1}`]) expect((await nurse.ask('GET', `/devices/dev-east-1/history${from}`)).body.code).toBe('OUT_OF_WARDS')
  })

  it('the waveforms of a device, too, are those of the patient who has it now', async () => {
    const [link] = await rows<{ from: Date }>(ward.databaseUrl, `select from_at as from from monitoring_interval where stay_id = '${east.stay.id}'`)
    const since = link?.from.getTime() ?? 0
    const ask = (from: number) => nurse.ask('GET', `/devices/dev-east-1/waveforms?channel=paw&from=${from}&to=${from + 60_000}`)
    expect((await ask(since)).status).toBe(200)
    expect((await ask(since - 60_000)).body.code).toBe('OUT_OF_WARDS')
  })

  it('what a device answered for a patient before is not told with its commands', async () => {
    await run(ward.databaseUrl, [
      `insert into command (id, device_no, name, state, data, created_at, expires_at) select gen_random_uuid(), no, 'measure_now', 'done', '{"spo2":71}', now(), now() from device where id = 'dev-east-1'`,
      `insert into stay (id, patient_id, admitted_at, discharged_at) values ('${ALARM}', '${west.patient.id}', now() - interval '3 h', now() - interval '2 h')`,
      `insert into monitoring_interval (id, stay_id, device_no, from_at, to_at, linked_by) select gen_random_uuid(), '${ALARM}', no, now() - interval '3 h', now() - interval '2 h', 'li' from device where id = 'dev-east-1'`,
      `insert into command (id, device_no, name, state, data, created_at, expires_at) select gen_random_uuid(), no, 'measure_now', 'done', '{"spo2":70}', now() - interval '150 min', now() from device where id = 'dev-east-1'`,
    ])
    const told = async (api: TestApi) => (await api.get<CommandList>('/devices/dev-east-1/commands')).commands.map(({ data }) => data?.['spo2'])
    expect(await told(ward.admin)).toEqual([71, 70])
    expect(await told(nurse)).toEqual([71])
  })

  it('gets no live frame of another ward, also when the patient with the device is moved there', async () => {
    const board = await joinAsDevice(ward.broker.url, 'dev-east-1')
    const screen = await openScreen(nurse)
    screen.watch({ wards: ['east', 'west'], devices: ['dev-west-1', 'dev-east-1'], waves: ['dev-west-1'] })
    expect((await screen.sees('refused')).problem).toMatchObject({ code: 'OUT_OF_WARDS', details: { hidden: ['west', 'dev-west-1'] } })
    await board.say('tele', { e: 'a1', s: 1, t: Date.now(), m: { pr: 71 } })
    await screen.sees('values', (frame) => frame.devices.some((one) => one.values?.['pr']?.v === 71))
    await ward.admin.post(`/stays/${west.stay.id}/discharge`)
    await ward.admin.post(`/stays/${east.stay.id}/transfer`, { bedId: 'west-1' })
    const before = screen.frames.length
    await board.say('tele', { e: 'a1', s: 2, t: Date.now(), m: { pr: 72 } })
    const all = await openScreen(ward.admin)
    all.watch({ wards: ['west'] })
    await all.sees('ward', (frame) => frame.ward.beds[0]?.latest['pr']?.v === 72)
    // The number as a value: a time may have the same digits.
    expect(JSON.stringify(screen.frames.slice(before))).not.toMatch(/"v":72\b/)
    expect(JSON.stringify(screen.frames.filter((frame) => frame.type !== 'refused'))).not.toContain('west-1')
    await ward.admin.post(`/stays/${east.stay.id}/transfer`, { bedId: 'east-1' })
    for (const one of [screen, all]) one.close()
    await board.leave()
  })

  it('a token keeps to its wards as well', async () => {
    const { token } = await ward.admin.post<AccessTokenCreated>('/tokens', { name: 'east-only', rights: ['ward:read', 'history:read'], wards: ['east'] })
    const headers = { authorization: `Bearer ${token}`, cookie: '' }
    expect((await ward.admin.ask('GET', '/wards/east', undefined, headers)).status).toBe(200)
    expect((await ward.admin.ask('GET', '/wards/west', undefined, headers)).body.code).toBe('OUT_OF_WARDS')
    expect((await ward.admin.ask('GET', `/stays/${west.stay.id}/history`, undefined, headers)).body.code).toBe('OUT_OF_WARDS')
  })
})

describe('opening a ward in an emergency', () => {
  it('opens it for a while, tells who is in charge at once, and stands in the audit with the reason', async () => {
    await ward.admin.post('/users', { username: 'west-charge', displayName: 'West', role: 'charge', wards: ['west'], password: 'ten letters at least' })
    const charge = await openScreen(await ward.as('west-charge', 'ten letters at least'))
    const mine = await openScreen(nurse)
    const closed = new Promise<number>((resolve) => mine.socket.on('close', resolve))
    expect((await nurse.ask('GET', '/wards/west')).body.code).toBe('OUT_OF_WARDS')
    const grant = await nurse.post<BreakGlass>('/break-glass', { wardId: 'west', reason: 'cardiac arrest in bed 1, nobody there' })
    expect(grant).toMatchObject({ username: 'li', wardId: 'west' })
    expect((await charge.sees('glass', (frame) => frame.grants.length > 0)).grants[0]).toMatchObject({ username: 'li', reason: 'cardiac arrest in bed 1, nobody there' })
    expect(await closed).toBe(1012)
    expect((await nurse.ask('GET', '/wards/west')).status).toBe(200)
    await nurse.ask('GET', `/stays/${west.stay.id}`)
    expect((await nurse.ask('GET', '/wards/north')).body.code).toBe('OUT_OF_WARDS')
    const { entries } = await ward.admin.get<{ entries: AuditEntry[] }>('/audit?user=li&ward=west')
    expect(entries.find((entry) => entry.action === 'glass.break')).toMatchObject({ wardId: 'west', detail: { reason: 'cardiac arrest in bed 1, nobody there' } })
    expect(entries.find((entry) => entry.action === 'stay.read')).toMatchObject({ detail: { glass: true } })
    charge.close()
  })

  it('ends when its time is over, and when somebody in charge closes it', async () => {
    const { grants } = await ward.admin.get<{ grants: BreakGlass[] }>('/break-glass')
    const grant = grants.find(({ username }) => username === 'li')
    const ended = await ward.admin.ask<BreakGlass>('DELETE', `/break-glass/${grant?.id}`)
    expect(ended.body).toMatchObject({ endedBy: 'admin' })
    expect((await nurse.ask('GET', '/wards/west')).body.code).toBe('OUT_OF_WARDS')
    await nurse.post('/break-glass', { wardId: 'west', reason: 'again, for five minutes', minutes: 5 })
    expect((await nurse.ask('GET', '/wards/west')).status).toBe(200)
    await run(ward.databaseUrl, [`update break_glass set from_at = now() - interval '1 h', until_at = now() - interval '1 s' where ended_at is null and ward_id = 'west'`])
    await expect.poll(async () => (await nurse.ask('GET', '/wards/west')).body.code, { timeout: 10_000 }).toBe('OUT_OF_WARDS')
  })

  it('asks for a reason, and is not for a ward that is open anyway', async () => {
    expect((await nurse.ask('POST', '/break-glass', { wardId: 'west', reason: '' })).status).toBe(400)
    expect((await nurse.ask('POST', '/break-glass', { wardId: 'east', reason: 'by mistake' })).body.code).toBe('ALREADY_EXISTS')
    expect((await nurse.ask('POST', '/break-glass', { wardId: 'nowhere', reason: 'by mistake' })).body.code).toBe('NOT_FOUND')
  })
})
