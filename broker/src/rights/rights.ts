import { createTopicReader, downChannels, HEALTH_FILTER, healthAnswerTopic, healthTopic, isName, phoneOfTopic, ROOT, timeTopic, upChannels, waveChannels, type Channel, type DeviceAddress } from '@vigil/contract'
import { type AlinkAddress, type AlinkModel, isAlinkDown, isAlinkOwn } from '@vigil/contract/alink/index'

/** Who a session speaks as. It follows from the credentials alone, never from anything else the client says. */
export type Identity =
  | ({ readonly role: 'device'; readonly alink?: AlinkIdentity } & DeviceAddress)
  /** A person's phone with the app Health Auto Export. */
  | { readonly role: 'phone'; readonly phone: string }
  | { readonly role: 'bridge' }
  | { readonly role: 'central' }
export type Role = Identity['role']
/** What a device that speaks Alink is called there. It says and hears on topics of that protocol alone. */
export type AlinkIdentity = AlinkAddress & AlinkModel

type Service = Exclude<Role, 'device' | 'phone'>

const waves: readonly Channel[] = waveChannels.map((channel): Channel => `wave/${channel}`)
const deviceWrites: ReadonlySet<Channel> = new Set<Channel>([...upChannels, ...waves])
const deviceReads: ReadonlySet<Channel> = new Set<Channel>(downChannels)

const serviceWrites: Readonly<Record<Service, ReadonlySet<Channel>>> = {
  bridge: new Set<Channel>(['receipt', 'live']),
  central: new Set<Channel>(['command', 'config/desired', 'alarm']),
}
const serviceReads: Readonly<Record<Service, ReadonlySet<string>>> = {
  bridge: new Set<string>(['tele', 'backlog', 'event', 'state', ...waves, 'wave/+']),
  central: new Set<string>([...upChannels, ...waves, 'wave/+', 'live']),
}

/** The parts of a topic. */
export const topicParts = createTopicReader()

/** Channels the broker keeps the newest message of. */
const retainedChannels: ReadonlySet<Channel> = new Set<Channel>(['state', 'config/reported', 'config/desired'])

/** Whether this identity may publish to this topic; everything not listed is refused. */
export function mayPublish(identity: Identity, topic: string): boolean {
  if (identity.role === 'phone') return topic === healthTopic(identity.phone)
  if (identity.role === 'central' && (isTimeTopic(topic) || phoneOfTopic(topic, 'answer') !== undefined)) return true
  if (identity.role === 'device' && identity.alink) return isAlinkOwn(identity.alink, topic)
  const parsed = topicParts(topic)
  if (!parsed) return false
  if (identity.role !== 'device') return serviceWrites[identity.role].has(parsed.channel)
  return isOwn(identity, parsed) && deviceWrites.has(parsed.channel)
}

/** Whether this identity may subscribe to this filter. A device names each topic in full; `#` is nobody's. */
export function maySubscribe(identity: Identity, filter: string): boolean {
  if (identity.role === 'phone') return mayReceive(identity, filter)
  if (identity.role === 'central' && filter === HEALTH_FILTER) return true
  if (identity.role === 'device') return identity.alink ? isAlinkOwn(identity.alink, filter) : mayReceive(identity, filter)
  const [root, version, site = '', device = '', ...channel] = filter.split('/')
  if (`${root}/${version}` !== ROOT || !isNameOrAny(site) || !isNameOrAny(device)) return false
  return serviceReads[identity.role].has(channel.join('/'))
}

/** Whether a message on this topic may reach this identity: asked again for every delivery, so a lost right ends at once. */
export function mayReceive(identity: Identity, topic: string): boolean {
  if (identity.role === 'phone') return topic === healthAnswerTopic(identity.phone)
  if (identity.role === 'central' && phoneOfTopic(topic) !== undefined) return true
  if (identity.role === 'device' && identity.alink) return isAlinkDown(identity.alink, topic)
  if (identity.role === 'device' && topic === timeTopic(identity.site)) return true
  const parsed = topicParts(topic)
  if (!parsed) return false
  if (identity.role !== 'device') return serviceReads[identity.role].has(parsed.channel)
  return isOwn(identity, parsed) && deviceReads.has(parsed.channel)
}

/** What may be kept as the newest message of its topic. */
export function isRetainedTopic(topic: string): boolean {
  const channel = topicParts(topic)?.channel
  return channel !== undefined && retainedChannels.has(channel)
}

/** What is kept for a device that is away: what a person asked of it. A receipt answers the birth message anyway. */
export function isKeptForAway(topic: string): boolean {
  const channel = topicParts(topic)?.channel
  return channel === 'command' || channel === 'config/desired'
}

function isOwn(identity: DeviceAddress, topic: DeviceAddress): boolean {
  return topic.site === identity.site && topic.device === identity.device
}

function isNameOrAny(level: string): boolean {
  return level === '+' || isName(level)
}

function isTimeTopic(topic: string): boolean {
  const site = topic.split('/')[2] ?? ''
  return isName(site) && topic === timeTopic(site)
}
