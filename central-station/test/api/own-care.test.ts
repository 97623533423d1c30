import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Alarm, AlarmList, AuditList, BreakGlass, HealthSource, HealthSourceCreated, HealthSourceList, History, LookList, OwnCare, Patient, UserWithPassword } from '@vigil/contract'
import { until } from '@vigil/ops/testing'
import type { TestApi } from '../support/api.ts'
import { joinAsDevice, type TestDevice } from '../support/broker.ts'
import { type Furnished, furnish } from '../support/furnish.ts'
import { openScreen } from '../support/live.ts'
import { startPostgres, type TestPostgres } from '../support/postgres.ts'
import { startStation, type TestStation } from '../support/station.ts'

const PASSWORD = 'ten letters at least'
const ID = '00000000-0000-7000-8000-000000000000'

describe('a patient with an account of their own', { timeout: 180_000 }, () => {
  let postgres: TestPostgres
  let house: TestStation
  let mine: Furnished
  let other: Furnished
  let me: TestApi
  let board: TestDevice

  beforeAll(async () => {
    postgres = await startPostgres()
    house = await startStation({ databaseUrl: await postgres.database() })
    ;[mine, other] = (await furnish(house.admin, 'east', 2)) as [Furnished, Furnished]
    await furnish(house.admin, 'west', 1, 0)
    await house.admin.post('/users', { username: 'maria', displayName: 'Maria', role: 'patient', patientId: mine.patient.id, password: PASSWORD })
    await house.admin.post('/users', { username: 'west-li', displayName: 'Li of west', role: 'nurse', wards: ['west'], password: PASSWORD })
    me = await house.as('maria', PASSWORD)
    board = await joinAsDevice(house.broker.url, 'dev-east-1')
    await board.say('tele', { e: 'a1', s: 1, t: Date.now(), m: { spo2: 97, pr: 71 } })
  }, 240_000)
  afterAll(async () => {
    await board?.leave()
    await house?.stop()
    await postgres?.stop()
  })

  it('is bound to one patient, and only a patient is', async () => {
    const bad = async (body: object) => (await house.admin.ask('POST', '/users', { username: 'x', displayName: 'X', password: PASSWORD, ...body })).status
    expect(await bad({ role: 'patient' })).toBe(400)
    expect(await bad({ role: 'nurse', patientId: mine.patient.id })).toBe(400)
    expect(await bad({ role: 'patient', patientId: ID })).toBe(404)
    const user = await house.admin.post<UserWithPassword>('/users', { username: 'jo', displayName: 'Jo', role: 'patient', patientId: other.patient.id, password: PASSWORD })
    expect(user.patientId).toBe(other.patient.id)
    expect((await house.admin.ask('PATCH', `/users/${user.id}`, { role: 'nurse' })).status).toBe(400)
  })

  it('sees what is measured of them now, without alarms, limits or anybody else', async () => {
    const care = await until('the first value', 30_000, async () => {
      const answer = await me.get<OwnCare>('/me/care')
      return answer.bed?.latest['spo2'] ? answer : undefined
    })
    expect(care).toMatchObject({ patient: { id: mine.patient.id }, stayId: mine.stay.id, calling: false, bed: { latest: { spo2: { v: 97 } } } })
    for (const name of ['alarms', 'limitNotes', 'news2', 'audio']) expect(care.bed).not.toHaveProperty(name)
    expect(JSON.stringify(care)).not.toContain(other.patient.id)
    expect((await me.get<History>('/me/history?signals=spo2')).series).toBeDefined()
    expect((await house.admin.ask('GET', '/me/care')).status).toBe(404)
  })

  it('is told that their monitoring is paused and until when, not by whom or why', async () => {
    await house.admin.put(`/stays/${mine.stay.id}/monitoring-pause`, { reason: 'other', text: 'a family matter', minutes: 10 })
    const care = await until('the pause', 30_000, async () => {
      const answer = await me.get<OwnCare>('/me/care')
      return answer.bed?.monitoring ? answer : undefined
    })
    expect(care.bed?.monitoring).toEqual({ mode: 'paused', until: expect.any(String) })
    await house.admin.ask('DELETE', `/stays/${mine.stay.id}/monitoring-pause`)
    await until('its end', 30_000, async () => ((await me.get<OwnCare>('/me/care')).bed?.monitoring === undefined ? true : undefined))
  })

  it('calls the nurse, who sees who calls', async () => {
    expect((await me.ask('POST', '/me/call')).status).toBe(201)
    const { alarms } = await house.admin.get<AlarmList>('/alarms')
    const call = alarms.find(({ condition }) => condition === 'patient_call') as Alarm
    expect(call).toMatchObject({ stayId: mine.stay.id, priority: 'high' })
    expect((await me.get<OwnCare>('/me/care')).calling).toBe(true)
    await house.admin.post(`/alarms/${call.id}/acknowledgement`, { seenVersion: call.version })
    expect((await me.get<OwnCare>('/me/care')).calling).toBe(false)
  })

  it('sees the phones that send for them, nobody else’s, and ends one of their own', async () => {
    const phone = await house.admin.post<HealthSourceCreated>(`/patients/${mine.patient.id}/health-sources`, { label: 'iPhone at home' })
    const others = await house.admin.post<HealthSourceCreated>(`/patients/${other.patient.id}/health-sources`, { label: 'of somebody else' })
    const send = (token: string) => fetch(`${house.http}/api/v1/import/health-auto-export`, { method: 'POST', headers: { 'api-key': token, 'content-type': 'application/json' }, body: JSON.stringify({ data: { metrics: [] } }) })
    expect((await send(phone.token)).status).toBe(200)
    const { sources } = await me.get<HealthSourceList>('/me/phones')
    expect(sources).toMatchObject([{ id: phone.id, label: 'iPhone at home', lastAt: expect.any(String) }])
    expect(JSON.stringify(sources)).not.toContain(phone.token)
    expect((await me.ask('DELETE', `/me/phones/${others.id}`)).body.code).toBe('NOT_FOUND')
    expect((await send(others.token)).status).toBe(200)
    expect((await me.ask<HealthSource>('DELETE', `/me/phones/${phone.id}`)).body).toMatchObject({ revokedAt: expect.any(String) })
    expect((await send(phone.token)).status).toBe(401)
    const { entries } = await house.admin.get<AuditList>('/audit?action=health.source_end')
    expect(entries.filter(({ patientId }) => patientId === mine.patient.id)).toMatchObject([{ username: 'maria', role: 'patient', detail: { sourceId: phone.id } }])
    expect((await house.admin.ask('GET', '/me/phones')).status).toBe(404)
  })

  it('is refused by every other route', async () => {
    const { paths } = await me.get<{ paths: Record<string, Record<string, { 'x-permission': string }>> }>('/openapi.json')
    const calls = Object.entries(paths).filter(([path]) => path.startsWith('/api/v1')).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path: path.slice('/api/v1'.length), permission: operation['x-permission'] })))
    const own = calls.filter(({ permission }) => permission === 'self').map(({ method, path }) => `${method} ${path}`)
    expect(own.toSorted()).toEqual(['DELETE /me/phones/{sourceId}', 'DELETE /session', 'GET /me', 'GET /me/care', 'GET /me/history', 'GET /me/looks', 'GET /me/phones', 'POST /me/call', 'POST /session/lock', 'POST /session/unlock', 'PUT /me/password', 'PUT /me/pin'])
    const closed = calls.filter(({ permission, path }) => permission !== 'self' && permission !== 'public' && path !== '/import/health-auto-export' && path !== '/live')
    expect(closed.length).toBeGreaterThan(80)
    // Also with the names of what is theirs.
    const fill = (path: string) => path.replaceAll('{patientId}', mine.patient.id).replaceAll('{stayId}', mine.stay.id).replaceAll('{deviceId}', 'dev-east-1').replaceAll('{wardId}', 'east').replaceAll(/\{\w+\}/g, ID)
    for (const { method, path } of closed) {
      const { status, body } = await me.ask(method, fill(path), ['POST', 'PUT', 'PATCH'].includes(method) ? { surely: 'unknown' } : undefined)
      expect([method, path, status, body.code]).toEqual([method, path, 403, 'FORBIDDEN'])
    }
    await expect(openScreen(me)).rejects.toMatchObject({ status: 403 })
  })

  it('reads who looked at their data: who broke the glass first, with the reason, and the ward\'s own people', async () => {
    const li = await house.as('west-li', PASSWORD)
    await li.post<BreakGlass>('/break-glass', { wardId: 'east', reason: 'cardiac arrest, nobody there' })
    await li.get(`/patients/${mine.patient.id}`)
    await house.admin.get<Patient>(`/patients/${mine.patient.id}`)
    const { looks } = await me.get<LookList>('/me/looks')
    expect(looks[0]).toMatchObject({ username: 'west-li', name: 'Li of west', role: 'nurse', emergency: true, reason: 'cardiac arrest, nobody there', actions: ['patient.read'] })
    expect(looks.some(({ username, emergency, actions }) => username === 'admin' && !emergency && actions.includes('patient.read'))).toBe(true)
    expect(JSON.stringify((await house.as('jo', PASSWORD).then((jo) => jo.get<LookList>('/me/looks'))).looks)).not.toContain('west-li')
    // Staff in charge read the same; that is a look as well.
    expect((await house.admin.get<LookList>(`/patients/${mine.patient.id}/looks`)).looks[0]).toMatchObject({ username: 'west-li', emergency: true })
    expect((await house.admin.get<AuditList>('/audit?action=audit.looks')).entries[0]).toMatchObject({ patientId: mine.patient.id })
  })
})
