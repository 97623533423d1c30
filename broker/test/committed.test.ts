import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { manualClock } from '@vigil/contract/testing/manual-clock'
import { defaultLimits } from '../src/index.ts'
import { createCommittedAcks } from '../src/puback/committed-acks.ts'
import type { Session } from '../src/session.ts'
import { publish, publishPacket, type RawClient, subscribe } from './support/raw-client.ts'
import { startTestBroker, type TestBroker } from './support/test-broker.ts'
import { until } from './support/until.ts'

const own = (channel: string) => `vitals/1/main/board-1/${channel}`
const sample = (s: number, e = 'a1') => JSON.stringify({ e, s, t: 1_772_362_800_250, m: { pr: 72 } })

let ward: TestBroker
let bridge: RawClient
beforeEach(async () => {
  ward = await startTestBroker({ puback: 'committed', limits: { unreceiptedMessages: 5 } })
  bridge = await ward.service('bridge')
  await subscribe(bridge, 'vitals/1/+/+/tele', 'vitals/1/+/+/backlog', 'vitals/1/+/+/event')
})
afterEach(() => ward.stop())

const receipt = (upto: number, have?: [number, number][], e = 'a1') => publish(bridge, own('receipt'), JSON.stringify({ e, upto, ...(have ? { have } : {}) }))
const pubacks = (client: RawClient) => client.heard.filter(({ cmd }) => cmd === 'puback').map(({ messageId }) => messageId)
/** Whatever the broker was going to say before this point has been said: it answers pings in order. */
const settled = async (client: RawClient) => {
  client.send({ cmd: 'pingreq' })
  await client.next('pingresp')
}

describe('a board that knows no receipts', () => {
  it('is acknowledged when its sample is committed, and heard at once', async () => {
    const board = await ward.device('board-1')
    const packet = publishPacket(own('tele'), sample(1))
    board.send(packet)
    expect((await bridge.next('publish')).payload.toString()).toBe(sample(1))
    await settled(board)
    expect(pubacks(board)).toEqual([])
    expect(await ward.metric('vigil_broker_unreceipted_messages')).toBe('1')
    await receipt(1)
    expect((await board.next('puback')).messageId).toBe(packet.messageId)
    expect(await ward.metric('vigil_broker_unreceipted_messages')).toBe('0')
  })

  it('is acknowledged in the order it spoke, whatever is committed first', async () => {
    const board = await ward.device('board-1')
    const packets = [publishPacket(own('tele'), sample(1)), publishPacket(own('event'), sample(2)), publishPacket(own('backlog'), `[${sample(3)},${sample(4)}]`), publishPacket(own('state'), '{"st":"online"}')]
    for (const packet of packets) board.send(packet)
    await bridge.next('publish', ({ topic }) => topic === own('backlog'))
    await receipt(0, [[2, 3]])
    await settled(board)
    expect(pubacks(board)).toEqual([])
    await receipt(2)
    await until('the first two are acknowledged', () => pubacks(board).length === 2)
    await receipt(4)
    await until('all are acknowledged', () => pubacks(board).length === 4)
    expect(pubacks(board)).toEqual(packets.map(({ messageId }) => messageId))
  })

  it('does not wait for the receipt of another device or another epoch', async () => {
    const board = await ward.device('board-1')
    board.send(publishPacket(own('tele'), sample(1)))
    await publish(bridge, 'vitals/1/main/board-2/receipt', '{"e":"a1","upto":9}')
    await receipt(9, undefined, 'b2')
    await publish(bridge, own('receipt'), 'not a receipt')
    await settled(board)
    expect(pubacks(board)).toEqual([])
    await receipt(1)
    await board.next('puback')
  })

  it('is acknowledged at once for what no receipt can ever cover', async () => {
    const board = await ward.device('board-1')
    for (const payload of ['not json', '{"m":{}}', '[]', '{"e":"a b","s":1}', '{"e":"a","s":0}', '{"e":"a","s":1.5}', '[null,3]']) await publish(board, own('tele'), payload)
    await publish(board, own('config/reported'), '{"version":1}')
  })

  it('is acknowledged at once for a message that the bridge lays aside whole: held for its receipt it would stop the board for ever', async () => {
    const board = await ward.device('board-1')
    await publish(board, own('event'), `[${sample(1)},${sample(2)}]`)
    await publish(board, own('backlog'), `[${Array.from({ length: 1_900 }, (_, i) => sample(i + 1)).join(',')}]`)
    expect(await ward.metric('vigil_broker_unreceipted_messages')).toBe('0')
  })

  it('is not acknowledged before its commit for an array in which one value is the nan of a printf: the bridge keeps the others', async () => {
    const board = await ward.device('board-1')
    board.send(publishPacket(own('backlog'), `[${sample(1)},{"e":"a1","s":2,"t":1772362800250,"m":{"pr":nan}}]`))
    await settled(board)
    expect(pubacks(board)).toEqual([])
    await receipt(2)
    await board.next('puback')
  })

  it('is cut when it goes on sending while nothing is committed', async () => {
    const board = await ward.device('board-1')
    for (let s = 1; s <= 6; s++) board.send(publishPacket(own('tele'), sample(s)))
    await board.untilClosed()
    expect(await ward.refused('unreceipted')).toBe(1)
    expect(await ward.metric('vigil_broker_unreceipted_messages')).toBe('0')
  })

  it('waits on, and stays connected, while the database is away; and sends again after a new connection', async () => {
    const board = await ward.device('board-1')
    board.send(publishPacket(own('tele'), sample(1)))
    for (let i = 0; i < 3; i++) await settled(board)
    board.close()
    const again = await ward.device('board-1')
    const packet = { ...publishPacket(own('tele'), sample(1)), dup: true }
    again.send(packet)
    await until('the bridge hears it twice', () => bridge.heard.filter(({ cmd }) => cmd === 'publish').length === 2)
    await receipt(1)
    expect((await again.next('puback')).messageId).toBe(packet.messageId)
  })
})

