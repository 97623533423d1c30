import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import mqtt, { type MqttClient } from 'mqtt'
import { checkReceipt, type Clock, topicOf } from '@vigil/contract'
import { type Log, readJson } from '@vigil/program'
import { CANARY_EVERY_MS, type PathWatch } from '../alarms/paths/path-watch.ts'
import { CANARY_DEVICE, CANARY_SITE, canarySecret } from './canary.ts'

export interface CanaryLink {
  /** Names this canary: that of another engine proves nothing of this one's way. */
  readonly epoch: string
  /** Whether it has ever been let in: at a broker that does not know it there is no canary. */
  known(): boolean
  stop(): Promise<void>
}

/** Sends a numbered sample every few seconds, as a board would, and hears its receipts. */
export function sendCanary(options: { url: string; ca: string | undefined; pepper: Buffer; path: PathWatch; clock: Clock; log: Log }): CanaryLink {
  const { url, ca, pepper, path, clock, log } = options
  const epoch = randomBytes(4).toString('hex')
  const topic = (channel: 'tele' | 'receipt' | 'state') => topicOf({ site: CANARY_SITE, device: CANARY_DEVICE }, channel)
  let seq = 0
  let known = false
  const client: MqttClient = mqtt.connect(url, {
    clientId: CANARY_DEVICE, username: CANARY_DEVICE, password: canarySecret(pepper), protocolVersion: 4, clean: true, keepalive: 10,
    // A broker may not know it yet, or not be able to tell: MQTT.js would never ask again.
    reconnectOnConnackError: true,
    reconnectPeriod: CANARY_EVERY_MS, connectTimeout: 5_000, queueQoSZero: false, ...(ca === undefined ? {} : { ca: readFileSync(ca) }),
  })
  const sing = () => {
    if (!client.connected) return
    seq += 1
    path.sent(seq)
    client.publish(topic('tele'), JSON.stringify({ e: epoch, s: seq, t: clock.now(), m: {} }), { qos: 1 })
  }
  client.on('error', (err) => log.debug({ reason: err.message }, 'canary.error'))
  client.on('connect', () => {
    known = true
    client.publish(topic('state'), JSON.stringify({ st: 'online', e: epoch, mode: 'test', caps: { receipts: true } }), { qos: 1, retain: true })
    client.subscribe(topic('receipt'), { qos: 1 })
    // Whoever takes over proves the path at once.
    if (seq === 0) sing()
  })
  client.on('message', (_topic, payload) => {
    const receipt = checkReceipt(readJson(payload))
    if (receipt.ok && receipt.value.e === epoch) path.receipted(receipt.value.upto)
  })
  const stop = clock.every(CANARY_EVERY_MS, sing)
  return {
    epoch,
    known: () => known,
    async stop() {
      stop()
      await client.endAsync(true).catch(() => undefined)
    },
  }
}
