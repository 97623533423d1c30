import { type Clock, type Stop, TIME_BEACON_EVERY_MS, timeTopic } from '@vigil/contract'
import type { Registry } from '../registry/registry.ts'
import type { BrokerLink } from './broker-link.ts'

/** Tells every site the time, so that boards without a clock can order and stamp their data. */
export function startTimeBeacon({ registry, link, clock }: { registry: Registry; link: BrokerLink; clock: Clock }): Stop {
  const tell = () => {
    if (!link.connected()) return
    for (const site of registry.now().sites) {
      // Another follows in ten seconds: one that is lost needs no word.
      link.publish(timeTopic(site), JSON.stringify({ t: clock.now() }), { qos: 0 }).catch(() => undefined)
    }
  }
  const stops = [clock.every(TIME_BEACON_EVERY_MS, tell), link.onConnect(tell)]
  return () => stops.forEach((stop) => stop())
}
