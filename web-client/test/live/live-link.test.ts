// @vitest-environment node
import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import type { LiveFrame } from '@vigil/contract/api/live'
import { manualClock } from '@vigil/contract/testing/manual-clock'
import { LiveLink, type LinkPhase } from '../../src/live/live-link.ts'
import { retryDelayMs } from '../../src/live/retry-delay.ts'
import type { SocketHandlers } from '../../src/live/socket.ts'

function linked() {
  const clock = manualClock()
  const sockets: { handlers: SocketHandlers; sent: string[]; closed: boolean }[] = []
  const phases: LinkPhase[] = []
  const frames: LiveFrame[] = []
  let lost = 0
  const link = new LiveLink({
    clock, random: () => 1,
    openSocket: (handlers) => {
      const socket = { handlers, sent: [] as string[], closed: false }
      sockets.push(socket)
      return { send: (text) => socket.sent.push(text), close: () => (socket.closed = true) }
    },
    onFrame: (frame) => frames.push(frame), onBytes: () => undefined, onPhase: (phase) => phases.push(phase), onLost: () => lost++,
  })
  link.start()
  const newest = () => sockets[sockets.length - 1] as (typeof sockets)[number]
  return { clock, link, sockets, phases, frames, newest, lost: () => lost }
}
const heartbeat = JSON.stringify({ type: 'heartbeat', serverTimeMs: 1, durable: 'ok' })

describe('the live connection', () => {
  it('asks again for what is watched after every reconnect', () => {
    const { link, newest, clock } = linked()
    link.keep({ type: 'watch', wards: ['ward-3'] })
    newest().handlers.onOpen()
    newest().handlers.onClose()
    clock.advance(60_000)
    newest().handlers.onOpen()
    expect(newest().sent).toEqual(['{"type":"watch","wards":["ward-3"]}'])
  })

  it('gives up a connection that is open but silent, because a half-open one says nothing for minutes', () => {
    const { newest, clock, sockets, phases } = linked()
    newest().handlers.onOpen()
    newest().handlers.onText(heartbeat)
    clock.advance(9_999)
    expect(phases.at(-1)).toBe('open')
    clock.advance(1)
    expect(sockets[0]?.closed).toBe(true)
    expect(phases.at(-1)).toBe('waiting')
  })

  it('stays while something comes', () => {
    const { newest, clock, sockets } = linked()
    newest().handlers.onOpen()
    for (let i = 0; i < 30; i++) {
      clock.advance(2_000)
      newest().handlers.onText(heartbeat)
    }
    expect(sockets).toHaveLength(1)
  })

  it('waits longer and longer, and begins anew after a frame', () => {
    const { newest, clock, sockets } = linked()
    const waits: number[] = []
    for (let i = 0; i < 4; i++) {
      newest().handlers.onClose()
      const before = sockets.length
      let waited = 0
      while (sockets.length === before) {
        clock.advance(100)
        waited += 100
      }
      waits.push(waited)
    }
    expect(waits).toEqual([500, 1_000, 2_000, 4_000])
    newest().handlers.onOpen()
    newest().handlers.onText(heartbeat)
    newest().handlers.onClose()
    const before = sockets.length
    clock.advance(500)
    expect(sockets).toHaveLength(before + 1)
  })

  it('does not listen to a connection it gave up', () => {
    const { newest, clock, sockets, frames } = linked()
    newest().handlers.onOpen()
    newest().handlers.onText(heartbeat)
    clock.advance(20_000)
    sockets[0]?.handlers.onText(heartbeat)
    expect(frames).toHaveLength(1)
  })

  it('tells each loss once, so that the session can be asked about', () => {
    const { newest, lost } = linked()
    newest().handlers.onClose()
    newest().handlers.onClose()
    expect(lost()).toBe(1)
  })

  it('leaves out text that is no frame and goes on', () => {
    const { newest, frames, phases } = linked()
    newest().handlers.onOpen()
    for (const text of ['', 'null', '[', '42', '"x"', '{}']) newest().handlers.onText(text)
    newest().handlers.onText(heartbeat)
    expect(frames).toHaveLength(1)
    expect(phases.at(-1)).toBe('open')
  })

  it('leaves nothing running once stopped', () => {
    const { link, newest, clock } = linked()
    newest().handlers.onOpen()
    link.stop()
    expect(clock.pending()).toBe(0)
    expect(newest().closed).toBe(true)
  })

  it('spreads returns of many screens: every wait is within its doubling ceiling and below ten seconds', () => {
    fc.assert(fc.property(fc.nat(60), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (attempt, r) => {
      const ms = retryDelayMs(attempt, () => r)
      expect(ms).toBeGreaterThanOrEqual(100)
      expect(ms).toBeLessThanOrEqual(Math.min(10_000, 500 * 2 ** Math.min(attempt, 10)))
    }), { seed: 7 })
  })
})
