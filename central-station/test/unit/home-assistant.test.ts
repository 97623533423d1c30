import mqtt from 'mqtt'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { LatestValue, SignalName } from '@vigil/contract'
import { manualClock, type ManualClock } from '@vigil/contract/testing/manual-clock'
import { until } from '@vigil/ops/testing'
import { silentLog } from '@vigil/program'
import type { LiveListener } from '../../src/live/live-device.ts'
import type { LiveHub } from '../../src/live/live-hub.ts'
import { showInHomeAssistant } from '../../src/live/home-assistant-link.ts'
import type { Registry } from '../../src/registry/registry.ts'
import { startBroker, type TestBroker } from '../support/broker.ts'

/** Home Assistant's broker is a real one; a client reads what it would read. */
describe('chosen devices in Home Assistant', () => {
  let broker: TestBroker
  let client: mqtt.MqttClient
  let clock: ManualClock
  let shown: { stop(): Promise<void> }
  let listener: LiveListener
  let status: string
  let latest: Partial<Record<SignalName, LatestValue>>
  const heard = new Map<string, { payload: string; retain: boolean }>()

  beforeEach(async () => {
    broker = await startBroker()
    client = await mqtt.connectAsync(broker.url)
    client.on('message', (topic, payload) => heard.set(topic, { payload: payload.toString(), retain: false }))
    await client.subscribeAsync(['homeassistant/#', 'vigil/#'], { qos: 1 })
    clock = manualClock()
    status = 'online'
    latest = { spo2: { v: 97, t: clock.now() }, pr: { v: 71, t: clock.now() }, temp: { v: null, t: clock.now(), x: 'off' } }
    const hub = { listen: (one: LiveListener) => { listener = one; return () => undefined }, status: () => status, latest: () => latest } as unknown as LiveHub
    const registry = { now: () => ({ devices: new Map(['board-1', 'board-2'].map((id) => [id, { id, label: 'Bedroom', retiredAtMs: null }])) }) } as unknown as Registry
    shown = showInHomeAssistant({ url: broker.url, devices: ['board-1'], hub, registry, clock, log: silentLog })
    await until('it to be there', 10_000, () => (heard.get('vigil/availability')?.payload === 'online' ? true : undefined))
  })
  afterEach(async () => {
    await shown.stop()
    await client.endAsync(true)
    await broker.stop()
    heard.clear()
  })

  const json = async (topic: string) => JSON.parse(await until(topic, 10_000, () => {
    if (!heard.has(topic)) clock.advance(5_000)
    return heard.get(topic)?.payload
  })) as Record<string, unknown>

  it('are announced with unit, availability and the device, and nobody else is', async () => {
    const config = await json('homeassistant/sensor/vigil_board-1/spo2/config')
    expect(config).toMatchObject({ unit_of_measurement: '%', state_class: 'measurement', unique_id: 'vigil_board-1_spo2', availability_mode: 'all', device: { identifiers: ['vigil_board-1'], name: 'Bedroom' } })
    expect(await json('homeassistant/sensor/vigil_board-1/pr/config')).toMatchObject({ unit_of_measurement: 'bpm' })
    expect(await json('homeassistant/sensor/vigil_board-1/temp/config')).toMatchObject({ unit_of_measurement: '°C', device_class: 'temperature' })
    listener.values?.('board-2', ['spo2'])
    clock.advance(5_000)
    expect(await json(String(config['state_topic']))).toEqual({ spo2: 97, pr: 71 })
    expect([...heard.keys()].join()).not.toContain('board-2')
  })

  it('are unavailable when the device is lost, and all of them when the station ends', async () => {
    await json('vigil/board-1/state')
    expect(heard.get('vigil/board-1/availability')?.payload).toBe('online')
    status = 'lost'
    listener.presence?.('board-1', 'lost')
    clock.advance(5_000)
    await until('the loss', 10_000, () => (heard.get('vigil/board-1/availability')?.payload === 'offline' ? true : undefined))
    await shown.stop()
    await until('the end', 10_000, () => (heard.get('vigil/availability')?.payload === 'offline' ? true : undefined))
  })
})
