import { expect, it } from 'vitest'
import { checkTimeBeacon, timeTopic } from '@vigil/contract'
import { manualClock } from '@vigil/contract/testing/manual-clock'
import type { BrokerLink } from '../../src/live/broker-link.ts'
import { startTimeBeacon } from '../../src/live/time-beacon.ts'
import { deviceFact, memoryRegistry } from '../support/world.ts'

it('tells the boards of every site what time it is, every ten seconds while there is a broker', () => {
  const clock = manualClock()
  const sent: [string, unknown][] = []
  let connected = true
  const link: BrokerLink = {
    connected: () => connected,
    publish: async (topic, payload) => void sent.push([topic, JSON.parse(payload)]),
    onConnect: () => () => undefined,
    stop: async () => undefined,
  }
  const stop = startTimeBeacon({ registry: memoryRegistry({ wards: [], stays: [], devices: [deviceFact('a'), deviceFact('b', { site: 'home' })] }), link, clock })
  clock.advance(10_000)
  expect(sent).toEqual([[timeTopic('main'), { t: clock.now() }], [timeTopic('home'), { t: clock.now() }]])
  expect(checkTimeBeacon(sent[0]?.[1])).toMatchObject({ ok: true })
  connected = false
  clock.advance(20_000)
  expect(sent).toHaveLength(2)
  stop()
  expect(clock.pending()).toBe(0)
})
