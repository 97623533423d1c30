import { checkReceipt, parseTopic, type Receipt } from '@vigil/contract'
import { type Bridge, type Delivery, type Publisher, type Settlement, type Source, type SourceHandlers, startBridgeWith } from '@vigil/ingest-bridge'
import { silentLog } from '@vigil/program'
import { Registry } from 'prom-client'
import type { SimBroker, Subscriber } from './sim-broker.ts'
import type { SimDatabase } from './sim-database.ts'
import type { Chance } from './seeded.ts'
import type { Life, VirtualTime } from './virtual-time.ts'

export interface SimBridgeOptions {
  readonly id: string
  readonly broker: SimBroker
  readonly database: SimDatabase
  readonly time: VirtualTime
  readonly chance: Chance
  readonly limits: { readonly objects: number; readonly bytes: number; readonly ranges: number }
  readonly onReceipt: (device: string, receipt: Receipt) => void
}

/** The bridge's real durable lane, between a simulated broker and a simulated database. */
export class SimBridge {
  readonly life: Life = { alive: true }
  readonly source: SimSource
  readonly metrics = new Registry()
  readonly clock: ReturnType<VirtualTime['clockOf']>
  readonly #bridge: Bridge

  constructor(options: SimBridgeOptions) {
    const { id, database, time, chance, limits } = options
    this.clock = time.clockOf(this.life)
    this.source = new SimSource(options, this.life)
    this.#bridge = startBridgeWith({
      databaseUrl: 'simulated',
      connect: ({ onConnected }) => database.connect({ life: this.life, onConnected }),
      source: this.source,
      bridgeId: id,
      clock: this.clock,
      random: () => chance.next(),
      log: silentLog,
      metrics: this.metrics,
      limits,
    })
  }

  /** kill -9. */
  crash(): void {
    this.life.alive = false
    this.source.disconnected()
  }

  /** Objects in memory, as the bridge itself says. */
  waiting(): number {
    return Number(/^(\d+) objects/.exec(this.#bridge.health().find(({ name }) => name === 'room')?.detail ?? '')?.[1] ?? 0)
  }

  async figure(name: string): Promise<number> {
    const found = (await this.metrics.getMetricsAsJSON()).find((metric) => metric.name === `vigil_bridge_${name}`)
    return (found?.values ?? []).reduce((sum, { value }) => sum + value, 0)
  }
}

const RECONNECT_MS = 700

class SimSource implements Source, Publisher, Subscriber {
  readonly name = 'simulated'
  /** Messages turned away for lack of room. */
  released = 0
  readonly #options: SimBridgeOptions
  readonly #life: Life
  #handlers: SourceHandlers | undefined
  #connected = false

  constructor(options: SimBridgeOptions, life: Life) {
    this.#options = options
    this.#life = life
  }

  start(handlers: SourceHandlers): void {
    this.#handlers = handlers
    this.#connect()
  }

  deliver(topic: string, payload: Buffer): void {
    if (!this.#life.alive) return
    const delivery: Delivery = {
      source: this.name,
      topic,
      payload,
      receivedAt: this.#options.time.clockOf(this.#life).now(),
      settle: (outcome: Settlement) => {
        if (outcome === 'released') this.released++
      },
    }
    this.#handlers?.onDelivery(delivery)
  }

  disconnected(): void {
    this.#options.broker.unsubscribe(this)
    this.#connected = false
    this.#options.time.after(RECONNECT_MS, this.#life, () => this.#connect())
  }

  canPublish(): boolean {
    return this.#connected
  }

  publish(topic: string, payload: string | Buffer): boolean {
    if (!this.#connected || !this.#life.alive) return false
    const { database, broker, onReceipt } = this.#options
    const checked = checkReceipt(JSON.parse(String(payload)))
    const device = parseTopic(topic)?.device ?? ''
    if (checked.ok) onReceipt(device, checked.value)
    const said = checked.ok && database.mutant.rewindForgotten ? JSON.stringify({ ...checked.value, rewind: undefined }) : String(payload)
    broker.send(topic, said)
    return true
  }

  async ready(): Promise<void> {}
  facts(): { connected: boolean; detail: string } {
    return { connected: this.#connected, detail: 'simulated' }
  }
  roomAgain(): void {}
  async pause(): Promise<void> {
    this.#handlers = undefined
  }
  async stop(): Promise<void> {}

  #connect(): void {
    if (this.#connected || !this.#life.alive) return
    this.#connected = true
    this.#options.broker.subscribe(this)
  }
}
