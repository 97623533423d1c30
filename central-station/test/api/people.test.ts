import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AuditEntry, Patient, SessionInfo, Stay, UserWithPassword } from '@vigil/contract'
import type { TestApi } from '../support/api.ts'
import { openScreen } from '../support/live.ts'
import { rows, run, startPostgres, type TestPostgres } from '../support/postgres.ts'
import { startStation, type TestStation } from '../support/station.ts'

let postgres: TestPostgres
let ward: TestStation
let admin: TestApi
const PASSWORD = 'a password of their own'

beforeAll(async () => {
  postgres = await startPostgres()
  ward = await startStation({ databaseUrl: await postgres.database() })
  admin = ward.admin
  for (const id of ['east', 'west']) await admin.post('/wards', { id, name: id, beds: [{ id: `${id}-1`, label: '1' }] })
})
afterAll(async () => {
  await ward?.stop()
  await postgres?.stop()
})

const closes = (screen: { socket: { on(event: 'close', done: (code: number) => void): unknown } }) => new Promise<number>((resolve) => screen.socket.on('close', resolve))
const person = async (username: string, more: object = {}) => {
  const user = await admin.post<UserWithPassword>('/users', { username, displayName: username, role: 'nurse', wards: ['east'], password: PASSWORD, ...more })
  return { user, api: await ward.as(username, PASSWORD) }
}

describe('a new person', () => {
  it('gets a password that is good once: it opens nothing but the choice of their own', async () => {
    const user = await admin.post<UserWithPassword>('/users', { username: 'ana', displayName: 'Ana', role: 'nurse', wards: ['east'] })
    expect(user.oneTimePassword).toMatch(/^[A-Za-z0-9]{16}$/)
    const first = await ward.as('ana', user.oneTimePassword ?? '')
    expect(await first.get<SessionInfo>('/me')).toMatchObject({ mustChangePassword: true, rights: ['self'] })
    expect((await first.ask('GET', '/wards')).body.code).toBe('PASSWORD_FIRST')
    expect((await first.ask('PUT', '/me/password', { current: user.oneTimePassword, next: 'short' })).status).toBe(400)
    expect((await first.ask('PUT', '/me/password', { current: 'wrong', next: PASSWORD })).body.code).toBe('SIGN_IN_REFUSED')
    expect((await first.ask('PUT', '/me/password', { current: user.oneTimePassword, next: PASSWORD })).status).toBe(204)
    expect((await first.ask('GET', '/wards')).status).toBe(200)
    await expect(ward.as('ana', user.oneTimePassword ?? '')).rejects.toThrow(/401/)
    expect(JSON.stringify(await admin.get('/audit?limit=1000'))).not.toContain(user.oneTimePassword)
  })

  it('comes too late with it after three days', async () => {
    const user = await admin.post<UserWithPassword>('/users', { username: 'late', displayName: 'Late', role: 'nurse', wards: ['east'] })
    await run(ward.databaseUrl, [`update account set password_once_until = now() - interval '1 s' where username = 'late'`])
    await expect(ward.as('late', user.oneTimePassword ?? '')).rejects.toThrow(/401/)
  })
})

