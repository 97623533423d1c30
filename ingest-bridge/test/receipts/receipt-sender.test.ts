import type { Receipt } from '@vigil/contract'
import { manualClock } from '@vigil/contract/testing/manual-clock'
import { describe, expect, it } from 'vitest'
import { createReceiptSender } from '../../src/receipts/receipt-sender.ts'

const bed = (device: string) => ({ site: 'main', device })

function setUp() {
  const clock = manualClock()
  const sent: { at: number; topic: string; receipt: Receipt }[] = []
  const wire = { open: true }
  const sender = createReceiptSender({
    clock,
    publisher: {
      canPublish: () => wire.open,
      publish(topic, payload) {
        sent.push({ at: clock.monotonic(), topic, receipt: JSON.parse(String(payload)) as Receipt })
        return true
      },
    },
    onSent: () => {},
  })
  const offer = (device: string, upto: number, epoch = 'a1') => sender.offer({ address: bed(device), epoch, covered: [[1, upto]], touched: [upto] })
  return { clock, sent, wire, sender, offer }
}

describe('receipts', () => {
  it('go out at once when a device has been quiet', () => {
    const { offer, sent } = setUp()
    offer('bed-1', 1)
    expect(sent).toEqual([{ at: 0, topic: 'vitals/1/main/bed-1/receipt', receipt: { e: 'a1', upto: 1 } }])
  })

  it('are at most four a second to one device, each with the newest state', () => {
    const { offer, sent, clock } = setUp()
    for (let upto = 1; upto <= 2_000; upto++) {
      offer('bed-1', upto)
      clock.advance(1)
    }
    clock.advance(1_000)
    expect(sent.map(({ at }) => at)).toEqual([0, 250, 500, 750, 1_000, 1_250, 1_500, 1_750, 2_000])
    expect(sent.at(-1)?.receipt).toEqual({ e: 'a1', upto: 2_000 })
    expect(clock.pending()).toBe(0)
  })

  it('go out before their time when half of what a device may have on the way is committed: a backlog would stand still otherwise', () => {
    const { sender, sent, clock } = setUp()
    const batch = (from: number, to: number) => sender.offer({ address: bed('bed-1'), epoch: 'a1', covered: [[1, to]], touched: Array.from({ length: to - from + 1 }, (_, i) => from + i) })
    batch(1, 200)
    batch(201, 400)
    expect(sent.map(({ receipt }) => receipt.upto)).toEqual([200])
    batch(401, 500)
    expect(sent.map(({ receipt }) => receipt.upto)).toEqual([200, 500])
    batch(501, 800)
    expect(sent.map(({ receipt }) => receipt.upto)).toEqual([200, 500, 800])
    clock.advance(1_000)
    expect(sent).toHaveLength(3)
    expect(clock.pending()).toBe(0)
  })

  it('of a device that says one thing a second leave no timer behind: five hundred of them woke the bridge as often, to do nothing', () => {
    const { offer, sent, sender, clock } = setUp()
    for (let second = 1; second <= 20; second++) {
      for (let bed = 1; bed <= 500; bed++) {
        offer(`bed-${bed}`, second)
        clock.advance(2)
      }
      expect(clock.pending()).toBe(0)
      // Those of the last quarter of a second, and who is not looked at yet.
      expect(sender.paced).toBeLessThanOrEqual(260)
    }
    expect(sent).toHaveLength(20 * 500)
  })

  it('keep to their pace for a device among many that come and go', () => {
    const { offer, sent, sender, clock } = setUp()
    for (let i = 0; i < 1_000; i++) {
      offer('bed-1', i + 1)
      offer(`guest-${i}`, 1)
      clock.advance(5)
    }
    clock.advance(250)
    const own = sent.filter(({ topic }) => topic.includes('/bed-1/')).map(({ at }) => at)
    expect(own).toEqual(own.map((_, i) => i * 250))
    expect(sent.filter(({ topic }) => topic.includes('/bed-1/')).at(-1)?.receipt.upto).toBe(1_000)
    expect(sender.waiting).toBe(0)
  })

  it('of one device do not hold up another', () => {
    const { offer, sent } = setUp()
    offer('bed-1', 1)
    offer('bed-1', 2)
    offer('bed-2', 1)
    expect(sent.map(({ topic }) => topic)).toEqual(['vitals/1/main/bed-1/receipt', 'vitals/1/main/bed-2/receipt'])
  })

  it('of two epochs take turns', () => {
    const { offer, sent, clock } = setUp()
    offer('bed-1', 1)
    offer('bed-1', 7, 'b2')
    offer('bed-1', 2)
    clock.advance(600)
    expect(sent.map(({ at, receipt }) => [at, receipt.e, receipt.upto])).toEqual([[0, 'a1', 1], [250, 'b2', 7], [500, 'a1', 2]])
  })

  it('wait for the broker to come back, joined into one', () => {
    const { offer, sent, wire, clock, sender } = setUp()
    wire.open = false
    for (let upto = 1; upto <= 100; upto++) offer('bed-1', upto)
    clock.advance(60_000)
    expect(sent).toEqual([])
    expect(sender.waiting).toBe(1)
    wire.open = true
    clock.advance(250)
    expect(sent.map(({ receipt }) => receipt)).toEqual([{ e: 'a1', upto: 100 }])
    expect(sender.waiting).toBe(0)
  })

  it('never take back what a commit has told when an older answer comes late', () => {
    const { offer, sent, sender, clock } = setUp()
    offer('bed-1', 1)
    offer('bed-1', 5)
    sender.offer({ address: bed('bed-1'), epoch: 'a1', covered: [[1, 3]], touched: [], mayBeOld: true })
    clock.advance(250)
    expect(sent.at(-1)?.receipt).toEqual({ e: 'a1', upto: 5 })
  })

  it('ask for a rewind once, from the first number missing', () => {
    const { sent, sender, clock } = setUp()
    for (const rewind of [640, 600]) sender.offer({ address: bed('bed-1'), epoch: 'a1', covered: [[1, 599]], touched: [], rewind })
    sender.offer({ address: bed('bed-1'), epoch: 'a1', covered: [[1, 599], [700, 700]], touched: [700] })
    clock.advance(1_000)
    expect(sent.map(({ receipt }) => receipt.rewind)).toEqual([640, 600])
    expect(sent.at(-1)?.receipt.have).toEqual([[700, 700]])
  })

  it('are sent whatever the pace when the program stops', () => {
    const { offer, sent, sender, clock } = setUp()
    offer('bed-1', 1)
    offer('bed-1', 2)
    sender.flush()
    expect(sent.map(({ receipt }) => receipt.upto)).toEqual([1, 2])
    expect(clock.pending()).toBe(0)
  })
})