describe('what was said while nobody could store it', () => {
  it('is said again when a bridge comes, and acknowledged when it is committed', async () => {
    bridge.close()
    await until('the bridge is gone', async () => (await ward.metric('vigil_broker_clients{role="bridge"')) === '0')
    const board = await ward.device('board-1')
    for (const s of [1, 2]) board.send(publishPacket(own('tele'), sample(s)))
    await settled(board)
    bridge = await ward.service('bridge')
    await subscribe(bridge, 'vitals/1/+/+/tele')
    for (const s of [1, 2]) expect((await bridge.next('publish')).payload.toString()).toBe(sample(s))
    expect(pubacks(board)).toEqual([])
    await receipt(2)
    await until('both are acknowledged', () => pubacks(board).length === 2)
  })

  it('is said again after 15 s without a receipt, then less and less often, and not a second time once it is covered', () => {
    const clock = manualClock()
    const said: string[] = []
    let heard = true
    const acks = createCommittedAcks({ limits: defaultLimits, clock, isHeard: () => heard, sayAgain: (_topic, payload) => said.push(payload.toString()) })
    const session = { signedIn: { identity: { role: 'device' } }, onEnd: [], client: { conn: { destroyed: true } } } as unknown as Session
    for (const s of [1, 2]) expect(acks.decide(session, publishPacket(own('tele'), sample(s)))).toBe('later')
    clock.advance(14_000)
    expect(said).toEqual([])
    clock.advance(2_000)
    expect(said).toEqual([sample(1), sample(2)])
    acks.receipt(publishPacket(own('receipt'), '{"e":"a1","upto":1}'))
    clock.advance(31_000)
    expect(said.slice(2)).toEqual([sample(2)])
    heard = false
    clock.advance(600_000)
    expect(said).toHaveLength(3)
    acks.stop()
    expect(clock.pending()).toBe(0)
  })
})

describe('a board that knows receipts', () => {
  it('is acknowledged at once, because it keeps its samples itself', async () => {
    const board = await ward.device('board-1')
    await publish(board, own('state'), '{"st":"online","e":"a1","caps":{"receipts":true}}')
    await publish(board, own('tele'), sample(1))
    const other = await ward.device('board-2')
    await publish(other, 'vitals/1/main/board-2/state', '{"st":"online","caps":{"receipts":false}}')
    other.send(publishPacket('vitals/1/main/board-2/tele', sample(1)))
    await settled(other)
    expect(pubacks(other)).toEqual([])
  })
})
