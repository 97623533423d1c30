import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import type { Clock } from '@vigil/contract'
import { assertSafeBind, listen, type HealthFact, type Log } from '@vigil/program'
import type { Registry } from 'prom-client'
import { createConsumerSignIn } from './consumer-sign-in.ts'
import { ConsumerConnection } from './consumer-connection.ts'
import type { ConsumerKeys } from './consumer-keys.ts'
import { createFeedStore } from './feed-pg.ts'
import { type Consumer, GroupKeeper } from './group-keeper.ts'
import { createSubscriptionMetrics } from './subscription-metrics.ts'

export interface SubscriptionOptions {
  readonly databaseUrl: string
  readonly port: number
  readonly bind: string
  /** PEM; without it only loopback is listened on. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined
  readonly keys: ConsumerKeys
  /** How long messages are kept for a group that does not come. */
  readonly keptMs: number
  readonly bridgeId: string
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
  readonly metrics: Registry
}

export interface Subscription {
  readonly port: number
  /** Something was committed: consumers hear of it at once. */
  hint(): void
  health(): HealthFact
  stop(): Promise<void>
}

/** As Alibaba Cloud IoT: up to 64 consumers of one group. */
const CONSUMERS_PER_GROUP = 64
const MOST_GROUPS = 64
const MOST_CONNECTIONS = 512
/** Connections that have not signed in; the oldest gives way to a new one. */
const MOST_STRANGERS = 32
const PRUNE_EVERY_MS = 60_000
/** How long a stop waits for a database that does not answer. */
const FINISH_WITHIN_MS = 2_000

/**
 * AMQP 1.0 server-side subscription: consumers connect here, sign in, open one receiving link, and get what was committed since
 * their group was last here; at least once, shared by the consumers of a group.
 */
export async function startSubscription(options: SubscriptionOptions): Promise<Subscription> {
  const { bind, tls, port } = options
  assertSafeBind({ bind, tls: tls !== undefined, signIn: true, what: 'The AMQP server of the bridge' })
  const server: Server = tls ? createTlsServer({ ...tls, minVersion: 'TLSv1.2', noDelay: true, handshakeTimeout: 5_000 }) : createServer({ noDelay: true })
  server.maxConnections = MOST_CONNECTIONS
  const listening = await listen(server, port, bind, 'VIGIL_AMQP_PORT')
  const desk = new Desk(options)
  server.on(tls ? 'secureConnection' : 'connection', (socket: Socket) => desk.welcome(socket))
  return {
    port: listening,
    hint: () => desk.hint(),
    health: () => ({ name: 'subscription', ok: true, detail: `${desk.consumers} consumers in ${desk.groups} groups` }),
    async stop() {
      const closed = new Promise<void>((resolve) => void server.close(() => resolve()))
      await desk.stop()
      await closed
    },
  }
}

class Desk {
  readonly #options: SubscriptionOptions
  readonly #connections = new Set<ConsumerConnection>()
  readonly #strangers = new Set<ConsumerConnection>()
  readonly #keepers = new Map<string, GroupKeeper>()
  readonly #store
  readonly #signIn
  readonly #metrics
  readonly #stopPruning
  #made = 0

  constructor(options: SubscriptionOptions) {
    this.#options = options
    const { databaseUrl: url, keptMs, keys, clock, metrics } = options
    this.#store = createFeedStore({ url, keptMs })
    this.#signIn = createConsumerSignIn({ url, keys, clock })
    this.#metrics = createSubscriptionMetrics(metrics, { consumers: () => this.consumers, messages: () => [...this.#keepers.values()].reduce((sum, keeper) => sum + keeper.messages, 0) })
    this.#stopPruning = clock.every(PRUNE_EVERY_MS, () => void this.#prune())
  }

  get consumers(): number {
    return [...this.#keepers.values()].reduce((sum, keeper) => sum + keeper.consumers, 0)
  }

  get groups(): number {
    return [...this.#keepers.values()].filter((keeper) => keeper.consumers > 0).length
  }

  hint(): void {
    for (const keeper of this.#keepers.values()) keeper.hint()
  }

  welcome(socket: Socket): void {
    const { bridgeId, clock, log } = this.#options
    if (this.#strangers.size >= MOST_STRANGERS) [...this.#strangers][0]?.end('too many that have not signed in')
    const connection: ConsumerConnection = new ConsumerConnection({
      socket,
      containerId: `${bridgeId}-${++this.#made}`,
      signIn: this.#signIn,
      clock,
      log,
      onSignedIn: () => this.#strangers.delete(connection),
      onJoin: (group, consumer) => this.#join(group, consumer),
      onLeave: (group, consumer) => this.#keepers.get(group)?.leave(consumer),
      onWants: (group) => this.#keepers.get(group)?.pump(),
      onEnd: (why) => {
        this.#strangers.delete(connection)
        this.#connections.delete(connection)
        this.#metrics.ended.inc()
        log.info({ group: connection.group, why }, 'bridge.consumer_gone')
      },
    })
    this.#strangers.add(connection)
    this.#connections.add(connection)
  }

  async stop(): Promise<void> {
    this.#stopPruning()
    const giveUp = this.#options.clock.after(FINISH_WITHIN_MS, () => {
      this.#store.abort()
      this.#signIn.abort()
    })
    for (const connection of this.#connections) connection.close('the bridge is stopping')
    await Promise.all([...this.#keepers.values()].map((keeper) => keeper.stop()))
    for (const connection of this.#connections) connection.end('the bridge is stopping')
    await Promise.all([this.#store.close(), this.#signIn.close()])
    giveUp()
  }

  #join(group: string, consumer: Consumer): string | undefined {
    const { clock, random, log } = this.#options
    const known = this.#keepers.get(group)
    if (known && known.consumers >= CONSUMERS_PER_GROUP) return `${CONSUMERS_PER_GROUP} consumers of the group are connected already`
    if (!known && this.#keepers.size >= MOST_GROUPS) return `${MOST_GROUPS} groups are served already`
    const keeper =
      known ??
      new GroupKeeper({
        group,
        store: this.#store,
        clock,
        random,
        log,
        onOffered: () => this.#metrics.offered.inc(),
        onOutcome: (outcome) => this.#metrics.outcomes.labels(outcome).inc(),
      })
    this.#keepers.set(group, keeper)
    keeper.join(consumer)
    return undefined
  }

  async #prune(): Promise<void> {
    const { log } = this.#options
    try {
      for (const { id, messages } of await this.#store.prune()) {
        this.#metrics.missed.inc(messages)
        log.warn({ group: id, messages }, 'bridge.group_missed')
      }
    } catch (error) {
      log.debug({ why: error instanceof Error ? error.message : 'unknown failure' }, 'bridge.prune_failed')
    }
  }
}
