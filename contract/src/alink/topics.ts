/** Topics of Alibaba Cloud's Alink protocol, below `/sys/{productKey}/{deviceName}/`. Nothing else reads or writes one. */

export interface AlinkAddress {
  readonly productKey: string
  readonly deviceName: string
}

/** What a device says. */
export type AlinkSaid =
  | { readonly what: 'properties' }
  | { readonly what: 'event'; readonly identifier: string }
  /** Its answer to `property/set`. */
  | { readonly what: 'set_reply' }
  /** Its answer to a service. */
  | { readonly what: 'service_reply'; readonly identifier: string }

const PRODUCT_KEY = /^[A-Za-z0-9_-]{1,64}$/
const DEVICE_NAME = /^[A-Za-z0-9_.@:-]{1,64}$/
/** Names of properties, events and services in a thing model. */
export const IDENTIFIER = /^[A-Za-z][A-Za-z0-9_]{0,49}$/

const PROPERTIES = 'thing/event/property/post'
const SET = 'thing/service/property/set'
const EVENT = /^thing\/event\/([A-Za-z][A-Za-z0-9_]{0,49})\/post$/
const SERVICE_REPLY = /^thing\/service\/([A-Za-z][A-Za-z0-9_]{0,43})_reply$/
/** What the platform says: replies to posts, settings and services. */
const DOWN = /^thing\/(?:event\/[A-Za-z][A-Za-z0-9_]{0,49}\/post_reply|service\/(?:property\/set|(?!\w*_reply$)[A-Za-z][A-Za-z0-9_]{0,49}))$/

export function isAlinkAddress({ productKey, deviceName }: AlinkAddress): boolean {
  return PRODUCT_KEY.test(productKey) && DEVICE_NAME.test(deviceName)
}

/** The user name such a device signs in with. `&` stands in no name of ours. */
export function alinkUserName({ productKey, deviceName }: AlinkAddress): string {
  return `${deviceName}&${productKey}`
}

export function readAlinkUserName(userName: string): AlinkAddress | undefined {
  const [deviceName = '', productKey = '', more] = userName.split('&')
  const address = { productKey, deviceName }
  return more === undefined && isAlinkAddress(address) ? address : undefined
}

export const propertiesReplyTopic = (of: AlinkAddress): string => below(of, `${PROPERTIES}_reply`)
export const eventReplyTopic = (of: AlinkAddress, identifier: string): string => below(of, `thing/event/${identifier}/post_reply`)
export const setTopic = (of: AlinkAddress): string => below(of, SET)
export const serviceTopic = (of: AlinkAddress, identifier: string): string => below(of, `thing/service/${identifier}`)

function below({ productKey, deviceName }: AlinkAddress, rest: string): string {
  return `/sys/${productKey}/${deviceName}/${rest}`
}

/** What a device says on a topic of its own; `undefined` for all the rest of the platform, which has no meaning here. */
export function readAlinkTopic(own: AlinkAddress, topic: string): AlinkSaid | undefined {
  const start = below(own, '')
  if (!topic.startsWith(start)) return undefined
  const rest = topic.slice(start.length)
  if (rest === PROPERTIES) return { what: 'properties' }
  if (rest === `${SET}_reply`) return { what: 'set_reply' }
  const event = EVENT.exec(rest)?.[1]
  if (event !== undefined) return { what: 'event', identifier: event }
  const service = SERVICE_REPLY.exec(rest)?.[1]
  return service === undefined ? undefined : { what: 'service_reply', identifier: service }
}

/** Whether a topic, or a filter, is of this device and of no other: its key and its name stand in it side by side, in full. */
export function isAlinkOwn({ productKey, deviceName }: AlinkAddress, topic: string): boolean {
  const [first, ...levels] = topic.split('/')
  if (first !== '') return false
  if (levels[0] === 'sys') return levels[1] === productKey && levels[2] === deviceName && levels.length > 3
  return levels.some((level, i) => level === productKey && levels[i + 1] === deviceName)
}

/** Whether the platform may say something to this device on a topic. */
export function isAlinkDown(own: AlinkAddress, topic: string): boolean {
  const start = below(own, '')
  return topic.startsWith(start) && DOWN.test(topic.slice(start.length))
}
