import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { until } from '@vigil/ops/testing'
import { silentLog, systemClock } from '@vigil/program'
import { type PathWatch, watchPath } from '../../src/alarms/paths/path-watch.ts'
import { sendCanary } from '../../src/live/canary-link.ts'
import { connectMqtt } from '../../src/live/mqtt-link.ts'
import { startBroker, type TestBroker } from '../support/broker.ts'

/** A broker that has not read its registry yet, or has just been given new passwords, refuses for a moment who belongs in. */
describe('a link that the broker turned away at its first try', () => {
  let broker: TestBroker
  beforeEach(async () => {
    broker = await startBroker()
    broker.turnsAway = 2
  })
  afterEach(() => broker.stop())

  it('is the canary: it comes back and sings, for else nobody would watch the path from then on', async () => {
    const path: PathWatch = watchPath({ clock: systemClock, canary: () => true, storing: () => false, wasUp: false })
    const canary = sendCanary({ url: broker.url, ca: undefined, pepper: Buffer.alloc(32), path, clock: systemClock, log: silentLog })
    expect(canary.known()).toBe(false)
    await until('it is let in', 20_000, () => canary.known() || undefined)
    await canary.stop()
  }, 30_000)

  it('is the live lane: it comes back and listens', async () => {
    const link = connectMqtt({ url: broker.url, clientId: 'central', username: 'central', password: 'x', clock: systemClock, random: () => 0.5, log: silentLog, onMessage: () => undefined })
    await until('it is let in', 20_000, () => link.connected() || undefined)
    await link.stop()
  }, 30_000)
})
