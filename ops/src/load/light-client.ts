import { join } from 'node:path'
import type { Clock, Stop } from '@vigil/contract'
import { createSpool, mqttLink, openSqliteSpool, slowWave, type Spool } from '@vigil/edge-agent'
import type { Journal } from './journal.ts'
import { journaledStore } from './journaled-store.ts'
import type { LoadClient, Registered } from './load-client.ts'

export interface LightClientOptions {
  readonly registered: Registered
  readonly url: string
  readonly folder: string
  readonly journal: Journal
  readonly clock: Clock
  readonly random: () => number
  readonly index: number
}

const INTERVAL_MS = 1_000
const SPOOL_LIMIT_BYTES = 50 * 1024 * 1024

/** The agent's own spool and link without sensors: made-up values once a second. */
export function lightClient({ registered, url, folder, journal, clock, random, index }: LightClientOptions): LoadClient {
  const { device, site, secret } = registered
  // A killed process loses nothing by this; only a power cut could, and no test pulls the plug.
  const store = journaledStore(openSqliteSpool({ path: join(folder, `${device}.sqlite`), synchronous: 'normal', limitBytes: SPOOL_LIMIT_BYTES }), device, journal)
  const link = mqttLink({ address: { site, device }, url, secret, clock, random, epoch: store.epoch, log: () => {} })
  const spool: Spool = createSpool({
    store,
    clock,
    random,
    time: () => ({ t: clock.now() }),
    wallTimeAt: () => undefined,
    transport: { publish: (lane, payload, settled) => link.publish(lane, payload, { settled }) },
  })
  let stopProducing: Stop = () => {}
  const produce = (): void => void spool.record([{ kind: 'sample', time: { t: clock.now() }, fields: { m: values(index, clock.now() / 1_000) } }])

  return {
    device,
    async start() {
      link.start({
        birth: () => ({ st: 'online', e: store.epoch, upto: spool.status().upto, mode: 'test', fw: 'load', hw: 'light client', caps: { receipts: true, note: 'Load generator: made-up values' } }),
        online: () => spool.online(),
        offline: () => spool.offline(),
        receipt: (receipt) => spool.receipt(receipt),
        desiredConfig: () => {},
        command: () => {},
        unreadableCommand: () => {},
        alarmsAtCentre: () => {},
        serverTime: () => {},
      })
      // Boards are not in step.
      stopProducing = clock.after(INTERVAL_MS * random(), () => {
        produce()
        stopProducing = clock.every(INTERVAL_MS, produce)
      })
    },
    quiet: () => stopProducing(),
    async stop() {
      stopProducing()
      await link.stop()
      spool.close()
    },
    status: () => ({ link: link.status(), spool: spool.status() }),
  }
}

function values(index: number, tS: number): Record<string, number> {
  const swing = (height: number, offset: number): number => slowWave(index * 10 + offset, [{ height, periodS: 47 + index }], tS)
  return {
    pr: Number((60 + (index % 50) + swing(3, 1)).toFixed(1)),
    spo2: Number((96.5 + swing(1.5, 2)).toFixed(1)),
    pi: Number((2.5 + swing(0.6, 3)).toFixed(2)),
    temp: Number((36.8 + swing(0.2, 4)).toFixed(2)),
    rr: Number((15 + swing(2, 5)).toFixed(1)),
  }
}
