import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Alarm, AlarmList } from '@vigil/contract'
import { CANARY_DEVICE } from '../../src/live/canary.ts'
import type { TestApi } from '../support/api.ts'
import { joinAsDevice, startBroker, type TestDevice } from '../support/broker.ts'
import { type FastClock, fastClock } from '../support/fast-clock.ts'
import { furnish } from '../support/furnish.ts'
import { openScreen, type TestScreen } from '../support/live.ts'
import { rows, startPostgres, type TestPostgres } from '../support/postgres.ts'
import { startStation, type TestStation } from '../support/station.ts'

const BEDS = 12

/** What nobody would notice by looking: each through the real station, broker and PostgreSQL, with minutes that are over in seconds. */
describe('what the alarm engine watches besides the patients', { timeout: 240_000 }, () => {
  let clock: FastClock
  let postgres: TestPostgres
  let database: string
  let house: TestStation
  let api: TestApi
  let screen: TestScreen
  const boards: TestDevice[] = []
  let pager: Server
  const paged: string[] = []
  let folder: string
  let s = 0
  let values: Record<string, number> = { spo2: 97 }
  const silent = new Set<number>()
  let stop = () => {}

  const find = async (condition: string, fits: (alarm: Alarm) => boolean = () => true) => (await api.get<AlarmList>('/alarms')).alarms.find((alarm) => alarm.condition === condition && fits(alarm))
  const comes = (condition: string, mostMs: number, fits?: (alarm: Alarm) => boolean) => clock.passUntil(`${condition} to come`, mostMs, () => find(condition, fits))
  const goes = (condition: string, mostMs: number) => clock.passUntil(`${condition} to go`, mostMs, async () => ((await find(condition, ({ state }) => state === 'active' || state === 'acknowledged')) ? undefined : true))
  const say = (word: 'online' | 'lost', which: Iterable<number> = boards.keys()) => Promise.all([...which].map(async (i) => boards[i]?.say('state', { st: word, e: 'a1', mode: 'real' }, { retain: true })))

  beforeAll(async () => {
    clock = fastClock()
    folder = mkdtempSync(join(tmpdir(), 'vigil-notify-'))
    pager = createServer((request, response) => {
      let body = ''
      request.on('data', (chunk: Buffer) => { body += chunk.toString() })
      request.on('end', () => {
        paged.push(body)
        response.end('{}')
      })
    })
    await new Promise<void>((resolve) => { pager.listen(0, '127.0.0.1', resolve) })
    const url = `http://127.0.0.1:${(pager.address() as AddressInfo).port}/charge`
    writeFileSync(join(folder, 'notify.json'), JSON.stringify({ recipients: [{ name: 'Charge nurse', step: 'charge', channel: 'webhook', url, secret: 'at least sixteen letters' }] }))
    postgres = await startPostgres()
    house = await startStation({ databaseUrl: (database = await postgres.database()), clock, notifyFile: join(folder, 'notify.json') })
    api = house.admin
    await furnish(api, 'w', BEDS)
    for (let i = 1; i <= BEDS; i++) boards.push(await joinAsDevice(house.broker.url, `dev-w-${i}`))
    await say('online')
    stop = clock.every(1_000, () => {
      s += 1
      boards.forEach((board, i) => { if (!silent.has(i)) void board.say('tele', { e: 'a1', s, t: clock.now(), m: values }).catch(() => undefined) })
    })
    screen = await openScreen(api)
    screen.watch({ wards: ['w'] })
    await clock.passUntil('the engine', 60_000, async () => ((await api.get<AlarmList>('/alarms')).watch.staysWatched === BEDS ? true : undefined))
  }, 240_000)
  afterAll(async () => {
    stop()
    screen?.close()
    for (const board of boards) await board.leave()
    await house?.stop()
    await postgres?.stop()
    clock?.stop()
    await new Promise<void>((resolve) => { pager?.close(() => resolve()) })
    rmSync(folder, { recursive: true, force: true })
  })

  it('a ward with patients and no screen that will be heard is an alarm, until one is armed and as long as it says so', async () => {
    expect(await comes('no_armed_screen', 120_000)).toMatchObject({ subject: { kind: 'ward', id: 'w' }, kind: 'technical', priority: 'low' })
    screen.socket.send(JSON.stringify({ type: 'arm', wards: ['w'], heard: true }))
    const beats = clock.every(3_000, () => screen.socket.send(JSON.stringify({ type: 'armed', audible: true })))
    await goes('no_armed_screen', 30_000)
    expect((await api.get<AlarmList>('/alarms')).watch.armedScreens).toEqual({ w: 1 })
    beats()
    await comes('no_armed_screen', 120_000)
  })

  it('a high alarm where nobody hears calls the charge nurse within 10 s', async () => {
    paged.length = 0
    values = { spo2: 74 }
    const alarm = await comes('desat:spo2', 60_000)
    await clock.passUntil('the charge nurse to be called', 10_000, () => (paged.length > 0 ? true : undefined))
    expect(paged.join('')).toContain('no screen of this ward will be heard')
    values = { spo2: 97 }
    expect(alarm.priority).toBe('high')
    await clock.passUntil('all to be answered', 120_000, async () => {
      const open = (await api.get<AlarmList>('/alarms')).alarms.filter(({ condition }) => condition === 'desat:spo2' || condition === 'low:spo2')
      for (const one of open) if (one.state !== 'acknowledged') await api.ask('POST', `/alarms/${one.id}/acknowledgement`, { seenVersion: one.version })
      return open.length === 0 ? true : undefined
    })
  })

  it('the canary that the broker takes in and brings to nobody is the monitoring path down', async () => {
    house.broker.swallow = (topic) => topic.includes(CANARY_DEVICE)
    expect(await comes('path_down', 60_000)).toMatchObject({ subject: { kind: 'site', id: 'main' }, kind: 'technical', priority: 'high' })
    house.broker.swallow = () => false
    await goes('path_down', 60_000)
  })

  it('the broker away is the monitoring path down, and no alarm for each bed', async () => {
    const port = Number(new URL(house.broker.url).port)
    await house.broker.stop()
    await comes('path_down', 30_000, ({ state }) => state === 'active')
    await clock.pass(60_000)
    const beds = (await api.get<AlarmList>('/alarms')).alarms.filter(({ condition, state }) => (condition === 'device_lost' || condition.startsWith('no_data')) && state !== 'latched')
    expect(beds).toEqual([])
    const again = await startBroker(port)
    try {
      await goes('path_down', 120_000)
      for (const board of boards.splice(0)) await board.leave()
      for (let i = 1; i <= BEDS; i++) boards.push(await joinAsDevice(again.url, `dev-w-${i}`))
      await say('online')

      // One board falls silent by its will: lost after 30 s, and back with its next word.
      silent.add(0)
      await say('lost', [0])
      await clock.pass(25_000)
      expect(await find('device_lost')).toBeUndefined()
      expect(await comes('device_lost', 30_000)).toMatchObject({ deviceId: 'dev-w-1', priority: 'medium' })
      silent.clear()
      await say('online', [0])
      await goes('device_lost', 30_000)

      // All of them at once have one cause, and one alarm.
      for (let i = 0; i < BEDS; i++) silent.add(i)
      await say('lost')
      expect(await comes('link_lost', 60_000)).toMatchObject({ subject: { kind: 'site', id: 'main' }, priority: 'high' })
      await clock.pass(70_000)
      const ofBeds = async () => (await api.get<AlarmList>('/alarms')).alarms.filter(({ condition, stayId }) => stayId !== undefined && /^(device_lost|no_data)/.test(condition))
      expect(await ofBeds()).toEqual([])
      // Told as one, written down for each.
      await clock.passUntil('a line for each bed', 10_000, async () => ((await rows(database, `select 1 from alarm_event where condition = 'device_lost' and what = 'began' and detail ? 'coveredSinceMs'`)).length === BEDS ? true : undefined))

      // All but one are back: that one raises its own when it had time to return.
      silent.clear()
      silent.add(BEDS - 1)
      await say('online', Array.from({ length: BEDS - 1 }, (_, i) => i))
      await clock.pass(50_000)
      expect(await ofBeds()).toEqual([])
      expect(await comes('device_lost', 60_000)).toMatchObject({ deviceId: `dev-w-${BEDS}`, priority: 'medium' })
      await goes('link_lost', 30_000)
      expect((await ofBeds()).map(({ deviceId }) => deviceId)).toEqual([`dev-w-${BEDS}`])
      silent.clear()
      await say('online', [BEDS - 1])
      await goes('device_lost', 30_000)
    } finally {
      house.broker.stop = () => again.stop()
    }
  })
})
