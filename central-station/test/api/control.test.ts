import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CommandAccepted, CommandList, CommandRecord, DeviceConfig } from '@vigil/contract'
import type { TestApi } from '../support/api.ts'
import { joinAsDevice, type TestDevice } from '../support/broker.ts'
import { furnish } from '../support/furnish.ts'
import { openScreen, type TestScreen } from '../support/live.ts'
import { rows, startPostgres, type TestPostgres } from '../support/postgres.ts'
import { startStation, type TestStation } from '../support/station.ts'
import { until } from '@vigil/ops/testing'

const caps = {
  commands: [{ name: 'identify', risk: 'low', args: { type: 'object', properties: { seconds: { type: 'integer', minimum: 1, maximum: 60 } }, additionalProperties: false } }, { name: 'measure_now', risk: 'low' }],
  config: { interval_ms: { type: 'integer', minimum: 200, maximum: 60_000 }, language: { type: 'string', enum: ['en', 'pl'] } },
}

describe('remote control', () => {
  let postgres: TestPostgres
  let ward: TestStation
  let api: TestApi
  let board: TestDevice
  let screen: TestScreen
  const base = '/devices/dev-control-1'
  const birth = (cfgv = 0) => board.say('state', { st: 'online', e: 'a1', cfgv, caps }, { retain: true })

  beforeAll(async () => {
    postgres = await startPostgres()
    ward = await startStation({ databaseUrl: await postgres.database() })
    api = ward.admin
    await furnish(api, 'control', 1)
    screen = await openScreen(api)
    screen.watch({ wards: ['control'] })
    board = await joinAsDevice(ward.broker.url, 'dev-control-1')
    await birth()
    await screen.sees('values', (f) => f.devices.some((d) => d.status === 'online'))
  })
  afterAll(async () => {
    screen?.close()
    await board?.leave()
    await ward?.stop()
    await postgres?.stop()
  })

  const ask = (body: object) => api.post<CommandAccepted>(`${base}/commands`, body)
  const state = (id: string, expected: CommandRecord['state']) => screen.sees('command', (f) => f.command.id === id && f.command.state === expected)
  const stored = async (id: string) => (await api.get<CommandList>(`${base}/commands`)).commands.find((c) => c.id === id)

  it('follows a command from asking to done, on the screen and in the database, step by step', async () => {
    const { id, state: first } = await ask({ do: 'identify', args: { seconds: 10 }, reason: 'which box is it?' })
    expect(first).toBe('queued')
    const heard = await board.hears('command', (m) => m['id'] === id)
    expect(heard).toEqual({ id, do: 'identify', args: { seconds: 10 }, exp: expect.any(Number) })
    expect(board.heard.find((m) => m.channel === 'command')?.retain).toBe(false)
    await state(id, 'sent')
    await board.say('command/reply', { id, st: 'accepted' })
    await board.say('command/reply', { id, st: 'running', pct: 40 })
    await board.say('command/reply', { id, st: 'done', data: { blinked: true } })
    const { command } = await state(id, 'done')
    expect(command).toMatchObject({ do: 'identify', askedBy: 'admin', reason: 'which box is it?', data: { blinked: true }, steps: ['queued', 'sent', 'accepted', 'running', 'done'].map((s) => ({ state: s })) })
    // The second is the note that it is about to be sent; people are not told of it.
    await until('all steps in the database', 3_000, async () => {
      const steps = await rows<{ state: string }>(ward.databaseUrl, 'select state from command_step where command_id = $1 order by n', [id])
      return steps.map((s) => s.state).join() === 'queued,queued,sent,accepted,running,done' ? true : undefined
    })
    expect(await rows(ward.databaseUrl, 'select state, data from command where id = $1', [id])).toEqual([{ state: 'done', data: { blinked: true } }])
  })

  it('tells why it was refused, and lets a retry point to the first try', async () => {
    const { id } = await ask({ do: 'measure_now' })
    await board.hears('command', (m) => m['id'] === id)
    await board.say('command/reply', { id, st: 'refused', why: 'finger not detected' })
    expect((await state(id, 'refused')).command.why).toBe('finger not detected')
    const again = await ask({ do: 'measure_now', retryOf: id })
    await board.hears('command', (m) => m['id'] === again.id)
    expect((await api.ask('POST', `${base}/commands`, { do: 'measure_now', retryOf: '00000000-0000-7000-8000-000000000000' })).body.code).toBe('NOT_FOUND')
  })

  it('offers only what the device does, with arguments it understands', async () => {
    expect((await api.ask('POST', `${base}/commands`, { do: 'restart' })).body).toMatchObject({ code: 'COMMAND_NOT_OFFERED', details: { offered: ['identify', 'measure_now'] } })
    expect((await api.ask('POST', `${base}/commands`, { do: 'identify', args: { seconds: 600 } })).body.code).toBe('COMMAND_ARGUMENTS')
    expect((await api.ask('POST', `${base}/commands`, { do: 'measure_now', args: { fast: true } })).body.code).toBe('COMMAND_ARGUMENTS')
    expect((await api.ask('POST', '/devices/stranger/commands', { do: 'identify' })).body.code).toBe('NOT_FOUND')
  })

  it('keeps a command for a device that is away and sends it when it comes, and takes it back until then', async () => {
    await board.say('state', { st: 'off', e: 'a1' }, { retain: true })
    await screen.sees('values', (f) => f.devices.some((d) => d.status === 'lost'))
    const kept = await ask({ do: 'measure_now' })
    const dropped = await ask({ do: 'identify', args: {} })
    expect(await api.post<CommandRecord>(`${base}/commands/${dropped.id}/cancel`)).toMatchObject({ state: 'cancelled' })
    expect((await stored(kept.id))?.state).toBe('queued')
    await birth()
    await board.hears('command', (m) => m['id'] === kept.id)
    await state(kept.id, 'sent')
    expect(board.heard.some((m) => m.body['id'] === dropped.id)).toBe(false)
    expect((await api.ask('POST', `${base}/commands/${kept.id}/cancel`)).body).toMatchObject({ code: 'COMMAND_UNDER_WAY', details: { state: 'sent' } })
    expect((await api.ask('POST', `${base}/commands/00000000-0000-7000-8000-000000000000/cancel`)).body.code).toBe('NOT_FOUND')
  })

  it('never runs late: what could not be sent in its time has expired', async () => {
    await board.say('state', { st: 'off', e: 'a1' }, { retain: true })
    await until('the board to be gone', 3_000, async () => ((await api.get<{ status: string }>(base)).status === 'lost' ? true : undefined))
    const { id } = await ask({ do: 'measure_now', expiresInMs: 1_000 })
    await state(id, 'expired')
    await birth()
    await until('the board to be back', 3_000, async () => ((await api.get<{ status: string }>(base)).status === 'online' ? true : undefined))
    expect(board.heard.some((m) => m.body['id'] === id)).toBe(false)
  })

  it('sends again what was on its way when the device was cut off, under the same id', async () => {
    const { id } = await ask({ do: 'measure_now' })
    await state(id, 'sent')
    await birth()
    await until('the same command twice', 3_000, () => (board.heard.filter((m) => m.body['id'] === id).length === 2 ? true : undefined))
  })

  it('knows open commands after a restart of the central station', async () => {
    const { id } = await ask({ do: 'measure_now' })
    await state(id, 'sent')
    await ward.stopStation()
    await ward.startAgain()
    screen = await openScreen({ ...api, http: ward.http })
    screen.watch({ wards: ['control'] })
    await screen.sees('ward')
    await board.say('command/reply', { id, st: 'done' })
    await state(id, 'done')
    api = await ward.as('admin', 'correct horse battery staple')
    expect((await stored(id))?.steps.map((s) => s.state)).toEqual(['queued', 'sent', 'done'])
  })

  it('shows what is asked beside what is reported, and keeps the asked one at the broker', async () => {
    const saved = await api.put<DeviceConfig>(`${base}/config`, { version: 0, set: { interval_ms: 5_000 } })
    expect(saved).toMatchObject({ desired: { version: 1, set: { interval_ms: 5_000 }, by: 'admin' }, reported: { version: 0, set: {} } })
    expect(await board.hears('config/desired')).toEqual({ version: 1, set: { interval_ms: 5_000 } })
    await board.say('config/reported', { version: 1, set: { interval_ms: 5_000 }, errors: { language: 'no display' } }, { retain: true })
    const { config } = await screen.sees('config', (f) => f.config.reported.version === 1)
    expect(config.reported).toMatchObject({ set: { interval_ms: 5_000 }, errors: { language: 'no display' } })
    expect(await api.get<DeviceConfig>(`${base}/config`)).toEqual(config)
    const late = await joinAsDevice(ward.broker.url, 'dev-control-1')
    expect(await late.hears('config/desired')).toEqual({ version: 1, set: { interval_ms: 5_000 } })
    await late.leave()
    await until('the report in the database', 4_000, async () => ((await rows(ward.databaseUrl, `select 1 from device_config where reported_version = 1 and reported_errors ? 'language'`)).length === 1 ? true : undefined))
  })

  it('tells the second of two editors that somebody was first', async () => {
    const answer = await api.ask('PUT', `${base}/config`, { version: 0, set: { interval_ms: 1_000 } })
    expect([answer.status, answer.body]).toMatchObject([409, { code: 'VERSION_CONFLICT', details: { version: 1 } }])
  })

  it('refuses values the device says it cannot run with, and leaves unknown keys to the device', async () => {
    const answer = await api.ask('PUT', `${base}/config`, { version: 1, set: { interval_ms: 5, language: 'xx' } })
    expect(answer.body).toMatchObject({ code: 'INVALID_REQUEST', errors: [{ path: '/set/interval_ms' }, { path: '/set/language' }] })
    expect(await api.put<DeviceConfig>(`${base}/config`, { version: 1, set: { interval_ms: 1_000, beeper: true } })).toMatchObject({ desired: { version: 2 } })
  })

  it('gives a version above the device\'s own, should the database have been set back', async () => {
    await birth(41)
    await until('the birth', 3_000, async () => ((await api.get<{ status: string }>(base)).status === 'online' ? true : undefined))
    const { desired } = await api.put<DeviceConfig>(`${base}/config`, { version: 2, set: { interval_ms: 2_000 } })
    expect(desired.version).toBe(42)
  })
})
