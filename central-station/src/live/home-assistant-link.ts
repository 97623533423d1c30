import mqtt from 'mqtt'
import type { Clock, SignalName, Stop } from '@vigil/contract'
import type { Log } from '@vigil/program'
import type { Registry } from '../registry/registry.ts'
import { announce, availabilityTopic, bridgeTopic, stateOf, stateTopic } from './home-assistant.ts'
import type { LiveHub } from './live-hub.ts'

export interface HomeAssistantOptions {
  /** Home Assistant's own broker, with its user and password: `mqtt://user:password@host:1883`. */
  readonly url: string
  /** Devices it may see; nobody else's values leave the house. */
  readonly devices: readonly string[]
  readonly hub: LiveHub
  readonly registry: Registry
  readonly clock: Clock
  readonly log: Log
}

const TELL_EVERY_MS = 5_000
const RECONNECT_MS = 10_000
/** Values older than this are not told again. */
const FRESH_MS = 60_000

/** Shows chosen devices in Home Assistant by its MQTT discovery: sensors with units, and whether a device is there. */
export function showInHomeAssistant({ url, devices, hub, registry, clock, log }: HomeAssistantOptions): { stop(): Promise<void> } {
  const client = mqtt.connect(url, { clean: true, reconnectPeriod: RECONNECT_MS, reconnectOnConnackError: true, queueQoSZero: false, will: { topic: bridgeTopic, payload: Buffer.from('offline'), qos: 1, retain: true } })
  const announced = new Set<string>()
  const dirty = new Set<string>(devices)
  let lastFault = ''

  const say = (topic: string, payload: string, retain: boolean): void => {
    client.publish(topic, payload, { qos: retain ? 1 : 0, retain }, () => undefined)
  }
  const tell = (id: string): void => {
    const device = registry.now().devices.get(id)
    if (!device || device.retiredAtMs !== null) return
    const latest = hub.latest(id, clock.now() - FRESH_MS)
    for (const name of Object.keys(latest) as SignalName[]) announceOnce(device, name)
    say(availabilityTopic(id), hub.status(id) === 'lost' || hub.status(id) === 'never' ? 'offline' : 'online', true)
    say(stateTopic(id), stateOf(latest), false)
  }
  const announceOnce = (device: { readonly id: string; readonly label: string }, name: SignalName): void => {
    const key = `${device.id} ${device.label} ${name}`
    const announcement = announced.has(key) ? undefined : announce(device, name)
    if (!announcement) return
    announced.add(key)
    say(announcement.topic, announcement.payload, true)
  }

  client.on('connect', () => {
    announced.clear()
    say(bridgeTopic, 'online', true)
    for (const id of devices) dirty.add(id)
  })
  client.on('error', ({ message }) => {
    if (message !== lastFault) log.warn({ why: message }, 'home_assistant.away')
    lastFault = message
  })
  const mark = (device: string): void => void (devices.includes(device) && dirty.add(device))
  const stops: Stop[] = [
    hub.listen({ values: mark, presence: mark }),
    clock.every(TELL_EVERY_MS, () => {
      if (!client.connected) return
      for (const id of dirty) tell(id)
      dirty.clear()
    }),
  ]
  return {
    async stop() {
      for (const stop of stops) stop()
      if (client.connected) await client.publishAsync(bridgeTopic, 'offline', { qos: 1, retain: true }).catch(() => undefined)
      await client.endAsync(true).catch(() => undefined)
    },
  }
}
