import { createServer, type Server } from 'node:http'
import { readFileSync, writeFileSync } from 'node:fs'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import mqtt, { type MqttClient } from 'mqtt'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Alarm, AlarmList, AlarmWatch, DeviceCreated, Stay } from '@vigil/contract'
import { startTestPostgres, type TestPostgres, until } from '@vigil/ops/testing'
import type { Api } from '../support/api.ts'
import { furnishWard } from '../support/beds.ts'
import { openLive, type LiveViewer } from '../support/live.ts'
import { pidOf } from '../support/processes.ts'
import { engineOf, startSecondStation, type SecondStation } from '../support/second-station.ts'
import { startWard, type Ward } from '../support/ward.ts'

const WARD = 'two'
const CANARY = 'vitals/1/main/vigil-canary/tele'

/** One site as an operator runs it: PostgreSQL, broker, bridge, two central stations; boards send, a screen listens at each station. */
describe('two central stations', { timeout: 180_000 }, () => {
  let postgres: TestPostgres
  let databaseUrl: string
  let ward: Ward
  let second: SecondStation
  let first: Api
  let beds: { device: DeviceCreated; stay: Stay }[]
  let pager: { server: Server; notices: { atMs: number; step: string; alarmIds: string[] }[] }
  const values: Record<string, number>[] = [{ spo2: 97, pr: 70 }, { spo2: 97, pr: 70 }]
  const clients: MqttClient[] = []
  const screens: LiveViewer[] = []
  const canaries: { e: string; s: number }[] = []
  const stops: (() => void)[] = []
  const folder = mkdtempSync(join(tmpdir(), 'vigil-two-'))

  const list = (api: Api) => api.get<AlarmList>('/alarms')
  const untilWatch = (api: Api, what: string, fits: (watch: AlarmWatch) => boolean) =>
    until(what, 60_000, async () => {
      const { watch } = await list(api)
      return fits(watch) ? watch : undefined
    })
  const untilAlarm = (api: Api, what: string, fits: (alarm: Alarm) => boolean) => until(what, 60_000, async () => (await list(api)).alarms.find(fits))
  const lowOf = (bed: number) => (alarm: Alarm) => alarm.stayId === beds[bed]?.stay.id && alarm.condition === 'desat:spo2'
  const rows = async <R extends object>(text: string, values: readonly unknown[] = []): Promise<R[]> => {
    const client = new pg.Client({ connectionString: databaseUrl })
    await client.connect()
    try {
      return (await client.query(text, [...values])).rows as R[]
    } finally {
      await client.end()
    }
  }
  const announced = (condition: string) => rows<{ subject_id: string; n: number }>(`select subject_id, count(*)::int as n from alarm_event where condition = $1 and what in ('announced', 'recurred') group by subject_id`, [condition])

  beforeAll(async () => {
    postgres = await startTestPostgres()
    databaseUrl = await postgres.createDatabase()
    const notices: (typeof pager)['notices'] = []
    const server = createServer((request, response) => {
      let body = ''
      request.on('data', (chunk: Buffer) => { body += chunk.toString() })
      request.on('end', () => {
        notices.push({ atMs: Date.now(), ...(JSON.parse(body) as { step: string; alarmIds: string[] }) })
        response.end('{}')
      })
    })
    await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
    pager = { server, notices }
    const url = `http://127.0.0.1:${(server.address() as { port: number }).port}/`
    const secret = 'a secret of the pager'
    const notifyFile = join(folder, 'notify.json')
    const recipients = ['first', 'next', 'charge'].map((step) => ({ name: step, step, channel: 'webhook', url, secret }))
    writeFileSync(notifyFile, JSON.stringify({ recipients, escalation: { high: [{ name: 'next', afterS: 30 }], medium: [], low: [] } }))
    ward = await startWard({ DATABASE_URL: databaseUrl, VIGIL_NOTIFY_FILE: notifyFile })
    first = await ward.admin()
    beds = await furnishWard(first, WARD, 2)
    second = await startSecondStation(ward, databaseUrl, { VIGIL_NOTIFY_FILE: notifyFile })
    for (const api of [first, second.admin]) screens.push(await armScreen(api, stops))
    for (const [i, { device }] of beds.entries()) clients.push(await board(ward, device, values, i, stops))
    const services = JSON.parse(readFileSync(join(ward.dir, 'secrets', 'services.json'), 'utf8')) as { central: string }
    const listener = await mqtt.connectAsync(ward.ready.mqtt, { clientId: 'canary-watcher', username: 'central', password: services.central })
    listener.on('message', (_topic, payload) => canaries.push(JSON.parse(payload.toString()) as (typeof canaries)[number]))
    await listener.subscribeAsync(CANARY)
    clients.push(listener)
    await untilWatch(first, 'the first to judge', ({ duty, standbys, armedScreens }) => duty === 'here' && standbys === 1 && armedScreens[WARD] === 2)
    await untilWatch(second.admin, 'the second to stand by', ({ engine, duty }) => engine === 'ok' && duty === 'elsewhere')
    await until('the canary', 30_000, () => canaries.at(-1))
  }, 240_000)
  afterAll(async () => {
    for (const stop of stops) stop()
    for (const screen of screens) screen.close()
    for (const client of clients) await client.endAsync(true)
    await second?.end()
    await ward?.end()
    await postgres?.stop()
    pager?.server.closeAllConnections()
    pager?.server.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('one killed: the other goes on with every timer, knows who listens, and sends one canary', async () => {
    values[0] = { spo2: 74, pr: 70 }
    // A notice that went out a moment before the end and was not written down goes out again: better twice than never.
    const alarm = await untilAlarm(second.admin, 'the alarm, and that the first person was told', (one) => lowOf(0)(one) && one.deliveries.some(({ step }) => step === 'first'))
    const before = canaries.at(-1)?.e
    process.kill(engineOf(pidOf(ward, 'central-station') as number), 'SIGKILL')
    const killedMs = Date.now()
    await untilWatch(second.admin, 'the second to judge', ({ duty }) => duty === 'here')
    expect(Date.now() - killedMs).toBeLessThan(10_000)
    // It escalates when it would have, by the clock that began at the first.
    const next = await until('the next person', 60_000, () => pager.notices.find(({ step, alarmIds }) => step === 'next' && alarmIds.includes(alarm.id)))
    const lateMs = next.atMs - Date.parse(alarm.announcedAt) - 30_000
    expect(lateMs).toBeGreaterThanOrEqual(0)
    expect(lateMs).toBeLessThan(5_000)
    expect((await announced('desat:spo2')).map(({ n }) => n)).toEqual([1])
    expect(pager.notices.filter(({ step, alarmIds }) => step === 'first' && alarmIds.includes(alarm.id))).toHaveLength(1)
    // Somebody listened all the time: nobody was called for that, and there is no alarm about it.
    expect(pager.notices.filter(({ step }) => step === 'charge')).toEqual([])
    expect(await announced('no_armed_screen')).toEqual([])
    expect(await announced('path_down')).toEqual([])
    // The one canary is that of the second, number by number.
    const after = canaries.filter(({ e }) => e !== before)
    expect(new Set(after.map(({ e }) => e)).size).toBe(1)
    expect(after.map(({ s }) => s)).toEqual(after.map((_, i) => i + 1))
    await untilWatch(first, 'the first to stand by', ({ engine, duty, armedScreens }) => engine === 'ok' && duty === 'elsewhere' && armedScreens[WARD] === 2)
  })

  it('one frozen, and back: only ever one judges, and its screens do not believe it meanwhile', async () => {
    const frozen = [second.child.pid as number, engineOf(second.child.pid as number)]
    for (const pid of frozen) process.kill(pid, 'SIGSTOP')
    const frozenMs = Date.now()
    values[1] = { spo2: 73, pr: 70 }
    await untilWatch(first, 'the first to judge', ({ duty }) => duty === 'here')
    expect(Date.now() - frozenMs).toBeLessThan(25_000)
    const alarm = await untilAlarm(first, 'the alarm of the second bed', lowOf(1))
    for (const pid of frozen) process.kill(pid, 'SIGCONT')
    await untilWatch(second.admin, 'the second to stand by', ({ engine, duty }) => engine === 'ok' && duty === 'elsewhere')
    expect(await untilAlarm(second.admin, 'the same alarm at the second', lowOf(1))).toMatchObject({ id: alarm.id, since: alarm.since })
    expect((await announced('desat:spo2')).map(({ n }) => n)).toEqual([1, 1])
    expect(pager.notices.filter(({ step, alarmIds }) => step === 'first' && alarmIds.includes(alarm.id))).toHaveLength(1)
    // What it slept through is no silence of the boards.
    expect(await announced('device_lost')).toEqual([])
    expect(await announced('no_data:spo2')).toEqual([])
    expect(await rows('select 1 from alarm_engine where duty')).toHaveLength(1)
  })

  it('an engine frozen alone: its station says so within seconds, and gets another one', async () => {
    const engine = engineOf(pidOf(ward, 'central-station') as number)
    process.kill(engine, 'SIGSTOP')
    const stoppedMs = Date.now()
    await untilAlarm(first, 'the first to say that nobody watches', ({ condition }) => condition === 'engine_away')
    expect(Date.now() - stoppedMs).toBeLessThan(8_000)
    await untilWatch(second.admin, 'the second to judge', ({ duty }) => duty === 'here')
    await untilWatch(first, 'the first to show what the second judges', ({ engine: state, duty }) => state === 'ok' && duty === 'elsewhere')
    expect(engineOf(pidOf(ward, 'central-station') as number)).not.toBe(engine)
  })

  it('tells of a monitoring path that is down within seconds, also right after it took over', async () => {
    const broker = pidOf(ward, 'broker') as number
    process.kill(broker, 'SIGSTOP')
    const downMs = Date.now()
    const alarm = await untilAlarm(second.admin, 'the path to be down', ({ condition }) => condition === 'path_down')
    process.kill(broker, 'SIGCONT')
    // The next canary goes out after 5 s at most, and has 3 s.
    expect(Date.parse(alarm.announcedAt) - downMs).toBeLessThan(12_000)
    await until('the path to be up', 60_000, async () => ((await list(second.admin)).alarms.some(({ condition, state }) => condition === 'path_down' && state === 'active') ? undefined : true))
  })
})

/** An open wall whose sound was heard. */
async function armScreen(api: Api, stops: (() => void)[]): Promise<LiveViewer> {
  const screen = await openLive(api)
  screen.watch({ wards: [WARD] })
  screen.say({ type: 'arm', wards: [WARD], heard: true })
  const timer = setInterval(() => screen.say({ type: 'armed', audible: true }), 3_000)
  stops.push(() => clearInterval(timer))
  return screen
}

/** A board that sends its value of `values` twice a second. */
async function board(ward: Ward, device: DeviceCreated, values: readonly Record<string, number>[], i: number, stops: (() => void)[]): Promise<MqttClient> {
  const client = await mqtt.connectAsync(ward.ready.mqtt, { clientId: device.id, username: device.id, password: device.secret })
  let s = 0
  const timer = setInterval(() => {
    s += 1
    client.publish(`vitals/1/main/${device.id}/tele`, JSON.stringify({ e: 'a1', s, t: Date.now(), m: values[i] }), { qos: 1 })
  }, 500)
  stops.push(() => clearInterval(timer))
  return client
}
