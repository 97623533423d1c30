import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Alarm, AlarmEventList, AlarmList, AlarmWatch, MonitoringNow, Ward } from '@vigil/contract'
import { until } from '@vigil/ops/testing'
import { silentLog, systemClock } from '@vigil/program'
import pg from 'pg'
import { verifyAudit } from '../../src/audit/verify-audit.ts'
import { signIn, type TestApi } from '../support/api.ts'
import { joinAsDevice, startBroker, type TestBroker, type TestDevice } from '../support/broker.ts'
import { furnish, type Furnished } from '../support/furnish.ts'
import { openScreen, type TestScreen } from '../support/live.ts'
import { rows, startPostgres, type TestPostgres } from '../support/postgres.ts'
import { enginePidOf, startStationProcess, type StationProcess } from '../support/station-process.ts'

const PASSWORD = 'chosen by the operator'

/** Two central stations of one site, as programs of their own, on one PostgreSQL and one broker. */
describe('one alarm engine of a site', { timeout: 180_000 }, () => {
  let postgres: TestPostgres
  let databaseUrl: string
  let broker: TestBroker
  const folders: string[] = []
  const stations: StationProcess[] = []
  const apis: TestApi[] = []
  const screens: TestScreen[] = []
  let beds: Furnished[]
  const boards: TestDevice[] = []
  const values: Record<string, number>[] = [{ spo2: 97 }, { spo2: 97 }]
  let paused: MonitoringNow | undefined
  let stop = () => {}

  const start = async (i: number) => {
    const data = folders[i] ?? ''
    stations[i] = await startStationProcess({ data, databaseUrl, mqttUrl: broker.url, password: PASSWORD })
    apis[i] = await signIn(stations[i]?.http ?? '', 'admin', PASSWORD)
  }
  const openScreenAt = async (i: number) => {
    const screen = await openScreen(apis[i] as TestApi)
    screen.watch({ wards: ['p'] })
    screens[i] = screen
  }
  const list = (i: number) => (apis[i] as TestApi).get<AlarmList>('/alarms')
  const untilWatch = (i: number, fits: (watch: AlarmWatch) => boolean) =>
    until(`station ${i} to say who watches`, 60_000, async () => {
      const { watch } = await list(i)
      return fits(watch) ? watch : undefined
    })
  const untilSeen = (i: number, what: string, fits: (alarm: Alarm) => boolean) => until(what, 60_000, async () => (await list(i)).alarms.find(fits))
  const ofBed = (bed: number, state: Alarm['state']) => (alarm: Alarm) => alarm.stayId === beds[bed]?.stay.id && alarm.condition === 'desat:spo2' && alarm.state === state

  beforeAll(async () => {
    postgres = await startPostgres()
    databaseUrl = await postgres.database()
    broker = await startBroker()
    folders.push(mkdtempSync(join(tmpdir(), 'vigil-first-')), mkdtempSync(join(tmpdir(), 'vigil-second-')))
    await start(0)
    beds = await furnish(apis[0] as TestApi, 'p', 2)
    // Stations of one site share their secrets, and nothing else.
    cpSync(join(folders[0] ?? '', 'secrets'), join(folders[1] ?? '', 'secrets'), { recursive: true })
    await start(1)
    await openScreenAt(0)
    await openScreenAt(1)
    boards.push(await joinAsDevice(broker.url, 'dev-p-1'), await joinAsDevice(broker.url, 'dev-p-2'))
    let s = 0
    const timer = setInterval(() => {
      s += 1
      boards.forEach((board, i) => void board.say('tele', { e: 'a1', s, t: Date.now(), m: values[i] }).catch(() => undefined))
    }, 500)
    stop = () => clearInterval(timer)
  }, 240_000)
  afterAll(async () => {
    stop()
    for (const screen of screens) screen.close()
    for (const board of boards) await board.leave()
    for (const station of stations) await station.end('SIGTERM')
    await broker?.stop()
    await postgres?.stop()
    for (const folder of folders) rmSync(folder, { recursive: true, force: true })
  })

  it('is on duty at the station that was first; the other stands by, and says so', async () => {
    expect(await untilWatch(0, ({ standbys, staysWatched }) => standbys === 1 && staysWatched === 2)).toMatchObject({ engine: 'ok', duty: 'here' })
    expect(await untilWatch(1, ({ engine, staysWatched }) => engine === 'ok' && staysWatched === 2)).toMatchObject({ duty: 'elsewhere', standbys: 1, onDuty: expect.any(String) })
    const metrics = await (await fetch(`${stations[1]?.http}/metrics`)).text()
    expect(metrics).toMatch(/^vigil_alarm_engine_duty(\{[^}]*\})? 0$/m)
    expect(metrics).toMatch(/^vigil_alarm_engine_up(\{[^}]*\})? 1$/m)
    expect((await fetch(`${stations[1]?.http}/health/ready`)).status).toBe(200)
  })

  it('is one: screens of both stations show the same alarm, and what is done at either counts', async () => {
    values[0] = { spo2: 75 }
    const seen = await Promise.all(screens.map((screen) => screen.sees('alarm', ({ alarm }) => ofBed(0, 'active')(alarm), 60_000)))
    expect(seen[1]?.alarm.id).toBe(seen[0]?.alarm.id)
    const stale = await (apis[1] as TestApi).ask('POST', `/alarms/${seen[0]?.alarm.id}/acknowledgement`, { seenVersion: 99 })
    expect([stale.status, stale.body.code]).toEqual([409, 'ALARM_CHANGED'])
    const done = await (apis[1] as TestApi).post<Alarm>(`/alarms/${seen[0]?.alarm.id}/acknowledgement`, { seenVersion: seen[0]?.alarm.version, note: 'from the second' })
    expect(done).toMatchObject({ state: 'acknowledged', note: 'from the second' })
    for (const screen of screens) await screen.sees('alarm', ({ alarm }) => ofBed(0, 'acknowledged')(alarm), 60_000)
    await (apis[1] as TestApi).ask('PUT', `/stays/${beds[0]?.stay.id}/audio`, { mode: 'paused' })
    await (screens[0] as TestScreen).sees('audio', ({ stayId, audio }) => stayId === beds[0]?.stay.id && audio.mode === 'paused', 60_000)
    paused = (await (apis[1] as TestApi).ask<MonitoringNow>('PUT', `/stays/${beds[0]?.stay.id}/monitoring-pause`, { reason: 'transport', minutes: 60 })).body
    for (const screen of screens) await screen.sees('monitoring', ({ stayId, monitoring }) => stayId === beds[0]?.stay.id && monitoring.until === paused?.until, 60_000)
    for (const screen of screens) await screen.sees('alarm', ({ alarm }) => ofBed(0, 'acknowledged')(alarm) && alarm.pausedSince === paused?.since, 60_000)
  })

  it('takes over when the first is killed: nothing is lost, and nothing announced twice', async () => {
    values[1] = { spo2: 74 }
    const alarm = await untilSeen(1, 'the second alarm at the second station', ofBed(1, 'active'))
    const engine = await enginePidOf(folders[0] ?? '')
    await stations[0]?.end('SIGKILL')
    process.kill(engine ?? 0, 'SIGKILL')
    const killedMs = performance.now()
    await untilWatch(1, ({ duty }) => duty === 'here')
    expect(performance.now() - killedMs).toBeLessThan(20_000)
    const after = (await list(1)).alarms
    expect(after.find(({ id }) => id === alarm.id)).toMatchObject({ state: 'active', version: alarm.version, since: alarm.since, announcedAt: alarm.announcedAt })
    expect(after.find(ofBed(0, 'acknowledged'))).toMatchObject({ note: 'from the second', pausedSince: paused?.since })
    expect((await (apis[1] as TestApi).get<Ward>('/wards/p')).beds[0]?.monitoring).toEqual(paused)
    await (apis[1] as TestApi).ask('DELETE', `/stays/${beds[0]?.stay.id}/monitoring-pause`)
    // It judges: what gets better ends, and what is acknowledged is.
    await (apis[1] as TestApi).post<Alarm>(`/alarms/${alarm.id}/acknowledgement`, { seenVersion: alarm.version })
    values[0] = { spo2: 97 }
    values[1] = { spo2: 97 }
    await until('the alarms to end', 60_000, async () => ((await list(1)).alarms.some(({ condition }) => condition === 'desat:spo2') ? undefined : true))
    const life = await (apis[1] as TestApi).get<AlarmEventList>(`/alarms/${alarm.id}/events`)
    expect(life.events.filter(({ what }) => what === 'announced')).toHaveLength(1)
    const announced = await rows<{ subject_id: string; n: number }>(databaseUrl, `select subject_id, count(*)::int as n from alarm_event where condition = 'desat:spo2' and what = 'announced' group by subject_id`)
    expect(announced.map(({ n }) => n)).toEqual([1, 1])
  })

  it('stays with the second when the first comes back, which stands by with the same picture', async () => {
    values[1] = { spo2: 73 }
    const alarm = await untilSeen(1, 'an alarm', ofBed(1, 'active'))
    await start(0)
    expect(await untilWatch(0, ({ engine }) => engine === 'ok')).toMatchObject({ duty: 'elsewhere' })
    expect(await untilSeen(0, 'the same alarm at the first', ofBed(1, 'active'))).toMatchObject({ id: alarm.id, since: alarm.since })
  })

  it('goes on while PostgreSQL is away, and keeps its duty when that is back', async () => {
    await postgres.kill()
    await (screens[1] as TestScreen).sees('heartbeat', (f) => f.durable === 'away', 60_000)
    screens[1]?.frames.splice(0)
    values[0] = { spo2: 72 }
    const { alarm } = await (screens[1] as TestScreen).sees('alarm', (f) => ofBed(0, 'active')(f.alarm), 60_000)
    await postgres.startAgain()
    expect(await untilSeen(0, 'the alarm at the station that stands by', ofBed(0, 'active'))).toMatchObject({ id: alarm.id })
    expect(await untilWatch(0, ({ engine }) => engine === 'ok')).toMatchObject({ duty: 'elsewhere' })
    expect((await list(1)).watch).toMatchObject({ duty: 'here' })
  })

  it('owes no entry of the audit for ever: what one owed when it was killed between a change and its entry, the other writes within seconds, once', async () => {
    await until('PostgreSQL at both', 30_000, async () => ((await Promise.all(apis.map((api) => api.ask('POST', '/patients', { familyName: 'Before' })))).every(({ status }) => status === 201) ? true : undefined))
    const owed = () => rows<{ record_id: string }>(databaseUrl, `select record_id from audit_due where record->>'action' = 'patient.add'`)
    await until('nothing owed', 30_000, async () => ((await owed()).length === 0 ? true : undefined))
    // Nothing comes into the chain meanwhile: the change stands, and its entry waits on the disk of the first.
    const holder = new pg.Client({ connectionString: databaseUrl })
    await holder.connect()
    await holder.query('begin')
    await holder.query('lock table audit_head in exclusive mode')
    await (apis[0] as TestApi).post('/patients', { familyName: 'Owed' })
    const [{ record_id: id } = { record_id: '' }] = await owed()
    expect(id).not.toBe('')
    const engine = await enginePidOf(folders[0] ?? '')
    await stations[0]?.end('SIGKILL')
    process.kill(engine ?? 0, 'SIGKILL')
    await holder.query('rollback')
    await holder.end()
    const killedMs = performance.now()
    const entries = () => rows<{ username: string; detail: object }>(databaseUrl, 'select username, detail from audit where record_id = $1', [id])
    const [entry] = await until('the entry by the second', 60_000, async () => ((await entries()).length > 0 ? entries() : undefined))
    expect(performance.now() - killedMs).toBeLessThan(30_000)
    expect(entry).toMatchObject({ username: 'admin', detail: { recovered: true } })
    expect(await owed()).toEqual([])
    // The first comes back with the entry in its journal, before anything it does now.
    await start(0)
    await (apis[0] as TestApi).post('/patients', { familyName: 'After' })
    await until('its journal to be empty', 30_000, async () => (/^vigil_journal_bytes\{[^}]*audit[^}]*\} 0$/m.test(await (await fetch(`${stations[0]?.http}/metrics`)).text()) ? true : undefined))
    expect(await entries()).toHaveLength(1)
    const { breaks } = await verifyAudit({ databaseUrl, data: folders[0] ?? '', clock: systemClock, log: silentLog })
    expect(breaks).toEqual([])
  })
})
