import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Alarm, AlarmEventList, AlarmList, MonitoringNow, Ward } from '@vigil/contract'
import { until } from '@vigil/ops/testing'
import { signIn, type TestApi } from '../support/api.ts'
import { joinAsDevice, startBroker, type TestBroker, type TestDevice } from '../support/broker.ts'
import { furnish, type Furnished } from '../support/furnish.ts'
import { openScreen, type TestScreen } from '../support/live.ts'
import { startPostgres, type TestPostgres } from '../support/postgres.ts'
import { enginePidOf, startStationProcess, type StationProcess } from '../support/station-process.ts'

const PASSWORD = 'chosen by the operator'

/** The programs as they run in a house: the station, and the engine as a process of its own under it. */
describe('the alarm engine as a process of its own', { timeout: 180_000 }, () => {
  let postgres: TestPostgres
  let databaseUrl: string
  let broker: TestBroker
  let data: string
  let station: StationProcess
  let api: TestApi
  let bed: Furnished
  let board: TestDevice
  let screen: TestScreen
  let values: Record<string, number> = { spo2: 97 }
  let stop = () => {}

  const startStation = async () => {
    station = await startStationProcess({ data, databaseUrl, mqttUrl: broker.url, password: PASSWORD })
    return station.http
  }
  const watch = async () => {
    screen = await openScreen(api)
    screen.watch({ wards: ['p'] })
    await screen.sees('ward', () => true, 60_000)
  }
  const enginePid = () => enginePidOf(data)
  const open = async () => (await api.get<AlarmList>(`/alarms?stay=${bed.stay.id}`)).alarms

  beforeAll(async () => {
    postgres = await startPostgres()
    databaseUrl = await postgres.database()
    broker = await startBroker()
    data = mkdtempSync(join(tmpdir(), 'vigil-alarms-'))
    const http = await startStation()
    api = await signIn(http, 'admin', PASSWORD)
    bed = (await furnish(api, 'p', 1))[0] as Furnished
    board = await joinAsDevice(broker.url, 'dev-p-1')
    let s = 0
    const timer = setInterval(() => void board.say('tele', { e: 'a1', s: ++s, t: Date.now(), m: values }).catch(() => undefined), 500)
    stop = () => clearInterval(timer)
    await watch()
    await until('the engine to watch', 60_000, async () => ((await api.get<AlarmList>('/alarms')).watch.staysWatched === 1 ? true : undefined))
  }, 240_000)
  afterAll(async () => {
    stop()
    screen?.close()
    await board?.leave()
    await station?.end('SIGTERM')
    await broker?.stop()
    await postgres?.stop()
    rmSync(data, { recursive: true, force: true })
  })

  let alarm: Alarm

  it('raises an alarm with PostgreSQL killed, and it is in the log when PostgreSQL is back', async () => {
    await postgres.kill()
    await screen.sees('heartbeat', (f) => f.durable === 'away', 60_000)
    values = { spo2: 75 }
    alarm = (await screen.sees('alarm', (f) => f.alarm.condition === 'desat:spo2' && f.alarm.state === 'active', 60_000)).alarm
    const answered = await api.ask('POST', `/alarms/${alarm.id}/acknowledgement`, { seenVersion: alarm.version, note: 'with her' })
    expect([answered.status, answered.body]).toMatchObject([200, { state: 'acknowledged' }])
    await postgres.startAgain()
    const life = await until('the log', 60_000, async () => {
      const answer = await api.ask<AlarmEventList>('GET', `/alarms/${alarm.id}/events`)
      return answer.status === 200 && answer.body.events.some(({ what }) => what === 'acknowledged') ? answer.body : undefined
    })
    expect(life.events.map(({ what }) => what).slice(0, 3)).toEqual(['began', 'announced', 'acknowledged'])
  })

  it('goes on when the station is killed, and is taken up by the next one with everything as it was', async () => {
    const pid = await enginePid()
    const before = (await open()).find(({ id }) => id === alarm.id)
    screen.close()
    await station.end('SIGKILL')
    expect(await enginePid()).toBe(pid)
    const http = await startStation()
    api = { ...(await signIn(http, 'admin', PASSWORD)) }
    expect(await enginePid()).toBe(pid)
    const after = await until('the alarm', 60_000, async () => (await open()).find(({ id }) => id === alarm.id))
    expect([after.state, after.version, after.since, after.note]).toEqual([before?.state, before?.version, before?.since, 'with her'])
    await watch()
  })

  it('is missed as an alarm when it is killed, begun again, and goes on from its log', async () => {
    const pid = await enginePid()
    const paused = (await api.ask<MonitoringNow>('PUT', `/stays/${bed.stay.id}/monitoring-pause`, { reason: 'bath', minutes: 30 })).body
    process.kill(pid ?? 0, 'SIGKILL')
    await screen.sees('ward', ({ ward }) => ward.alarms?.some(({ condition }) => condition === 'engine_away') === true, 60_000)
    screen.frames.length = 0
    await screen.sees('ward', ({ ward }) => ward.alarmWatch?.engine === 'ok' && ward.beds[0]?.alarms?.some(({ id }) => id === alarm.id) === true, 60_000)
    expect(await until('another engine', 60_000, enginePid)).not.toBe(pid)
    const again = (await open()).find(({ id }) => id === alarm.id)
    expect([again?.since, again?.note, again?.pausedSince]).toEqual([alarm.since, 'with her', paused.since])
    expect((await api.get<Ward>('/wards/p')).beds[0]?.monitoring).toEqual(paused)
    await api.ask('DELETE', `/stays/${bed.stay.id}/monitoring-pause`)
  })

  it('ends with its station when that is asked to end', async () => {
    screen.close()
    const pid = await enginePid()
    await station.end('SIGTERM')
    expect(pid).toBeDefined()
    await until('the engine to be gone', 60_000, async () => ((await enginePid()) === undefined ? true : undefined))
    const http = await startStation()
    api = await signIn(http, 'admin', PASSWORD)
    expect((await until('the alarm', 60_000, async () => (await open()).find(({ id }) => id === alarm.id))).since).toBe(alarm.since)
  })
})
