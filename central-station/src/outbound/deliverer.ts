import { randomUUID } from 'node:crypto'
import { type Clock, isAppError, type Stop } from '@vigil/contract'
import type { Log } from '@vigil/program'
import type { DurableHealth } from '../durable-health.ts'
import type { Channel, Compose, Delivery, OutboundStore, Settled, Target } from './outbound.ts'
import type { Outcome } from './outcome.ts'
import { awayDelayMs, RETRY_MS } from './retry-ladder.ts'

export interface DelivererOptions {
  readonly store: OutboundStore
  readonly compose: Compose
  /** By kind of target. */
  readonly channels: Readonly<Record<string, Channel>>
  readonly health: DurableHealth
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
  readonly count: (kind: string, outcome: Outcome['kind'] | 'given_up') => void
}

export interface Deliverer {
  /** Something may be due: looks at once instead of at the next second. */
  hint(this: void): void
  stop(): Promise<void>
}

const LOOK_EVERY_MS = 1_000
const TIDY_EVERY_MS = 10 * 60_000
const LEASE_MS = 60_000
const AT_ONCE = 20
const DAY_MS = 86_400_000
const KEEP = { waitingMs: 3 * DAY_MS, deliveredMs: 7 * DAY_MS, deadMs: 90 * DAY_MS }

/**
 * Sends what waits in the lines, each target by itself and in its order. One that cannot be reached holds up its own line alone;
 * one message that is not taken holds up nothing.
 */
export function startDeliverer(options: DelivererOptions): Deliverer {
  const lines = new Lines(options)
  const stops: Stop[] = [options.clock.every(LOOK_EVERY_MS, () => void lines.look()), options.clock.every(TIDY_EVERY_MS, () => void lines.tidy())]
  return {
    hint: () => void lines.look(),
    async stop() {
      for (const stop of stops) stop()
      await lines.stop()
    },
  }
}

class Lines {
  readonly #options: DelivererOptions
  readonly #holder = randomUUID()
  readonly #serving = new Map<string, Promise<void>>()
  #looking: Promise<void> | undefined
  #again = false
  #stopped = false
  #lastFault = ''

  constructor(options: DelivererOptions) {
    this.#options = options
  }

  async look(): Promise<void> {
    if (this.#stopped || this.#options.health.state() === 'away') return
    if (this.#looking) return void (this.#again = true)
    this.#looking = this.#lookOnce().catch((error: unknown) => this.#fault(error))
    await this.#looking
    this.#looking = undefined
    if (!this.#again) return
    this.#again = false
    await this.look()
  }

  async tidy(): Promise<void> {
    const { store, health, clock, count } = this.#options
    if (health.state() === 'away') return
    const now = clock.now()
    try {
      const { givenUp } = await store.tidy({ waitingBeforeMs: now - KEEP.waitingMs, deliveredBeforeMs: now - KEEP.deliveredMs, deadBeforeMs: now - KEEP.deadMs }, now)
      for (let i = 0; i < givenUp; i++) count('any', 'given_up')
    } catch (error) {
      this.#fault(error)
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true
    for (const channel of Object.values(this.#options.channels)) channel.stop?.()
    await this.#looking
    await Promise.all(this.#serving.values())
  }

  async #lookOnce(): Promise<void> {
    const { store, compose, clock } = this.#options
    const now = clock.now()
    await store.layOut(compose, now)
    for (const target of await store.lease(this.#holder, now, now + LEASE_MS)) {
      if (this.#serving.has(target.id)) continue
      const work = this.#serve(target).catch((error: unknown) => this.#fault(error)).finally(() => this.#serving.delete(target.id))
      this.#serving.set(target.id, work)
    }
    this.#lastFault = ''
  }

  async #serve(target: Target): Promise<void> {
    const { store, clock } = this.#options
    const untilMs = clock.now() + LEASE_MS / 2
    const isOver = () => this.#stopped || clock.now() >= untilMs
    try {
      while (!isOver()) {
        const due = await store.due(target.id, clock.now(), AT_ONCE)
        if (due.length === 0) return
        for (const delivery of due) if (isOver() || !(await this.#deliver(target, delivery))) return
      }
    } finally {
      await store.release(target.id, this.#holder).catch(() => undefined)
    }
  }

  /** False when the target cannot be reached: the rest of its line waits. */
  async #deliver(target: Target, delivery: Delivery): Promise<boolean> {
    const { store, channels, clock, random, log, count } = this.#options
    const outcome = (await channels[target.kind]?.send(target, delivery)) ?? { kind: 'never', why: `nothing here speaks ${target.kind}` }
    const now = clock.now()
    if (outcome.kind === 'away') {
      count(target.kind, 'away')
      if (target.awayTries === 0) log.warn({ target: target.name, why: outcome.why }, 'outbound.away')
      await store.away(target.id, outcome.why, now + awayDelayMs(target.awayTries, random), now)
      return false
    }
    const settled = settledBy(outcome, delivery.tries, now)
    count(target.kind, settled.state === 'dead' && outcome.kind === 'later' ? 'given_up' : outcome.kind)
    if (settled.state === 'dead') log.warn({ target: target.name, delivery: delivery.no, event: delivery.event, why: settled.why }, 'outbound.dead')
    await store.settle(target.id, delivery.no, settled, now)
    return true
  }

  #fault(error: unknown): void {
    const why = isAppError(error) ? error.code : String(error)
    if (why !== this.#lastFault && why !== 'DATABASE_AWAY') this.#options.log.warn({ err: error }, 'outbound.fault')
    this.#lastFault = why
  }
}

function settledBy(outcome: Exclude<Outcome, { kind: 'away' }>, tries: number, now: number): Settled {
  if (outcome.kind === 'delivered') return { state: 'delivered' }
  const delayMs = outcome.kind === 'later' ? RETRY_MS[tries] : undefined
  return delayMs === undefined ? { state: 'dead', why: outcome.why } : { state: 'waiting', why: outcome.why, nextAtMs: now + delayMs }
}
