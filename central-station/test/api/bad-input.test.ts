import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { errorCodes, Problem } from '@vigil/contract'
import { checker } from '@vigil/contract/check'
import type { TestApi } from '../support/api.ts'
import { furnish } from '../support/furnish.ts'
import { openScreen } from '../support/live.ts'
import { run, startPostgres, type TestPostgres } from '../support/postgres.ts'
import { startStation, type TestStation } from '../support/station.ts'

const UNKNOWN = '00000000-0000-7000-8000-000000000000'
const isProblem = checker(Problem)

describe('bad input gets a named error and changes nothing', () => {
  let postgres: TestPostgres
  let ward: TestStation
  let api: TestApi
  let stayId: string
  beforeAll(async () => {
    postgres = await startPostgres()
    ward = await startStation({ databaseUrl: await postgres.database() })
    api = ward.admin
    const [bed] = await furnish(api, 'bad', 1)
    stayId = bed?.stay.id ?? ''
  })
  afterAll(async () => {
    await ward?.stop()
    await postgres?.stop()
  })

  const history = (query: string) => ['GET', `/devices/dev-bad-1/history?${query}`, undefined] as const
  const table: [string, readonly [string, string, unknown], number, keyof typeof errorCodes][] = [
    ['a body that is not JSON', ['POST', '/patients', '{"familyName":'], 400, 'MALFORMED_JSON'],
    ['an empty body', ['POST', '/patients', ''], 400, 'MALFORMED_JSON'],
    ['a body with a poisoned key', ['POST', '/patients', '{"familyName":"X","__proto__":{"admin":true}}'], 400, 'MALFORMED_JSON'],
    ['a body of two megabytes', ['POST', '/patients', { familyName: 'x'.repeat(2 * 1024 * 1024) }], 413, 'BODY_TOO_LARGE'],
    ['a body nested six thousand times', ['PUT', '/devices/dev-bad-1/config', `{"version":0,"set":{"a":${'['.repeat(6_000)}${']'.repeat(6_000)}}}`], 400, 'INVALID_REQUEST'],
    ['a field nobody knows', ['POST', '/patients', { familyName: 'X', shoeSize: 41 }], 400, 'INVALID_REQUEST'],
    ['a name that is a number', ['POST', '/patients', { familyName: 7 }], 400, 'INVALID_REQUEST'],
    ['a missing name', ['POST', '/patients', {}], 400, 'INVALID_REQUEST'],
    ['a day that is not in the calendar', ['POST', '/patients', { familyName: 'X', birthDate: '1999-02-30' }], 400, 'INVALID_REQUEST'],
    ['a NUL in a name', ['POST', '/patients', { familyName: 'X\u0000Y' }], 400, 'INVALID_REQUEST'],
    ['half a surrogate pair in free JSON', ['PUT', '/devices/dev-bad-1/config', '{"version":0,"set":{"x":"\\u0000"}}'], 400, 'INVALID_REQUEST'],
    ['an id that is none', ['GET', '/patients/42', undefined], 400, 'INVALID_REQUEST'],
    ['a patient nobody knows', ['GET', `/patients/${UNKNOWN}`, undefined], 404, 'NOT_FOUND'],
    ['a stay nobody knows', ['GET', `/stays/${UNKNOWN}`, undefined], 404, 'NOT_FOUND'],
    ['a stay nobody knows, discharged', ['POST', `/stays/${UNKNOWN}/discharge`, undefined], 404, 'NOT_FOUND'],
    ['a ward nobody knows', ['GET', '/wards/nowhere', undefined], 404, 'NOT_FOUND'],
    ['a device nobody knows', ['GET', '/devices/nowhere', undefined], 404, 'NOT_FOUND'],
    ['the history of a device nobody knows', ['GET', '/devices/nowhere/history', undefined], 404, 'NOT_FOUND'],
    ['the history of a stay nobody knows', ['GET', `/stays/${UNKNOWN}/history`, undefined], 404, 'NOT_FOUND'],
    ['the ledger of a device nobody knows', ['GET', '/devices/nowhere/ledger', undefined], 404, 'NOT_FOUND'],
    ['the configuration of a device nobody knows', ['PUT', '/devices/nowhere/config', { version: 0, set: {} }], 404, 'NOT_FOUND'],
    ['a device name with a slash', ['POST', '/devices', { id: 'a/b' }], 400, 'INVALID_REQUEST'],
    ['a device name of 65 letters', ['POST', '/devices', { id: 'x'.repeat(65) }], 400, 'INVALID_REQUEST'],
    ['a ward twice', ['POST', '/wards', { id: 'bad', name: 'Bad', beds: [{ id: 'other', label: '1' }] }], 409, 'ALREADY_EXISTS'],
    ['a bed twice', ['POST', '/wards', { id: 'new', name: 'New', beds: [{ id: 'bad-1', label: '1' }] }], 409, 'ALREADY_EXISTS'],
    ['a ward without beds', ['POST', '/wards', { id: 'empty', name: 'Empty', beds: [] }], 400, 'INVALID_REQUEST'],
    ['a role nobody knows', ['POST', '/users', { username: 'x', displayName: 'X', role: 'god', password: 'ten letters at least' }], 400, 'INVALID_REQUEST'],
    ['a reversed range', history('from=2026-01-02&to=2026-01-01'), 400, 'INVALID_RANGE'],
    ['a range of 25 years', history('from=2001-01-01&to=2026-01-01'), 400, 'INVALID_RANGE'],
    ['a range before 2000', history('from=1970-01-01&to=2026-01-01'), 400, 'INVALID_RANGE'],
    ['a time that is none', history('from=yesterday'), 400, 'INVALID_RANGE'],
    ['a signal nobody knows', history('signals=pr,aura'), 400, 'UNKNOWN_SIGNAL'],
    ['more points than there may be', history('points=1000000'), 400, 'INVALID_REQUEST'],
    ['half a point', history('points=0.5'), 400, 'INVALID_REQUEST'],
    ['minutes of nine years', history('from=2016-01-01&to=2025-01-01&resolution=1m'), 400, 'TOO_MANY_POINTS'],
    ['a resolution nobody knows', history('resolution=1s'), 400, 'INVALID_REQUEST'],
    ['a question nobody knows', history('smooth=yes'), 400, 'INVALID_REQUEST'],
    ['a reversed range of the ledger', ['GET', '/devices/dev-bad-1/ledger?from=2026-01-02&to=2026-01-01', undefined], 400, 'INVALID_RANGE'],
    ['an audit of nobody\'s stay', ['GET', '/audit?stay=42', undefined], 400, 'INVALID_REQUEST'],
    ['a command that is shouted', ['POST', '/devices/dev-bad-1/commands', { do: 'RESTART NOW' }], 400, 'INVALID_REQUEST'],
    ['a command that may wait a year', ['POST', '/devices/dev-bad-1/commands', { do: 'identify', expiresInMs: 31_536_000_000 }], 400, 'INVALID_REQUEST'],
    ['an address nobody knows', ['GET', '/nonsense', undefined], 404, 'NOT_FOUND'],
    ['an address that cannot be read', ['GET', '/wards/%zz', undefined], 400, 'INVALID_REQUEST'],
    ['a method nobody knows', ['POST', '/me', {}], 404, 'NOT_FOUND'],
  ]

  for (const [what, [method, path, body], status, code] of table) {
    it(`${what}: ${code}`, async () => {
      const answer = await api.ask(method, path, body)
      expect([answer.status, answer.body.code]).toEqual([status, code])
      expect(answer.headers.get('content-type')).toContain('application/problem+json')
      expect(isProblem(answer.body)).toMatchObject({ ok: true })
      expect(answer.body.detail).toMatch(/^[A-Z"].{8,}\.$/)
      expect(answer.body.status).toBe(errorCodes[code].status)
    })
  }

  it('a body that is not declared as JSON: UNSUPPORTED_MEDIA_TYPE', async () => {
    const answer = await api.ask('POST', '/patients', 'familyName=X', { 'content-type': 'application/x-www-form-urlencoded' })
    expect([answer.status, answer.body.code]).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE'])
  })

  it('after all that the ward is what it was', async () => {
    expect((await api.get<{ patients: unknown[] }>('/patients')).patients).toHaveLength(1)
    expect((await api.get<{ wards: { id: string }[] }>('/wards')).wards.map((w) => w.id)).toEqual(['bad'])
    expect(await api.get(`/stays/${stayId}`)).toMatchObject({ version: 1 })
  })

  it('a fault of ours says nothing about our inside, but under which id it is in the log', async () => {
    await run(ward.databaseUrl, ['alter table patient rename column note to nota'])
    const answer = await api.ask('GET', '/patients')
    await run(ward.databaseUrl, ['alter table patient rename column nota to note'])
    expect([answer.status, answer.body]).toMatchObject([500, { code: 'INTERNAL', requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) }])
    expect(JSON.stringify(answer.body)).not.toMatch(/note|column|select/)
  })

  it('on the live socket: each is refused by name, and the page stays open', async () => {
    const screen = await openScreen(api)
    for (const text of ['{"type":', '7', '{"type":"watch","wards":["no spaces"]}', '{"type":"shout"}', '{"type":"watch","wards":["nowhere"]}']) screen.socket.send(text)
    screen.socket.send(Buffer.from([1, 2, 3]))
    await screen.sees('refused', () => screen.frames.filter((f) => f.type === 'refused').length === 6)
    expect(screen.frames.flatMap((f) => (f.type === 'refused' ? [f.problem.code] : []))).toEqual(['MALFORMED_JSON', 'INVALID_REQUEST', 'INVALID_REQUEST', 'INVALID_REQUEST', 'NOT_FOUND', 'INVALID_REQUEST'])
    screen.watch({ wards: ['bad'] })
    await screen.sees('ward')
    screen.close()
  })

  it('on the live socket: a question of 100 KB, or a thousand questions, end the page', async () => {
    for (const flood of [['x'.repeat(100_000)], Array.from({ length: 1_000 }, () => '{"type":"watch","wards":["bad"]}')]) {
      const screen = await openScreen(api)
      const closed = new Promise<number>((resolve) => {
        screen.socket.once('close', resolve)
      })
      for (const text of flood) screen.socket.send(text)
      expect([1008, 1009]).toContain(await closed)
    }
  })

  it('a refused live page leaves no open connection behind', async () => {
    const { port } = new URL(ward.http)
    const socket = connect(Number(port), '127.0.0.1')
    let answer = ''
    socket.on('data', (chunk) => { answer += chunk.toString() })
    const closed = new Promise((resolve) => {
      socket.once('close', resolve)
    })
    socket.write(`GET /api/v1/live HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`)
    await closed
    expect(answer).toContain('401 Unauthorized')
  })
})
