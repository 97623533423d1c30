import { connect, type Socket } from 'node:net'
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AuditList, encodeWaveFrame, LiveFrame, MAX_WAVE_SAMPLES, topicOf, unpackLiveWave, type Device, type Ward } from '@vigil/contract'
import { checker } from '@vigil/contract/check'
import mqtt from 'mqtt'
import type { TestApi } from '../support/api.ts'
import { joinAsDevice, startBroker, type TestDevice } from '../support/broker.ts'
import { furnish, type Furnished } from '../support/furnish.ts'
import { openScreen, type TestScreen } from '../support/live.ts'
import { rows, startPostgres, type TestPostgres } from '../support/postgres.ts'
import { startStation, type TestStation } from '../support/station.ts'
import { until } from '@vigil/ops/testing'

const isFrame = checker(LiveFrame)

describe('the live wall, with a real broker and real browsers\' sockets', () => {
  let postgres: TestPostgres
  let ward: TestStation
  let api: TestApi
  let beds: Furnished[]
  let board: TestDevice
  let screen: TestScreen
  beforeAll(async () => {
    postgres = await startPostgres()
    ward = await startStation({ databaseUrl: await postgres.database() })
    api = ward.admin
    beds = await furnish(api, 'wall', 3, 2)
    board = await joinAsDevice(ward.broker.url, 'dev-wall-1')
    screen = await openScreen(api)
    screen.watch({ wards: ['wall'], devices: ['dev-wall-1'], waves: ['dev-wall-1'] })
    await screen.sees('ward')
  })
  afterAll(async () => {
    screen?.close()
    await board?.leave()
    await ward?.stop()
    await postgres?.stop()
  })
  let s = 0
  const tele = (m: Record<string, number>, more: object = {}) => board.say('tele', { e: 'a1', s: ++s, t: Date.now(), m, ...more })
  const shows = (signal: string, v: number | null, withinMs = 1_000) => until(`${signal} ${v} on the wall`, withinMs, () => (screen.value('dev-wall-1', signal)?.v === v ? true : undefined), 5)

  it('shows a value within a second of being sent, by whatever lane it came', async () => {
    const before = Date.now()
    await tele({ pr: 72, spo2: 97.5 })
    await shows('pr', 72)
    await board.say('live', { e: 'imported', s: 1, t: Date.now(), m: { sys: 132 } })
    await shows('sys', 132)
    await board.say('backlog', [{ e: 'old', s: 1, t: before - 1, m: { pr: 40, temp: 36.6 } }])
    await shows('temp', 36.6)
    expect(screen.value('dev-wall-1', 'pr')?.v).toBe(72)
  })

  it('says that a value is gone, and why', async () => {
    await tele({}, { x: { spo2: 'off' } })
    await shows('spo2', null)
    expect(screen.value('dev-wall-1', 'spo2')).toMatchObject({ x: 'off', was: { v: 97.5 } })
    expect((await api.get<Ward>('/wards/wall')).beds[0]).toMatchObject({ latest: { spo2: { v: null, x: 'off' } }, freshness: { spo2: 'live', pr: 'live' } })
  })

  it('relays waveforms only to who asked', async () => {
    const frame = encodeWaveFrame({ seq: 1, t0Us: Date.now() * 1_000, hz: 25, scale: 1, offset: 0, samples: Int16Array.of(1, -0x8000, 3) })
    const other = await openScreen(api)
    other.watch({ wards: ['wall'] })
    await other.sees('ward')
    await board.sayBytes('wave/pleth_ir', frame)
    await until('the waveform', 2_000, () => screen.waves[0])
    expect(unpackLiveWave(screen.waves[0] as Uint8Array)).toEqual({ device: 'dev-wall-1', channel: 'pleth_ir', frame })
    expect(other.waves).toEqual([])
    other.close()
  })

  it('follows patients to their beds', async () => {
    const stay = beds[1]?.stay.id
    await api.post(`/stays/${stay}/transfer`, { bedId: 'wall-3' })
    await screen.sees('bed', (f) => f.bed.id === 'wall-3' && f.bed.stay?.id === stay)
    await screen.sees('bed', (f) => f.bed.id === 'wall-2' && f.bed.stay === undefined)
    await api.post(`/stays/${stay}/discharge`)
    await screen.sees('bed', (f) => f.bed.id === 'wall-3' && f.bed.stay === undefined)
  })

  it('follows what other programs change in the database', async () => {
    await rows(ward.databaseUrl, `update patient set family_name = 'Renamed' where id = $1`, [beds[0]?.patient.id])
    await screen.sees('bed', (f) => f.bed.stay?.patient.familyName === 'Renamed', 3_000)
  })

  it('answers a ping, beats every two seconds, and sends nothing but what the contract describes', async () => {
    screen.socket.send('{"type":"ping","id":41}')
    await screen.sees('heartbeat', (f) => f.pong === 41)
    await screen.sees('heartbeat', (f) => f.pong === undefined && f.durable === 'ok', 3_000)
    for (const frame of screen.frames) expect(isFrame(frame)).toMatchObject({ ok: true })
  })

  it('writes one line a ward and session, not one a frame', async () => {
    screen.watch({ wards: ['wall'] })
    await api.get('/wards/wall')
    await api.get('/wards')
    const { entries } = await api.get<AuditList>('/audit?action=ward.read&ward=wall')
    expect(entries).toHaveLength(1)
    expect((await api.get<AuditList>('/audit?action=device.watch')).entries).toMatchObject([{ deviceId: 'dev-wall-1', stayId: beds[0]?.stay.id, patientId: beds[0]?.patient.id }])
  })

  it('remembers births and times last seen in the database', async () => {
    await board.say('state', { st: 'online', e: 'a1', fw: '1.4.0' }, { retain: true })
    await until('the birth in the database', 4_000, async () => ((await rows(ward.databaseUrl, `select 1 from device where id = 'dev-wall-1' and state->>'fw' = '1.4.0' and last_seen > now() - interval '1 minute'`))[0] ? true : undefined))
  })

  it('keeps its memory when a browser stops reading, and does not let others wait', async () => {
    const many = await furnish(api, 'many', 60)
    const frozen = await stopReading(ward.http, api.cookie)
    frozen.watch({ wards: ['many'], waves: ['dev-many-1'] })
    const client = await mqtt.connectAsync(ward.broker.url)
    const wave = Buffer.from(encodeWaveFrame({ seq: 1, t0Us: 0, hz: 250, scale: 1, offset: 0, samples: new Int16Array(MAX_WAVE_SAMPLES) }))
    const vitals = () => Object.fromEntries(['hr', 'pr', 'spo2', 'pi', 'rr', 'temp', 'sys', 'dia', 'map', 'etco2'].map((name) => [name, 50 + (s % 40)]))
    // What the two systems buffer for a connection nobody reads is megabytes: waveforms fill that, values the rest.
    const leftBehind = async () => {
      for (let i = 0; i < 40; i++) client.publish(topicOf({ site: 'main', device: 'dev-many-1' }, 'wave/pleth_ir'), wave)
      for (const { device } of many) client.publish(topicOf({ site: 'main', device: device.id }, 'tele'), JSON.stringify({ e: 'z', s: ++s, t: Date.now(), m: vitals() }))
      const text = (await api.ask<string>('GET', '/metrics')).body
      return Number(/^vigil_live_dropped_total\{.*reason="viewer_slow".*\} (\d+)$/m.exec(text)?.[1]) > 200 ? true : undefined
    }
    expect(await until('the frozen browser to be left behind', 15_000, leftBehind, 1)).toBe(true)
    await tele({ pr: 111 })
    await shows('pr', 111)
    frozen.socket.destroy()
    await client.endAsync()
  })

  it('comes back by itself after a broker restart, and calls nobody present in between', async () => {
    const port = Number(new URL(ward.broker.url).port)
    await ward.broker.stop()
    await until('the broker to be missed', 5_000, async () => ((await api.ask('GET', '/health/ready')).status === 503 ? true : undefined))
    const again = await startBroker(port)
    await until('the connection to be back', 10_000, async () => ((await api.ask('GET', '/health/ready')).status === 200 ? true : undefined))
    const back = await joinAsDevice(again.url, 'dev-wall-1')
    await back.say('tele', { e: 'a1', s: ++s, t: Date.now(), m: { pr: 99 } })
    await shows('pr', 99)
    expect((await api.get<Device>('/devices/dev-wall-1')).status).toBe('online')
    await back.leave()
    await again.stop()
  })
})

/** A browser behind a dead network: the socket stays open and nothing is ever read. */
async function stopReading(http: string, cookie: string): Promise<{ socket: Socket; watch(wanted: object): void }> {
  const { port } = new URL(http)
  const socket = connect({ port: Number(port), host: '127.0.0.1' })
  socket.on('error', () => undefined)
  socket.write(`GET /api/v1/live HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nOrigin: ${http}\r\nCookie: ${cookie}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`)
  await new Promise((resolve) => {
    socket.once('data', resolve)
  })
  socket.pause()
  return {
    socket,
    watch(wanted) {
      const text = Buffer.from(JSON.stringify({ type: 'watch', ...wanted }))
      // RFC 6455 5.2: final text frame, masked with zeros, short length.
      socket.write(Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), text]))
    },
  }
}
