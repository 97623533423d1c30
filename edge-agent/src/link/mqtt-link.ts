import type { Clock } from '@vigil/contract/clock'
import type { DeviceAddress } from '@vigil/contract/topics'
import { brokerLink } from './broker-link.ts'
import { lastWill, subscriptions } from './inbound.ts'
import type { Link } from './link.ts'
import { openMqttSession } from './mqtt-session.ts'

export interface MqttLinkOptions {
  readonly address: DeviceAddress
  /** `mqtt://host:1883`, `mqtts://host:8883`, `ws://host:9001`; of several the next is tried when one fails. */
  readonly url: string | readonly string[]
  readonly secret: string
  /** CA certificate (PEM) the broker's certificate must be signed by; the system's own when absent. */
  readonly ca?: string
  readonly clock: Clock
  readonly random: () => number
  /** Said when the connection is lost without a goodbye. */
  readonly epoch: string
  readonly log: (event: string, facts: Readonly<Record<string, unknown>>) => void
}

const SLOW_BYTES = 64 * 1024

/** The way to the broker of an agent on Node. */
export function mqttLink({ address, url, secret, ca, clock, random, epoch, log }: MqttLinkOptions): Link {
  const urls = [url].flat()
  return brokerLink({
    address,
    clock,
    random,
    log,
    slowBytes: SLOW_BYTES,
    open: (attempt, events) =>
      openMqttSession({ url: urls[attempt % urls.length] ?? '', ca, clientId: address.device, username: address.device, password: secret, will: lastWill(address, epoch), subscriptions: subscriptions(address), clock }, events),
  })
}
