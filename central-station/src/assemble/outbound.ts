import { Counter, Gauge } from 'prom-client'
import { restHookChannel } from '../fhir/subscriptions/rest-hook-channel.ts'
import { FHIR_TARGET } from '../fhir/subscriptions/subscription-store-pg.ts'
import { type AddressGuard, createAddressGuard } from '../outbound/address-guard.ts'
import { compose } from '../outbound/compose.ts'
import { startDeliverer } from '../outbound/deliverer.ts'
import { hl7Channel } from '../outbound/hl7-channel.ts'
import { startObservationsOut } from '../outbound/observations-out.ts'
import type { Channel, OutboundStore } from '../outbound/outbound.ts'
import { createOutboundStore } from '../outbound/outbound-store-pg.ts'
import { createSeal, type Seal } from '@vigil/program'
import { createTargetStore } from '../outbound/target-store-pg.ts'
import { createTargets, type Targets, type TargetStore } from '../outbound/targets.ts'
import { webhookChannel } from '../outbound/webhook-channel.ts'
import type { Foundation } from './foundation.ts'
import type { LiveParts } from './live.ts'

export interface OutboundParts {
  /** What others that send need: FHIR's subscriptions go by the same line. */
  readonly line: OutboundStore
  readonly targetStore: TargetStore
  readonly guard: AddressGuard
  readonly seal: Seal
  readonly hint: () => void
  readonly targets: Targets
  stop(): Promise<void>
}

/** What goes out by itself: webhooks and HL7 receivers, through one durable line. */
export function assembleOutbound({ database, registry, secrets, metrics, clock, log }: Foundation, { hub }: LiveParts, allow: readonly string[]): OutboundParts {
  const { health } = database
  const store = createOutboundStore(database)
  const guard = createAddressGuard(allow)
  const seal = createSeal(secrets.pepper, 'outbound')
  const channels: Readonly<Record<string, Channel>> = {
    webhook: webhookChannel({ guard, seal, clock }),
    [FHIR_TARGET]: restHookChannel({ guard, seal, clock }),
    hl7: hl7Channel({ guard, clock, onStatus: (targetId, about, status) => store.status(targetId, about, status, clock.now()) }),
  }
  const deliveries = new Counter({ name: 'vigil_outbound_deliveries_total', help: 'Tries to deliver, by kind of target and outcome', labelNames: ['kind', 'outcome'], registers: [metrics] })
  let waiting = 0
  const figure: Gauge = new Gauge({ name: 'vigil_outbound_waiting', help: 'Deliveries that wait for their target', registers: [metrics], collect: () => figure.set(waiting) })
  const countWaiting = () => void (health.state() === 'ok' && store.waiting().then((n) => (waiting = n), () => undefined))
  const deliverer = startDeliverer({ store, compose, channels, health, clock, random: Math.random, log, count: (kind, outcome) => deliveries.inc({ kind, outcome }) })
  const stops = [startObservationsOut({ store, registry, hub, clock, log, onPut: deliverer.hint }), clock.every(10_000, countWaiting)]
  const targetStore = createTargetStore(database)
  return {
    line: store,
    targetStore,
    guard,
    seal,
    hint: deliverer.hint,
    targets: createTargets({ store: targetStore, line: store, guard, seal, channels, clock, hint: deliverer.hint }),
    async stop() {
      for (const stop of stops) stop()
      await deliverer.stop()
    },
  }
}
