import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AccessToken, AccessTokenCreated, AuditEntry } from '@vigil/contract'
import { until } from '@vigil/ops/testing'
import { createHash } from 'node:crypto'
import WebSocket from 'ws'
import { apiWith, type TestApi } from '../support/api.ts'
import { furnish } from '../support/furnish.ts'
import { rows, run, startPostgres, type TestPostgres } from '../support/postgres.ts'
import { startStation, type TestStation } from '../support/station.ts'

let postgres: TestPostgres
let ward: TestStation
let admin: TestApi

beforeAll(async () => {
  postgres = await startPostgres()
  ward = await startStation({ databaseUrl: await postgres.database() })
  admin = ward.admin
  await furnish(admin, 'east', 1)
})
afterAll(async () => {
  await ward?.stop()
  await postgres?.stop()
})

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const call = (token: string, method: string, path: string, body?: unknown) => apiWith(ward.http, '').ask(method, path, body, bearer(token))
const make = (body: object) => admin.post<AccessTokenCreated>('/tokens', body)
const listed = async (id: string) => (await admin.get<{ tokens: AccessToken[] }>('/tokens')).tokens.find((token) => token.id === id)

describe('a token of a program', () => {
  it('is shown once, and only its hash is anywhere on the server', async () => {
    const made = await make({ name: 'exporter', rights: ['ward:read', 'patient:read'] })
    expect(made.token).toMatch(/^vigil_[A-Za-z0-9_-]{43}$/)
    const [row] = await rows<{ hash: string; all: string }>(ward.databaseUrl, `select encode(token_hash, 'hex') as hash, row_to_json(t)::text as all from access_token t where id = $1`, [made.id])
    expect(row?.hash).toBe(createHash('sha256').update(made.token).digest('hex'))
    const { entries } = await admin.get<{ entries: AuditEntry[] }>('/audit?limit=1000')
    expect(JSON.stringify([await listed(made.id), row?.all, entries])).not.toContain(made.token)
    expect(entries.find((entry) => entry.action === 'token.add')?.detail).toMatchObject({ name: 'exporter', rights: ['ward:read', 'patient:read'], wards: null })
  })

  it('may do what its rights say and nothing else, under its own name in the audit', async () => {
    const { token } = await make({ name: 'reader', rights: ['patient:read'] })
    expect((await call(token, 'GET', '/patients')).status).toBe(200)
    const refused = await call(token, 'POST', '/patients', { familyName: 'New' })
    expect([refused.status, refused.body.code]).toEqual([403, 'FORBIDDEN'])
    expect(refused.body.detail).toMatch(/token/)
    const { entries } = await admin.get<{ entries: AuditEntry[] }>('/audit?user=token:reader')
    expect(entries.map(({ action, role }) => [action, role])).toEqual([['access.refused', 'program'], ['patient.search', 'program']])
  })

  it('is turned away the moment it is revoked, and its live page is closed', async () => {
    const { id, token } = await make({ name: 'screen', rights: ['ward:read'] })
    const socket = new WebSocket(`${ward.http.replace('http', 'ws')}/api/v1/live`, { headers: bearer(token) })
    const closed = new Promise<number>((resolve) => socket.on('close', resolve))
    await new Promise((resolve) => socket.once('message', resolve))
    const revoked = await admin.ask<AccessToken>('DELETE', `/tokens/${id}`)
    expect([revoked.status, revoked.body]).toMatchObject([200, { state: 'revoked', revokedBy: 'admin' }])
    expect((await call(token, 'GET', '/wards')).status).toBe(401)
    expect(await closed).toBe(1008)
  })

  it('ends by itself, also when another program shortens it in the database', async () => {
    const { id, token } = await make({ name: 'short', rights: ['ward:read'], expiresInDays: 1 })
    expect((await call(token, 'GET', '/wards')).status).toBe(200)
    await run(ward.databaseUrl, [`update access_token set expires_at = now() - interval '1 s' where id = '${id}'`])
    await until('the token to be over', 5_000, async () => (await call(token, 'GET', '/wards')).status === 401)
    expect((await listed(id))?.state).toBe('expired')
  })

  it('tells when it was last used', async () => {
    const { id, token } = await make({ name: 'used', rights: ['ward:read'] })
    await call(token, 'GET', '/wards')
    expect((await listed(id))?.lastUsedAt).toMatch(/^\d{4}-/)
  })

  it('works again after a restart', async () => {
    const { token } = await make({ name: 'lasting', rights: ['ward:read'] })
    await ward.stopStation()
    await ward.startAgain()
    admin = apiWith(ward.http, admin.cookie)
    expect((await call(token, 'GET', '/wards')).status).toBe(200)
  })

  it('may change what is asked of a device, although it is no person', async () => {
    const { token } = await make({ name: 'robot', rights: ['config:write', 'device:read'] })
    expect((await call(token, 'PUT', '/devices/dev-east-1/config', { version: 0, set: { tele_ms: 2_000 } })).status).toBe(200)
    const { entries } = await admin.get<{ entries: AuditEntry[] }>('/audit?user=token:robot')
    expect(entries[0]).toMatchObject({ action: 'config.change', deviceId: 'dev-east-1' })
  })

  it('cannot be given rights that only people have, nor a ward that is not there', async () => {
    for (const right of ['user:write', 'token:write', 'self', 'public', 'everything']) expect((await admin.ask('POST', '/tokens', { name: 'x', rights: [right] })).status).toBe(400)
    expect((await admin.ask('POST', '/tokens', { name: 'x', rights: ['ward:read'], wards: ['nowhere'] })).body.code).toBe('NOT_FOUND')
    expect((await admin.ask('POST', '/tokens', { name: 'x', rights: ['ward:read'], wards: [] })).status).toBe(400)
  })

  it('is refused when it is made up, and is never taken from the address', async () => {
    expect((await call(`vigil_${'a'.repeat(43)}`, 'GET', '/wards')).status).toBe(401)
    const { token } = await make({ name: 'address', rights: ['ward:read'] })
    expect((await apiWith(ward.http, '').ask('GET', `/wards?token=${token}&access_token=${token}`)).status).toBe(401)
  })
})
