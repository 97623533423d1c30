/**
 * The only place that writes or reads a topic string. Layout: docs/protocol.md.
 * No patient name, number or bed ever appears in a topic, will or client id.
 */
export const ROOT = 'vitals/1'

const NAME = /^[A-Za-z0-9_-]{1,64}$/

/** Site and device names: 1 to 64 of letters, digits, `_`, `-`. */
export function isName(text: string): boolean {
  return NAME.test(text)
}

/** Topics a device writes, below its own subtree. */
export const upChannels = ['state', 'tele', 'backlog', 'event', 'config/reported', 'command/reply'] as const
/** Topics a device reads, below its own subtree. */
export const downChannels = ['receipt', 'config/desired', 'command', 'alarm'] as const
/** Waveform channels, `wave/{channel}`. */
export const waveChannels = ['pleth_ir', 'pleth_red', 'paw', 'co2'] as const

export type UpChannel = (typeof upChannels)[number]
export type DownChannel = (typeof downChannels)[number]
export type WaveChannel = (typeof waveChannels)[number]
export type Channel = UpChannel | DownChannel | `wave/${WaveChannel}` | 'live'

export interface DeviceAddress {
  readonly site: string
  readonly device: string
}

export interface ParsedTopic extends DeviceAddress {
  readonly channel: Channel
}

const channels: ReadonlySet<string> = new Set<string>([
  ...upChannels,
  ...downChannels,
  ...waveChannels.map((c) => `wave/${c}`),
  'live',
])

/** The topic of one channel of one device. */
export function topicOf({ site, device }: DeviceAddress, channel: Channel): string {
  return `${ROOT}/${site}/${device}/${channel}`
}

/** Subscription filter for one channel of every device of every site. Server roles only. */
export function filterForAll(channel: Channel | 'wave/+'): string {
  return `${ROOT}/+/+/${channel}`
}

/** Server time beacon of a site: `vitals/1/{site}/$time`. */
export function timeTopic(site: string): string {
  return `${ROOT}/${site}/$time`
}

/** Where the phone with this id says what it exported: no device's topic, and it names nobody. */
export function healthTopic(phone: string): string {
  return `${ROOT}/health/${phone}`
}

/** Where it hears what became of it. */
export function healthAnswerTopic(phone: string): string {
  return `${healthTopic(phone)}/answer`
}

/** Subscription filter for the exports of every phone. The central station only. */
export const HEALTH_FILTER = healthTopic('+')

/** The phone whose topic this is, `undefined` for any other topic. */
export function phoneOfTopic(topic: string, kind: 'export' | 'answer' = 'export'): string | undefined {
  const phone = topic.split('/')[3] ?? ''
  const own = kind === 'export' ? healthTopic(phone) : healthAnswerTopic(phone)
  return isName(phone) && topic === own ? phone : undefined
}

/** Topics whose parts one reader remembers at most. */
const REMEMBERED = 20_000

/** A `parseTopic` that remembers: the same topics come again and again, and every message asks several times. */
export function createTopicReader(): (topic: string) => ParsedTopic | undefined {
  const remembered = new Map<string, ParsedTopic | undefined>()
  return (topic) => {
    const known = remembered.get(topic)
    if (known !== undefined || remembered.has(topic)) return known
    if (remembered.size >= REMEMBERED) remembered.clear()
    const parts = parseTopic(topic)
    remembered.set(topic, parts)
    return parts
  }
}

/** Reads a device topic; `undefined` for anything that is not exactly one. */
export function parseTopic(topic: string): ParsedTopic | undefined {
  const parts = topic.split('/')
  if (parts.length < 5 || parts.length > 6 || parts[0] !== 'vitals' || parts[1] !== '1') return undefined
  const [, , site = '', device = ''] = parts
  const channel = parts.slice(4).join('/')
  if (!isName(site) || !isName(device) || !channels.has(channel)) return undefined
  return { site, device, channel: channel as Channel }
}