describe('a person whose rights change', () => {
  it('is out at once everywhere when disabled, and back when enabled', async () => {
    const { user, api } = await person('bo')
    const screen = await openScreen(api)
    const closed = closes(screen)
    expect((await admin.patch<UserWithPassword>(`/users/${user.id}`, { disabled: true, reason: 'left the house' })).disabled).toBe(true)
    expect((await api.ask('GET', '/wards')).status).toBe(401)
    expect(await closed).toBe(1008)
    await expect(ward.as('bo', PASSWORD)).rejects.toThrow(/401/)
    await admin.patch(`/users/${user.id}`, { disabled: false })
    expect((await (await ward.as('bo', PASSWORD)).ask('GET', '/wards')).status).toBe(200)
  })

  it('signs in again to see other wards and to have another role, which the audit tells with what was before', async () => {
    const { user, api } = await person('cy')
    await admin.patch(`/users/${user.id}`, { wards: ['west'], role: 'charge' })
    expect((await api.ask('GET', '/wards')).status).toBe(401)
    const again = await ward.as('cy', PASSWORD)
    expect((await again.get<{ wards: { id: string }[] }>('/wards')).wards.map(({ id }) => id)).toEqual(['west'])
    const { entries } = await admin.get<{ entries: AuditEntry[] }>('/audit?action=user.change&limit=1')
    expect(entries[0]?.detail).toEqual({ username: 'cy', before: { wards: ['east'], role: 'nurse' }, after: { wards: ['west'], role: 'charge' } })
  })

  it('gets a one-time password when theirs is forgotten; the old one and its sessions end', async () => {
    const { user, api } = await person('di')
    const { oneTimePassword } = await admin.post<UserWithPassword>(`/users/${user.id}/password-reset`)
    expect((await api.ask('GET', '/me')).status).toBe(401)
    await expect(ward.as('di', PASSWORD)).rejects.toThrow(/401/)
    expect((await (await ward.as('di', oneTimePassword ?? '')).get<SessionInfo>('/me')).mustChangePassword).toBe(true)
  })

  it('is nobody: no administrator changes their own rights, so one always remains', async () => {
    const { user } = await admin.get<SessionInfo>('/me')
    for (const change of [{ disabled: true }, { role: 'nurse' }, { wards: ['east'] }]) expect((await admin.ask('PATCH', `/users/${user.id}`, change)).body.code).toBe('FORBIDDEN')
  })

  it('is not changed without its line in the audit: one transaction holds both', async () => {
    const { user } = await person('ed')
    await run(ward.databaseUrl, [`create function refuse_audit() returns trigger language plpgsql as $$ begin raise exception 'disk full'; end $$`, 'create trigger refuse before insert on audit for each row execute function refuse_audit()'])
    try {
      expect((await admin.ask('PATCH', `/users/${user.id}`, { role: 'charge' })).status).toBeGreaterThanOrEqual(400)
    } finally {
      await run(ward.databaseUrl, ['drop trigger refuse on audit', 'drop function refuse_audit'])
    }
    expect(await rows(ward.databaseUrl, `select role from account where username = 'ed'`)).toEqual([{ role: 'nurse' }])
  })
})

