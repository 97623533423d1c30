import { topicOf } from '@vigil/contract'
import type { FeedEntry } from './feed-entry.ts'

/** `vigil`: topics and objects of the device protocol. `alink`: those of Alibaba Cloud IoT, for consumers written for it. */
export const feedFormats = ['vigil', 'alink'] as const
export type FeedFormat = (typeof feedFormats)[number]

/** What a consumer receives: application properties `topic`, `messageId`, `generateTime`, `qos`, and a JSON body. */
export interface FeedMessage {
  readonly topic: string
  /** The same each time the same object is offered, so that a consumer can tell what it has seen. */
  readonly messageId: string
  /** Milliseconds since the Unix epoch. */
  readonly generateTime: number
  readonly body: string
}

export function messageOf(entry: FeedEntry, format: FeedFormat): FeedMessage {
  const { address, channel, epoch, seq, receivedAt, object } = entry
  const messageId = `${address.device}:${epoch}:${seq}`
  if (format === 'vigil') return { topic: topicOf(address, channel), messageId, generateTime: receivedAt, body: JSON.stringify(object) }
  return { ...alinkOf(entry), messageId, generateTime: receivedAt }
}

/** Identifiers of Alibaba Cloud IoT's thing model; whatever it does not name goes by its own short name. */
const IDENTIFIERS: Readonly<Record<string, string>> = { spo2: 'SpO2', temp: 'BodyTemperature' }

function alinkOf(entry: FeedEntry): Pick<FeedMessage, 'topic' | 'body'> {
  const { address, channel, seq, receivedAt, object } = entry
  const [productKey, deviceName] = [address.site, address.device]
  const common = { deviceType: 'CustomCategory', iotId: `${productKey}.${deviceName}`, requestId: String(seq), checkFailedData: {}, productKey, gmtCreate: receivedAt, deviceName }
  const topic = (what: string): string => `/${productKey}/${deviceName}/thing/event/${what}/post`
  const time = Number(object['t'] ?? receivedAt)
  if (channel === 'event') {
    const name = String(object['ev'])
    return { topic: topic(name), body: JSON.stringify({ ...common, identifier: name, name, type: 'info', time, value: { phase: object['ph'], source: object['src'], ...(object['data'] as object) } }) }
  }
  if ('gap' in object) return { topic: topic('gap'), body: JSON.stringify({ ...common, identifier: 'gap', name: 'gap', type: 'info', time, value: { numbers: object['gap'] } }) }
  return { topic: topic('property'), body: JSON.stringify({ ...common, items: itemsOf((object['m'] ?? {}) as Record<string, number>, deviceName, time) }) }
}

function itemsOf(values: Readonly<Record<string, number>>, deviceName: string, time: number): Record<string, { value: unknown; time: number }> {
  const items: Record<string, { value: unknown; time: number }> = {}
  for (const [name, value] of Object.entries(values)) items[IDENTIFIERS[name] ?? name] = { value, time }
  // What that platform calls heart rate comes from the finger; an ECG's is better where there is one.
  const heartRate = values['hr'] ?? values['pr']
  if (heartRate !== undefined) items['HeartRate'] = { value: heartRate, time }
  // Its consumers file everything under the board's MAC address; here the device's name does.
  items['MACAddress'] = { value: deviceName, time }
  return items
}
