import fc from 'fast-check'
import { generate, type Packet } from 'mqtt-packet'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { refusalReasons } from '../src/index.ts'
import { connectPacket, publish, publishPacket, rawTcp, signIn } from './support/raw-client.ts'
import { secretOf, startTestBroker, type TestBroker } from './support/test-broker.ts'

/** Packets a real session consists of; the fuzzer bends them. */
const wellFormed: Packet[] = [
  connectPacket({ username: 'fuzzed-0', password: secretOf('fuzzed-0'), will: { topic: 'vitals/1/main/fuzzed-0/state', payload: Buffer.from('x'), qos: 1, retain: true } }),
  publishPacket('vitals/1/main/fuzzed-0/tele', '{"e":"a","s":1}'),
  publishPacket('vitals/1/main/fuzzed-0/state', '{"st":"online"}', 1, true),
  { cmd: 'subscribe', messageId: 3, subscriptions: [{ topic: 'vitals/1/main/fuzzed-0/command', qos: 1 }] },
  { cmd: 'unsubscribe', messageId: 4, unsubscriptions: ['vitals/1/main/fuzzed-0/command'] },
  { cmd: 'puback', messageId: 5 },
  { cmd: 'pubrel', messageId: 5 },
  { cmd: 'pingreq' },
  { cmd: 'disconnect' },
]

const bent = fc.tuple(fc.constantFrom(...wellFormed), fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 4 }), fc.nat({ max: 64 })).map(([packet, changes, cut]) => {
  const bytes = generate(packet)
  for (const [at, value] of changes) bytes[at % bytes.length] = value
  return cut < 16 ? bytes.subarray(0, Math.max(1, bytes.length - cut)) : bytes
})
const noise = fc.uint8Array({ minLength: 1, maxLength: 64 }).map((bytes) => Buffer.from(bytes))
const anything = fc.oneof({ weight: 4, arbitrary: bent }, { weight: 1, arbitrary: noise })
/** Each from a board of its own. */
const conversation = fc.record({ signedIn: fc.boolean(), packets: fc.array(anything, { minLength: 1, maxLength: 4 }) })

const AT_ONCE = 10
const ROUNDS = 220
const round = fc.array(conversation, { minLength: AT_ONCE, maxLength: AT_ONCE })

describe('5,000 packets no client should send', () => {
  let ward: TestBroker
  beforeAll(async () => {
    ward = await startTestBroker({ limits: { freeFailures: 1e9, connectsPerSecond: 1e6, connectsBurst: 1e6 } })
    for (let i = 0; i < AT_ONCE; i++) ward.verifiers.add(`fuzzed-${i}`, { secret: secretOf(`fuzzed-${i}`) })
  })
  afterAll(() => ward.stop())

  it('leave the broker alive, and the next board is served', async () => {
    let sent = 0
    const say = async ({ signedIn, packets }: { signedIn: boolean; packets: Buffer[] }, board: number) => {
      const username = `fuzzed-${board}`
      const client = await rawTcp(ward.port)
      if (signedIn) await signIn(client, { username, password: secretOf(username) })
      for (const packet of packets) client.bytes(packet)
      sent += packets.length
      // Every fourth client vanishes at once, the rest wait for what comes.
      if (packets.length % 4 === 0) return client.close()
      client.socket.end()
      await client.untilClosed()
    }
    await fc.assert(fc.asyncProperty(round, (conversations) => Promise.all(conversations.map(say)).then(() => undefined)), { numRuns: ROUNDS, seed: 20_261_121, endOnFailure: true })
    expect(sent).toBeGreaterThan(5_000)
    const device = await ward.device('board-2')
    await publish(device, 'vitals/1/main/board-2/tele')
    // It was not vacuous: many kinds of nonsense were met, each under its name.
    const met = await Promise.all(refusalReasons.map(async (reason) => ((await ward.refused(reason)) > 0 ? reason : undefined)))
    expect(met).toEqual(expect.arrayContaining(['malformed', 'protocol_order', 'topic', 'publish_right', 'credentials', 'text', 'packet_size']))
  }, 60_000)
})
