import { Writable } from 'node:stream'
import { setImmediate as endOfTurn } from 'node:timers/promises'
import { manualClock } from '@vigil/contract/testing/manual-clock'
import { expect, it } from 'vitest'
import { BytesOut } from '../src/protocol/bytes-out.ts'
import { publish, publishPacket, subscribe } from './support/raw-client.ts'
import { startTestBroker } from './support/test-broker.ts'
import { until } from './support/until.ts'

const FOR_MS = 8

/** A connection that keeps what is written, each write by itself. */
function setUp(gathers = true) {
  const clock = manualClock()
  const written: string[] = []
  const connection = new Writable({
    write(chunk: Buffer, _encoding, done) {
      written.push(chunk.toString())
      done()
    },
  })
  const out = new BytesOut(connection as never)
  if (gathers) out.gatherMessages(clock, FOR_MS)
  const message = (text: string) => out.pushMessage(Buffer.from(text))
  const answer = (text: string) => out.push(Buffer.from(text))
  return { clock, written, connection, out, message, answer }
}

it('a message on a link that was silent goes out at once, those that follow it together', async () => {
  const { clock, written, message } = setUp()
  message('a')
  message('b')
  await endOfTurn()
  expect(written).toEqual(['ab'])
  clock.advance(3)
  message('c')
  await endOfTurn()
  clock.advance(4)
  message('d')
  await endOfTurn()
  expect(written).toEqual(['ab'])
  clock.advance(1)
  expect(written).toEqual(['ab', 'cd'])
  clock.advance(FOR_MS)
  message('e')
  await endOfTurn()
  expect(written).toEqual(['ab', 'cd', 'e'])
})

it('an answer waits for nothing, and takes along what was gathered, in order and once', async () => {
  const { clock, written, out, message, answer } = setUp()
  message('a')
  await endOfTurn()
  message('b')
  answer('(ack)')
  message('c')
  await endOfTurn()
  expect(written).toEqual(['a', 'b(ack)c'])
  clock.advance(FOR_MS)
  expect(written).toEqual(['a', 'b(ack)c'])
  expect(out.bytes).toBe(0)
})

it('bytes that are gathered count as not read', async () => {
  const { out, message } = setUp()
  message('a')
  await endOfTurn()
  message('bcd')
  expect(out.bytes).toBe(3)
})

it('a connection that ends while messages are gathered hears no more of them', async () => {
  const { clock, written, connection, message } = setUp()
  message('a')
  await endOfTurn()
  message('b')
  connection.destroy()
  clock.advance(FOR_MS)
  expect(written).toEqual(['a'])
})

it('a board and the bridge wait for no other message', async () => {
  const { written, message } = setUp(false)
  for (const text of ['a', 'b']) {
    message(text)
    await endOfTurn()
  }
  expect(written).toEqual(['a', 'b'])
})

it('each message was written to the central station alone: now they go out together, and to the bridge at once', async () => {
  const clock = manualClock()
  const ward = await startTestBroker({ clock })
  const [central, bridge, board] = [await ward.service('central'), await ward.service('bridge'), await ward.device('board-1')]
  for (const service of [central, bridge]) await subscribe(service, 'vitals/1/+/+/tele')
  const say = async (text: string) => {
    const packet = publishPacket('vitals/1/main/board-1/tele', text, 0)
    board.send(packet)
    expect((await bridge.next('publish')).payload.toString()).toBe(text)
  }
  // The clock stands still, so whatever is gathered stays so.
  await say('first')
  await until('the first reaches the silent link', () => central.heard.some(({ cmd }) => cmd === 'publish'))
  await say('second')
  await say('third')
  await publish(board, 'vitals/1/main/board-1/state', '{}')
  expect(central.heard.filter(({ cmd }) => cmd === 'publish')).toHaveLength(1)
  clock.advance(FOR_MS)
  await until('the others reach it', () => central.heard.filter(({ cmd }) => cmd === 'publish').length === 3)
  await ward.stop()
})