describe('a screen somebody walked away from', () => {
  it('shows values and alarms while locked, does nothing, and opens with the PIN', async () => {
    const { api } = await person('fay')
    expect((await api.ask('PUT', '/me/pin', { password: 'wrong', pin: '4711' })).body.code).toBe('SIGN_IN_REFUSED')
    expect((await api.ask('PUT', '/me/pin', { password: PASSWORD, pin: '4711' })).status).toBe(204)
    const screen = await openScreen(api)
    expect((await api.ask('POST', '/session/lock')).status).toBe(204)
    expect(await api.get<SessionInfo>('/me')).toMatchObject({ locked: true, rights: ['self', 'ward:read'] })
    expect((await api.ask('GET', '/wards/east')).status).toBe(200)
    screen.watch({ wards: ['east'] })
    await screen.sees('ward')
    expect((await api.ask('POST', '/patients', { familyName: 'No' })).body.code).toBe('SCREEN_LOCKED')
    expect((await api.ask('PUT', '/me/pin', { password: PASSWORD, pin: '1234' })).body.code).toBe('SCREEN_LOCKED')
    expect((await api.ask('POST', '/session/unlock', { pin: '0000' })).body).toMatchObject({ code: 'SIGN_IN_REFUSED', details: { triesLeft: 4 } })
    expect((await api.ask('POST', '/session/unlock', { pin: '4711' })).status).toBe(204)
    expect((await api.ask('POST', '/patients', { familyName: 'Yes' })).status).toBe(201)
    screen.close()
  })

  it('is told beds, values and alarms, and no name, while it is locked: not by a question, not by a live frame, not on a page opened meanwhile', async () => {
    const patient = await admin.post<Patient>('/patients', { familyName: 'Okonkwo', givenName: 'Ngozi', identifier: '4711-0815', birthDate: '1951-02-03' })
    const stay = await admin.post<Stay>('/stays', { patientId: patient.id, bedId: 'east-1', reason: 'overdose of something private' })
    const secrets = /Okonkwo|Ngozi|4711-0815|1951-02-03|private/
    const { api } = await person('ida')
    await api.ask('PUT', '/me/pin', { password: PASSWORD, pin: '4711' })
    const before = await openScreen(api)
    before.watch({ wards: ['east'] })
    await before.sees('ward', (frame) => secrets.test(JSON.stringify(frame)))
    before.frames.length = 0
    expect((await api.ask('POST', '/session/lock')).status).toBe(204)
    const during = await openScreen(api)
    during.watch({ wards: ['east'] })
    for (const screen of [before, during]) await screen.sees('ward', ({ ward: { beds } }) => beds[0]?.stay?.id === stay.id)
    await admin.ask('PATCH', `/stays/${stay.id}`, { version: stay.version, reason: 'another private thing' })
    for (const screen of [before, during]) await screen.sees('bed')
    for (const path of ['/wards', '/wards/east', '/alarms', '/alarm-reviews', '/alarm-load', '/demo', '/me']) expect(JSON.stringify(await api.ask('GET', path)), path).not.toMatch(secrets)
    for (const path of [`/stays/${stay.id}`, `/patients/${patient.id}`, `/stays/${stay.id}/history`, '/devices', `/stays/${stay.id}/annotations`, '/patients?q=Ok']) expect((await api.ask('GET', path)).body.code, path).toBe('SCREEN_LOCKED')
    expect((await api.ask('GET', '/wards')).status).toBe(200)
    expect(JSON.stringify([before.frames, during.frames])).not.toMatch(secrets)
    expect((await api.ask('POST', '/session/unlock', { pin: '4711' })).status).toBe(204)
    for (const screen of [before, during]) {
      await screen.sees('ward', (frame) => secrets.test(JSON.stringify(frame)))
      screen.close()
    }
    await admin.post(`/stays/${stay.id}/discharge`)
  })

  it('is over after five wrong tries also when they come all at once', async () => {
    const { api } = await person('hal')
    await api.ask('PUT', '/me/pin', { password: PASSWORD, pin: '0017' })
    await api.ask('POST', '/session/lock')
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => api.ask('POST', '/session/unlock', { pin: String(i).padStart(4, '0') })))
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(0)
    expect(answers.filter(({ body }) => body.code === 'SIGN_IN_REFUSED')).toHaveLength(4)
    expect((await api.ask('GET', '/me')).status).toBe(401)
  })

  it('stays locked after a restart, and is over after five wrong tries', async () => {
    const { api } = await person('gus')
    expect((await api.ask('POST', '/session/lock')).status).toBe(204)
    await ward.stopStation()
    await ward.startAgain()
    admin = await ward.as('admin', 'correct horse battery staple')
    const mine = (method: string, path: string, body?: unknown) => admin.ask<{ locked?: boolean }>(method, path, body, { cookie: api.cookie })
    expect((await mine('GET', '/me')).body.locked).toBe(true)
    for (let i = 0; i < 5; i++) expect((await mine('POST', '/session/unlock', { pin: '0000' })).status).toBe(401)
    expect((await mine('GET', '/me')).status).toBe(401)
  })
})

it('a wall names its wards and can do nothing there', async () => {
  expect((await admin.ask('POST', '/users', { username: 'hall', displayName: 'Hall', role: 'wall', password: PASSWORD })).status).toBe(400)
  const { api } = await person('hall', { role: 'wall', wards: ['west'] })
  expect((await api.get<{ wards: { id: string }[] }>('/wards')).wards.map(({ id }) => id)).toEqual(['west'])
  expect((await api.ask('GET', '/wards/east')).body.code).toBe('OUT_OF_WARDS')
  expect((await api.ask('POST', '/wards/west/audio-pause')).body.code).toBe('FORBIDDEN')
})
