import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AuditList, CommandList, Device, History, SessionInfo, Stay, Ward, WardTrend } from '@vigil/contract'
import { apiWith, type TestApi } from '../support/api.ts'
import { joinAsDevice, type TestDevice } from '../support/broker.ts'
import { furnish, type Furnished } from '../support/furnish.ts'
import { openScreen, type TestScreen } from '../support/live.ts'
import { run, startPostgres, type TestPostgres } from '../support/postgres.ts'
import { storeSamples } from '../support/records.ts'
import { PASSWORD, startStation, type TestStation } from '../support/station.ts'
import { until } from '@vigil/ops/testing'

describe('with PostgreSQL away', () => {
  let postgres: TestPostgres
  let ward: TestStation
  let api: TestApi
  let bed: Furnished
  let board: TestDevice
  let screen: TestScreen
  let s = 0

  beforeAll(async () => {
    postgres = await startPostgres()
    ward = await startStation({ databaseUrl: await postgres.database() })
    api = ward.admin
    bed = (await furnish(api, 'dark', 2))[0] as Furnished
    await measuredBefore()
    board = await joinAsDevice(ward.broker.url, 'dev-dark-1')
    await board.say('state', { st: 'online', e: 'a1', caps: { commands: [{ name: 'measure_now', risk: 'low' }] } }, { retain: true })
    screen = await openScreen(api)
    screen.watch({ wards: ['dark'] })
    await screen.sees('ward')
  })
  afterAll(async () => {
    screen?.close()
    await board?.leave()
    await ward?.stop()
    await postgres?.stop()
  })

  const measure = async (pr: number, page = screen) => {
    await board.say('tele', { e: 'a1', s: ++s, t: Date.now(), m: { pr } })
    await until(`${pr} on the wall`, 1_000, () => (page.value('dev-dark-1', 'pr')?.v === pr ? true : undefined), 5)
  }
  /** A file of the station as text; empty while it is not there. */
  const kept = (file: string) => (existsSync(join(ward.data, 'central', file)) ? readFileSync(join(ward.data, 'central', file), 'utf8') : '')
  /** The second bed has had its device for five minutes and its samples of that time are stored, and some of who had it before. */
  const measuredBefore = async () => {
    const linkedMs = Math.floor(Date.now() / 1_000) * 1_000 - 300_000
    await storeSamples(ward.databaseUrl, 'dev-dark-2', Array.from({ length: 120 }, (_, i) => ({ t: linkedMs - 300_000 + i * 5_000, seq: i + 1, epoch: 'b1', values: { spo2: i < 60 ? 80 : 96 } })))
    await run(ward.databaseUrl, [`update monitoring_interval i set from_at = to_timestamp(${linkedMs / 1_000}) from device d where d.no = i.device_no and d.id = 'dev-dark-2'`])
    await until('the new link in the cache', 5_000, () => (kept('cache.json').includes(String(linkedMs)) ? true : undefined))
  }
  /** Means of the second bed on the wall; the first bed has none of this signal. */
  const course = async () => (await api.get<WardTrend>('/wards/dark/trend')).beds.flatMap((b) => b.signals['spo2']?.means.filter((mean) => mean !== null) ?? [])
  const journal = () => kept('audit-journal.jsonl')
  const untilBack = () => until('the database to be back', 5_000, async () => ((await api.ask('GET', '/health/ready')).status === 200 ? true : undefined))

  it('frozen: the wall stays live, questions about the past are answered within seconds by DATABASE_AWAY', async () => {
    await measure(70)
    postgres.freeze()
    await measure(71)
    const asked = performance.now()
    const history = await api.ask('GET', '/devices/dev-dark-1/history')
    expect([history.status, history.body.code]).toEqual([503, 'DATABASE_AWAY'])
    expect(performance.now() - asked).toBeLessThan(11_000)
    await screen.sees('heartbeat', (f) => f.durable === 'away')
    const quick = performance.now()
    expect((await api.ask('GET', '/devices/dev-dark-1/history')).headers.get('retry-after')).toBe('2')
    expect((await api.get<Ward>('/wards/dark')).beds[0]?.latest['pr']).toMatchObject({ v: 71 })
    expect(performance.now() - quick).toBeLessThan(500)
    await measure(72)
    postgres.thaw()
    await untilBack()
  })

  it('killed: the wall, the devices, an open stay and a signed-in nurse are there; what was seen is written down', async () => {
    await postgres.kill()
    await until('the database to be missed', 5_000, async () => ((await api.ask('GET', '/health/ready')).status === 503 ? true : undefined))
    await measure(80)
    expect((await api.get<SessionInfo>('/me')).user.username).toBe('admin')
    expect((await api.get<Device>('/devices/dev-dark-1')).status).toBe('online')
    expect(await api.get<Stay>(`/stays/${bed.stay.id}`)).toMatchObject({ id: bed.stay.id, deviceId: 'dev-dark-1', patient: { familyName: 'Of dark-1' } })
    expect((await api.ask('GET', `/patients/${bed.patient.id}`)).body.code).toBe('DATABASE_AWAY')
    expect((await api.ask('POST', '/devices/dev-dark-1/commands', { do: 'measure_now' })).body.code).toBe('DATABASE_AWAY')
    expect(journal()).toContain(`"stayId":"${bed.stay.id}"`)
    const late = await openScreen(api)
    late.watch({ wards: ['dark'] })
    expect((await late.sees('hello')).durable).toBe('away')
    expect((await late.sees('ward')).ward.beds[0]?.latest['pr']).toMatchObject({ v: 80 })
    late.close()
  })

  it('a restart of the central station in that time brings the wall back, and nurses are still signed in', async () => {
    await ward.stopStation()
    await ward.startAgain()
    api = apiWith(ward.http, api.cookie)
    screen = await openScreen(api)
    screen.watch({ wards: ['dark'] })
    expect((await screen.sees('ward')).ward.beds[0]).toMatchObject({ stay: { patient: { familyName: 'Of dark-1' } }, device: { id: 'dev-dark-1' } })
    await measure(90)
    expect(await course()).toEqual([])
    await expect(ward.as('admin', PASSWORD)).rejects.toMatchObject({ message: expect.stringContaining('DATABASE_AWAY') })
  })

  it('when it is back everything goes on, and what was seen meanwhile is in the audit, once', async () => {
    await postgres.startAgain()
    await screen.sees('heartbeat', (f) => f.durable === 'ok', 6_000)
    api = await ward.as('admin', PASSWORD)
    const means = await until('the course from before the restart', 15_000, async () => ((await course()).length > 0 ? course() : undefined))
    expect([...new Set(means)]).toEqual([96])
    expect(means.length).toBeGreaterThan(7)
    const { entries } = await api.get<AuditList>(`/audit?stay=${bed.stay.id}&action=stay.read`)
    expect(entries).toHaveLength(1)
    await until('an empty journal', 2_000, () => (journal() === '' ? true : undefined))
    await measure(91)
    expect((await api.get<History>('/devices/dev-dark-1/history')).series).toEqual([])
    const { id } = await api.post<{ id: string }>('/devices/dev-dark-1/commands', { do: 'measure_now' })
    await board.hears('command', (m) => m['id'] === id)
  })

  it('a device that answers a command meanwhile is heard; the steps reach the database afterwards', async () => {
    const { id } = await api.post<{ id: string }>('/devices/dev-dark-1/commands', { do: 'measure_now' })
    await board.hears('command', (m) => m['id'] === id)
    await screen.sees('command', (f) => f.command.id === id && f.command.state === 'sent')
    await postgres.kill()
    await board.say('command/reply', { id, st: 'done' })
    await screen.sees('command', (f) => f.command.id === id && f.command.state === 'done')
    await postgres.startAgain()
    await untilBack()
    const commands = await until('the command to be settled', 5_000, async () => (await api.get<CommandList>('/devices/dev-dark-1/commands')).commands.find((c) => c.id === id && c.state === 'done'))
    expect(commands.steps.map((step) => step.state)).toEqual(['queued', 'sent', 'done'])
  })

  it('a screen that was locked before is unlocked all the same, and not locked again when it is back', async () => {
    const nurse = await ward.as('admin', PASSWORD)
    expect((await nurse.ask('PUT', '/me/pin', { password: PASSWORD, pin: '4711' })).status).toBe(204)
    expect((await nurse.ask('POST', '/session/lock')).status).toBe(204)
    await postgres.kill()
    await until('the database to be missed', 5_000, async () => ((await api.ask('GET', '/health/ready')).status === 503 ? true : undefined))
    expect((await nurse.get<SessionInfo>('/me')).locked).toBe(true)
    expect((await nurse.ask('POST', '/session/unlock', { pin: '0000' })).body.code).toBe('SIGN_IN_REFUSED')
    expect((await nurse.ask('POST', '/session/unlock', { pin: '4711' })).status).toBe(204)
    expect((await nurse.get<SessionInfo>('/me')).locked).toBeUndefined()
    expect(journal()).toContain('"session.unlock"')
    await postgres.startAgain()
    await untilBack()
    const told = await until('the audit to have it', 10_000, async () => {
      const { entries } = await api.get<AuditList>('/audit?action=session.unlock')
      return entries.length > 0 ? entries : undefined
    })
    expect(told).toHaveLength(1)
    expect((await nurse.get<SessionInfo>('/me')).locked).toBeUndefined()
  })
})
