import { createHmac } from 'node:crypto'
import { createSeal } from '@vigil/program'
import type { AlinkVerifier } from '../../src/identity/verifiers.ts'
import { connectPacket, publishPacket, type RawClient, subscribe } from './raw-client.ts'
import { PEPPER } from './test-broker.ts'

export const PRODUCT = 'a1TestKey'
/** As their console makes them: 32 hexadecimal digits. */
export const secretOfAlink = (deviceName: string): string => createHmac('md5', 'test').update(deviceName).digest('hex')

export function alinkVerifier(deviceName: string, more: Partial<AlinkVerifier> = {}): AlinkVerifier {
  return { productKey: PRODUCT, deviceName, sealed: createSeal(PEPPER, 'alink').seal(secretOfAlink(deviceName)).toString('base64'), services: [], settings: [], ...more }
}

export interface AlinkSignature {
  readonly method?: 'sha256' | 'sha1' | 'md5'
  readonly timestamp?: string | undefined
  readonly secret?: string
  readonly clientId?: string
}

/** User name, client id and password as the seed's firmware makes them. */
export function signAlink(deviceName: string, { method = 'sha256', timestamp = '1700000000000', secret = secretOfAlink(deviceName), clientId = deviceName }: AlinkSignature = {}): { username: string; clientId: string; password: string } {
  const text = `clientId${clientId}deviceName${deviceName}productKey${PRODUCT}timestamp${timestamp}`
  return {
    username: `${deviceName}&${PRODUCT}`,
    clientId: `${clientId}|securemode=3,signmethod=hmac${method},timestamp=${timestamp}|`,
    password: createHmac(method, secret).update(text).digest('hex'),
  }
}

export interface AlinkBoard {
  readonly client: RawClient
  /** Topic below its own. */
  topic(rest: string): string
  /** Posts properties, at QoS 0 as the firmware does. */
  post(params: object, more?: object, qos?: 0 | 1): void
  /** The next message on one of its topics. */
  hears(rest: string): Promise<Record<string, unknown>>
}

/** A board with the seed's firmware: connects, listens for settings, and posts. */
export async function alinkBoard(client: RawClient, deviceName: string, signature: AlinkSignature = {}): Promise<AlinkBoard> {
  client.send(connectPacket({ ...signAlink(deviceName, signature), keepalive: 60 }))
  const { returnCode } = await client.next('connack')
  if (returnCode !== 0) throw new Error(`${deviceName} was refused with ${returnCode}`)
  const topic = (rest: string) => `/sys/${PRODUCT}/${deviceName}/thing/${rest}`
  await subscribe(client, topic('service/property/set'), topic('event/property/post_reply'), topic('service/#'), topic('event/+/post_reply'))
  return {
    client,
    topic,
    post: (params, more = {}, qos = 0) => client.send(publishPacket(topic('event/property/post'), JSON.stringify({ ...more, params }), qos)),
    async hears(rest) {
      const { payload } = await client.next('publish', (packet) => packet.topic === topic(rest))
      return JSON.parse(payload.toString()) as Record<string, unknown>
    },
  }
}
