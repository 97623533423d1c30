import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AuditList, SessionInfo } from '@vigil/contract'
import { apiWith } from '../support/api.ts'
import { openScreen } from '../support/live.ts'
import { rows, startPostgres, type TestPostgres } from '../support/postgres.ts'
import { PASSWORD, startStation, type TestStation } from '../support/station.ts'
import { until } from '@vigil/ops/testing'

describe('signing in', () => {
  let postgres: TestPostgres
  let ward: TestStation
  beforeAll(async () => {
    postgres = await startPostgres()
    ward = await startStation({ databaseUrl: await postgres.database() })
  })
  afterAll(async () => {
    await ward?.stop()
    await postgres?.stop()
  })
  const nobody = () => apiWith(ward.http, '')
  const stranger = async (name: string) => {
    await ward.admin.post('/users', { username: name, displayName: name, role: 'nurse', password: 'ten letters at least' })
    return name
  }

  it('gives a browser a cookie that scripts and other sites cannot use', async () => {
    const { status, headers, body } = await nobody().ask<SessionInfo>('POST', '/session', { username: 'admin', password: PASSWORD })
    expect(status).toBe(200)
    expect(headers.getSetCookie()[0]).toMatch(/^vigil=[\w-]{43}; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Strict$/)
    expect(body).toMatchObject({ user: { username: 'admin', role: 'admin', disabled: false }, rights: expect.arrayContaining(['user:write']) })
    expect(body).not.toHaveProperty('token')
  })

  it('gives a program a Bearer token and no cookie', async () => {
    const { headers, body } = await nobody().ask<SessionInfo>('POST', '/session', { username: 'admin', password: PASSWORD, kind: 'program' })
    expect(headers.getSetCookie()).toEqual([])
    const me = await nobody().ask<SessionInfo>('GET', '/me', undefined, { authorization: `Bearer ${body.token}` })
    expect(me.body.user.username).toBe('admin')
  })

  it('keeps the token nowhere: neither in the database nor on the disk', async () => {
    const { body } = await nobody().ask<SessionInfo>('POST', '/session', { username: 'admin', password: PASSWORD, kind: 'program' })
    const stored = await rows<{ hash: string }>(ward.databaseUrl, `select encode(token_hash, 'hex') as hash, account.password_hash from session join account on account.id = account_id`)
    expect(JSON.stringify(stored)).not.toContain(body.token)
    expect(JSON.stringify(stored)).not.toContain(PASSWORD)
  })

  it('answers a wrong password and an unknown name alike', async () => {
    const wrong = await nobody().ask('POST', '/session', { username: 'admin', password: 'not this one' })
    const unknown = await nobody().ask('POST', '/session', { username: 'never-heard', password: 'not this one' })
    expect([wrong.status, unknown.status]).toEqual([401, 401])
    expect(wrong.body).toMatchObject({ code: 'SIGN_IN_REFUSED', detail: unknown.body.detail })
    const { entries } = await ward.admin.get<AuditList>('/audit?action=session.refused')
    expect(entries.map((entry) => entry.username)).toEqual(['(unknown)', 'admin'])
  })

  it('looks at five of a hundred guesses at most, and says how long to wait', async () => {
    const name = await stranger('guessed')
    const answers = await Promise.all(Array.from({ length: 100 }, (_, i) => nobody().ask('POST', '/session', { username: name, password: `guess ${i}` })))
    const refused = answers.filter((answer) => answer.body.code === 'SIGN_IN_REFUSED')
    expect(refused.length).toBeLessThanOrEqual(5)
    const held = answers.find((answer) => answer.status === 429)
    expect(held?.body).toMatchObject({ code: 'TOO_MANY_REQUESTS' })
    expect(Number(held?.headers.get('retry-after'))).toBeGreaterThan(30)
    expect((await nobody().ask('POST', '/session', { username: name, password: 'ten letters at least' })).status).toBe(429)
  })

  it('ends at once with signing out, on open pages too', async () => {
    const api = await ward.as('admin', PASSWORD)
    const screen = await openScreen(api)
    const closed = new Promise<number>((resolve) => {
      screen.socket.once('close', resolve)
    })
    const out = await api.ask('DELETE', '/session')
    expect([out.status, out.headers.getSetCookie()[0]]).toEqual([204, expect.stringMatching(/^vigil=; .*Expires=Thu, 01 Jan 1970/)])
    expect(await closed).toBe(1008)
    expect((await api.ask('GET', '/me')).body.code).toBe('UNAUTHENTICATED')
  })

  it('ends too when another central station, or an operator, removed the session', async () => {
    const api = await ward.as('admin', PASSWORD)
    await api.get('/me')
    await rows(ward.databaseUrl, `delete from session where created_at = (select max(created_at) from session)`)
    await until('the session to be over', 3_000, async () => ((await api.ask('GET', '/me')).status === 401 ? true : undefined))
  })

  it('accepts no change and no live page from a page of another site', async () => {
    const foreign = { origin: 'https://evil.example' }
    const post = await ward.admin.ask('POST', '/patients', { familyName: 'X' }, foreign)
    expect([post.status, post.body.code]).toEqual([403, 'CROSS_ORIGIN'])
    expect((await nobody().ask('POST', '/session', { username: 'admin', password: PASSWORD }, foreign)).body.code).toBe('CROSS_ORIGIN')
    await expect(openScreen(ward.admin, foreign)).rejects.toMatchObject({ status: 403 })
    expect((await ward.admin.ask('GET', '/me', undefined, foreign)).status).toBe(200)
    for (const origin of ['null', ward.http.replace('127.0.0.1', 'localhost'), `${ward.http}0`]) expect((await ward.admin.ask('POST', '/patients', { familyName: 'X' }, { origin })).body.code).toBe('CROSS_ORIGIN')
    expect((await ward.admin.ask('POST', '/patients', { familyName: 'Through a TLS proxy' }, { origin: ward.http.replace('http:', 'https:') })).status).toBe(201)
  })

  it('lets a person be added once, with a password worth the name', async () => {
    const name = await stranger('li')
    expect((await ward.admin.ask('POST', '/users', { username: name, displayName: 'Li', role: 'nurse', password: 'ten letters at least' })).body.code).toBe('ALREADY_EXISTS')
    expect((await ward.admin.ask('POST', '/users', { username: 'roy', displayName: 'Roy', role: 'nurse', password: 'short' })).body).toMatchObject({ code: 'INVALID_REQUEST', errors: [{ path: '/password' }] })
    expect(await ward.admin.get<{ users: { username: string }[] }>('/users')).toMatchObject({ users: expect.arrayContaining([expect.objectContaining({ username: 'li', role: 'nurse' })]) })
  })

  it('slows a program that calls a thousand times in a minute', async () => {
    const { body } = await nobody().ask<SessionInfo>('POST', '/session', { username: 'admin', password: PASSWORD, kind: 'program' })
    const call = () => nobody().ask('GET', '/me', undefined, { authorization: `Bearer ${body.token}` })
    const seen: number[] = []
    for (let i = 0; i < 51; i++) seen.push(...(await Promise.all(Array.from({ length: 20 }, call))).map((answer) => answer.status))
    expect(seen.filter((status) => status === 200)).toHaveLength(1_000)
    expect((await call()).body).toMatchObject({ code: 'TOO_MANY_REQUESTS' })
    expect((await ward.admin.ask('GET', '/me')).status).toBe(200)
  })
})
