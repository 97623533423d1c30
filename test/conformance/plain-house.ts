import { type House, Refusal, type BrokerLimits } from '@vigil/broker'

/** What a configuration file for plain MQTT 3.1.1 may say. */
export interface PlainSettings {
  readonly allowAnonymous: boolean
  readonly allowEmptyClientId: boolean
  /** Passwords by user name; `undefined` where there is no password file. */
  readonly users: ReadonlyMap<string, (password: string) => boolean> | undefined
  readonly window: number
}

const IDENTIFIER = 2
const NOT_AUTHORISED = 5
/** MQTT 3.1 has at most 23 characters, and no empty id. */
const LONGEST_ID_3_1 = 23
const MOST_LEVELS = 200
const QUEUE = 1_000

/**
 * A house without rules: everyone may say and hear everything, at every QoS, and sessions keep all that is acknowledged. What is left
 * is the protocol of our broker by itself, as tests of MQTT 3.1.1 want to see it.
 */
export function plainHouse(settings: PlainSettings, limits: Pick<BrokerLimits, 'packetBytes' | 'queuedBytesPerService'>): House {
  const { allowAnonymous, allowEmptyClientId, users, window } = settings
  const isLet = (username: string | undefined, password: Buffer | undefined): boolean => {
    if (username === undefined) return allowAnonymous
    return users ? (users.get(username)?.(password?.toString() ?? '') ?? false) : allowAnonymous
  }
  return {
    preConnect(client, packet, done) {
      const { clientId, clean, protocolVersion = 4 } = packet
      const problem = clientId === '' ? protocolVersion === 3 || clean === false || !allowEmptyClientId : protocolVersion === 3 && clientId.length > LONGEST_ID_3_1
      if (!problem) return done(null, true)
      const refusal = new Refusal('client_id', IDENTIFIER)
      client.conn.end(Buffer.from([0x20, 2, 0, IDENTIFIER]), () => done(refusal, false))
    },
    authenticate: (_client, username, password, done) => (isLet(username, password) ? done(null, true) : done(Object.assign(new Error('not authorised'), { returnCode: NOT_AUTHORISED }), false)),
    authorizePublish: (_client, _packet, done) => done(null),
    mostBytes: () => limits.packetBytes,
    problemOf(_session, packet) {
      const topics = packet.cmd === 'publish' ? [packet.topic] : packet.cmd === 'subscribe' ? packet.subscriptions.map(({ topic }) => topic) : packet.cmd === 'unsubscribe' ? packet.unsubscriptions : []
      return topics.some((topic) => topic.split('/').length > MOST_LEVELS) ? 'topic' : undefined
    },
    saysWillAtTakeover: false,
    mostQos: 2,
    maySubscribe: () => true,
    mayReceive: () => true,
    entered: () => undefined,
    subscribed: () => undefined,
    bounds: () => ({ window, queue: QUEUE, bytes: limits.queuedBytesPerService, gatherMs: 0 }),
    room: { admit: (session) => session.keptFlights().length < QUEUE, returned: () => undefined, release: () => undefined },
  }
}
