import { connectAsync, type MqttClient } from 'mqtt'
import { encodeWaveFrame, framesOf, storedWaveChannels, waveChannels } from '@vigil/contract'
import { createMetrics } from '@vigil/program'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startBridge, type StartedBridge } from '../../src/start-bridge.ts'
import { readKeptWaves, waveFilters } from '../../src/waves/kept-devices.ts'
import { createWaveBuffer } from '../../src/waves/wave-buffer.ts'
import { startBroker, type TestBroker } from '../support/broker.ts'
import { freshDatabase, type TestDatabase } from '../support/database.ts'
import { until } from '../support/until.ts'

const frame = (seq: number, t0Ms: number, samples = [1, 2, -3]) => Buffer.from(encodeWaveFrame({ seq, t0Us: t0Ms * 1_000, hz: 3, scale: 0.5, offset: 1, samples: Int16Array.from(samples) }))

describe('waveforms of devices whose waveforms are kept', () => {
  let broker: TestBroker
  let database: TestDatabase
  let board: MqttClient
  let bridges: { bridge: StartedBridge; metrics: ReturnType<typeof createMetrics> }[]
  const start = () => {
    const metrics = createMetrics('bridge')
    return { metrics, bridge: startBridge({ databaseUrl: database.url, mqtt: { url: broker.url, username: 'bridge', password: '' }, keepWaves: readKeptWaves('kept, ward:icu'), metrics }) }
  }

  beforeAll(async () => {
    broker = await startBroker()
    database = await freshDatabase()
    for (const device of ['kept', 'other', 'in-icu']) await database.register(device)
    await database.query(`insert into ward (id, name) values ('icu', 'ICU')`)
    await database.query(`insert into bed (id, ward_id, label, position) values ('b', 'icu', '1', 1)`)
    await database.query(`insert into patient (id, family_name) values ('00000000-0000-4000-8000-000000000001', 'Test')`)
    await database.query(`insert into stay (id, patient_id, bed_id, admitted_at) select id, id, 'b', now() from patient`)
    await database.query(`insert into monitoring_interval (id, stay_id, device_no, from_at, linked_by) select s.id, s.id, d.no, now(), 'test' from stay s, device d where d.id = 'in-icu'`)
    bridges = [start(), start()]
    await Promise.all(bridges.map(({ bridge }) => bridge.ready()))
    board = await connectAsync(broker.url)
  })
  afterAll(async () => {
    await board.endAsync(true)
    await Promise.all(bridges.map(({ bridge }) => bridge.stop()))
    await broker.close()
    await database.close()
  })
  const total = async (name: string, label: string) => {
    const found = await Promise.all(bridges.map(async ({ metrics }) => (await metrics.getSingleMetric(name)?.get())?.values.find(({ labels }) => Object.values(labels).includes(label))?.value ?? 0))
    return found.reduce((sum, value) => sum + value, 0)
  }

  it('are stored by two bridges frame by frame exactly once, as they were sent, and of nobody else', async () => {
    const t = Math.floor(Date.now() / 10_000) * 10_000 - 20_000
    const sent = Array.from({ length: 25 }, (_, i) => frame(i, t + i * 1_000))
    for (const bytes of [...sent, ...sent.slice(3, 9)]) for (const device of ['kept', 'other', 'in-icu']) await board.publishAsync(`vitals/1/main/${device}/wave/paw`, bytes)
    await board.publishAsync('vitals/1/main/kept/wave/paw', Buffer.from('not a frame'))
    await board.publishAsync('vitals/1/main/kept/wave/paw', frame(1, t - 7_200_000))
    await until(async () => (await total('vigil_bridge_waves_dropped_total', 'clock')) === 2, 'the last frame to arrive at both bridges')
    for (const { bridge } of bridges) await bridge.storeWavesNow()
    // A late repetition meets what is stored.
    for (const bytes of sent.slice(0, 12)) await board.publishAsync('vitals/1/main/kept/wave/paw', bytes)
    await board.publishAsync('vitals/1/main/kept/wave/paw', frame(1, t - 7_200_000))
    await until(async () => (await total('vigil_bridge_waves_dropped_total', 'clock')) === 4, 'the repetition to arrive')
    await Promise.all(bridges.map(({ bridge }) => bridge.storeWavesNow()))

    const rows = await database.query<{ id: string; channel: number; frames: Buffer; n: number }>('select d.id, w.channel, w.frames, cardinality(w.t0s) as n from waveform w join device d on d.no = w.device_no order by d.id, w.t')
    expect(rows.map(({ id, n, channel }) => [id, n, storedWaveChannels[channel]])).toEqual(['in-icu', 'kept'].flatMap((id) => [[id, 10, 'paw'], [id, 10, 'paw'], [id, 5, 'paw']]))
    for (const id of ['in-icu', 'kept']) {
      const found = rows.filter((row) => row.id === id).flatMap(({ frames }) => [...framesOf(frames)])
      expect(found.map((one) => Buffer.from(encodeWaveFrame(one))).sort((a, b) => a.readUInt32LE(4) - b.readUInt32LE(4))).toEqual(sent)
    }
    expect(await total('vigil_bridge_waves_total', 'stored')).toBe(50)
    expect(await total('vigil_bridge_waves_total', 'known')).toBe(50 + 24)
    expect(await total('vigil_bridge_waves_dropped_total', 'not_a_frame')).toBe(2)
  })
})

describe('the buffer of waveforms', () => {
  it('lets go of the oldest block when it is full, counts it, and stays within its bound', () => {
    const dropped: [string, number][] = []
    const buffer = createWaveBuffer({ onDrop: (why, frames) => dropped.push([why, frames]), mostBytes: 20 * 34 })
    for (let i = 0; i < 25; i++) buffer.add({ topic: 'vitals/1/main/a/wave/paw', payload: frame(i, 1_000_000_000_000 + i * 1_000), receivedAt: 1_000_000_000_000 + i * 1_000 })
    expect(dropped).toEqual([['full', 10]])
    expect(buffer.bytes).toBe(15 * 34)
    const left = buffer.takeDue(Number.POSITIVE_INFINITY)
    expect(left.map(({ frames }) => frames.length)).toEqual([10, 5])
    expect(buffer.bytes).toBe(0)
    buffer.putBack(left)
    expect(buffer.bytes).toBe(15 * 34)
  })

  it('waits for the end of a block and a little longer', () => {
    const buffer = createWaveBuffer({ onDrop: () => undefined })
    buffer.add({ topic: 'vitals/1/main/a/wave/paw', payload: frame(1, 1_000_000_003_000), receivedAt: 1_000_000_003_500 })
    expect(buffer.takeDue(1_000_000_011_999)).toEqual([])
    expect(buffer.takeDue(1_000_000_012_000)).toHaveLength(1)
  })
})

it('a setting names devices and wards; what is neither is refused', () => {
  expect(readKeptWaves('board-1, ward:icu')).toEqual({ all: false, devices: ['board-1'], wards: ['icu'] })
  expect(readKeptWaves('*').all).toBe(true)
  expect(waveFilters(readKeptWaves())).toEqual([])
  expect(() => readKeptWaves('bett 1')).toThrow(/no device and no ward/)
})

it('every channel there is has a number to be stored under', () => {
  expect([...storedWaveChannels]).toEqual([...waveChannels])
})
