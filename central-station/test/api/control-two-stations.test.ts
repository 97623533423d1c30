import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CommandAccepted, CommandList, CommandRecord } from '@vigil/contract'
import { until } from '@vigil/ops/testing'
import { silentLog, systemClock } from '@vigil/program'
import { type CentralStation, startCentralStation } from '../../src/index.ts'
import { signIn, type TestApi } from '../support/api.ts'
import { joinAsDevice, type TestDevice } from '../support/broker.ts'
import { furnish } from '../support/furnish.ts'
import { rows, startPostgres, type TestPostgres } from '../support/postgres.ts'
import { PASSWORD, startStation, type TestStation } from '../support/station.ts'

const caps = { commands: [{ name: 'identify', risk: 'low' }, { name: 'measure_now', risk: 'low' }] }

describe('a command of a house with two central stations', () => {
  let postgres: TestPostgres
  let ward: TestStation
  let second: CentralStation
  let first: TestApi
  let other: TestApi
  let board: TestDevice
  const folder = mkdtempSync(join(tmpdir(), 'vigil-second-'))
  const base = '/devices/dev-two-1'
  const statusAt = (api: TestApi, status: string) => until(`the device to be ${status}`, 10_000, async () => ((await api.get<{ status: string }>(base)).status === status ? true : undefined))
  const say = async (st: 'online' | 'off') => {
    await board.say('state', { st, e: 'a1', ...(st === 'online' && { caps }) }, { retain: true })
    for (const api of [first, other]) await statusAt(api, st === 'online' ? 'online' : 'lost')
  }
  const heard = (id: string) => board.heard.filter(({ channel, body }) => channel === 'command' && body['id'] === id).length
  const ask = (name: string) => first.post<CommandAccepted>(`${base}/commands`, { do: name })
  const stateIn = async (api: TestApi, id: string) => (await api.get<CommandList>(`${base}/commands`)).commands.find((command) => command.id === id)?.state

  beforeAll(async () => {
    postgres = await startPostgres()
    ward = await startStation({ databaseUrl: await postgres.database() })
    first = ward.admin
    await furnish(first, 'two', 1)
    cpSync(join(ward.data, 'secrets'), join(folder, 'secrets'), { recursive: true })
    second = await startCentralStation({ data: folder, databaseUrl: ward.databaseUrl, mqttUrl: ward.broker.url, bind: '127.0.0.1', httpPort: 0, webDist: join(folder, 'none'), alarmEngine: 'inside', clock: systemClock, log: silentLog })
    other = await signIn(second.http, 'admin', PASSWORD)
    board = await joinAsDevice(ward.broker.url, 'dev-two-1')
    await say('online')
    await say('off')
  }, 120_000)
  afterAll(async () => {
    await board?.leave()
    await second?.stop()
    await ward?.stop()
    await postgres?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  it('taken back at the one is not sent by the other, which had it waiting', async () => {
    const { id } = await ask('identify')
    await until('somebody to have seen it', 5_000, async () => ((await rows(ward.databaseUrl, `select 1 from command where id = $1 and created_at < now() - interval '1 s'`, [id])).length > 0 ? true : undefined))
    expect(await other.post<CommandRecord>(`${base}/commands/${id}/cancel`)).toMatchObject({ state: 'cancelled' })
    const { id: after } = await ask('measure_now')
    await say('online')
    await board.hears('command', (body) => body['id'] === after)
    await say('off')
    expect([heard(id), await stateIn(first, id), await stateIn(other, id)]).toEqual([0, 'cancelled', 'cancelled'])
  })
})
