import { type Clock, type Stop, topicOf } from '@vigil/contract'
import type { Connection, Database } from '../store/connection.ts'
import type { Delivery, Settlement, Source, SourceHandlers } from './source.ts'

export interface DoorSourceOptions {
  readonly database: Database
  readonly clock: Clock
  readonly onFailure: (error: unknown) => void
}

interface InboxRow {
  readonly id: string
  readonly site: string
  readonly device: string
  readonly received_ms: number
  readonly objects: readonly { readonly t: number }[]
}

const LOOK_EVERY_MS = 500
const MOST_ROWS = 200
/** What was measured longer ago than this fills history and is not said to be live. */
const LIVE_WITHIN_MS = 60_000

/**
 * What doors of the central station have committed, on its way into the durable lane. A row goes when all of it is stored; every object has its number,
 * so that two bridges, or one that was killed in between, store it once.
 */
export class DoorSource implements Source {
  readonly name = 'doors'
  readonly #options: DoorSourceOptions
  /** Rows under way, with the objects of each that are not settled. */
  readonly #open = new Map<string, number>()
  readonly #first = Promise.withResolvers<void>()
  #handlers: SourceHandlers | undefined
  #onData: (delivery: Delivery) => void = () => undefined
  #stopLooking: Stop = () => undefined
  #done: string[] = []
  #looking: Promise<void> | undefined
  #connected = false

  constructor(options: DoorSourceOptions) {
    this.#options = options
  }

  onData(listener: (delivery: Delivery) => void): void {
    this.#onData = listener
  }

  start(handlers: SourceHandlers): void {
    this.#handlers = handlers
    const look = () => {
      this.#looking ??= this.#look().finally(() => {
        this.#looking = undefined
      })
    }
    this.#stopLooking = this.#options.clock.every(LOOK_EVERY_MS, look)
    look()
    // A database that is away must not keep the bridge from being ready: the broker's data wait for it as well.
    this.#first.resolve()
  }

  ready(): Promise<void> {
    return this.#first.promise
  }

  facts(): { connected: boolean; detail: string } {
    return { connected: true, detail: this.#connected ? `${this.#open.size} rows under way` : 'the database has not answered yet' }
  }

  roomAgain(): void {
    // What was released is not open any more, and is found at the next look.
  }

  async pause(): Promise<void> {
    this.#handlers = undefined
    this.#stopLooking()
    await this.#looking
  }

  async stop(): Promise<void> {
    await this.#options.database.use((connection) => this.#clear(connection)).catch(() => undefined)
    await this.#options.database.close()
  }

  async #look(): Promise<void> {
    try {
      const rows = await this.#options.database.use(async (connection) => {
        await this.#clear(connection)
        return connection.query<InboxRow>({
          name: 'door-inbox',
          text: `select i.id::text, d.site, d.id as device, extract(epoch from i.received_at)::float8 * 1000 as received_ms, i.objects
                 from door_inbox i join device d on d.no = i.device_no where i.id <> all($1::int8[]) order by i.id limit ${MOST_ROWS}`,
          values: [[...this.#open.keys()]],
        })
      })
      this.#connected = true
      for (const row of rows) this.#deliver(row)
    } catch (error) {
      this.#options.onFailure(error)
    }
  }

  async #clear(connection: Connection): Promise<void> {
    if (this.#done.length === 0) return
    const ids = this.#done
    await connection.query({ name: 'door-done', text: 'delete from door_inbox where id = any($1::int8[])', values: [ids] })
    this.#done = this.#done.slice(ids.length)
    for (const id of ids) this.#open.delete(id)
  }

  #deliver({ id, site, device, received_ms, objects }: InboxRow): void {
    const receivedAt = Math.round(received_ms)
    const newest = objects.at(-1)
    const isLive = newest !== undefined && receivedAt - newest.t < LIVE_WITHIN_MS
    const older = isLive ? objects.slice(0, -1) : objects
    const parts = [...(older.length > 0 ? [['backlog', older] as const] : []), ...(isLive ? [['tele', newest] as const] : [])]
    let left = parts.length
    let released = false
    const settle = (outcome: Settlement): void => {
      released ||= outcome === 'released'
      if (--left > 0) return
      if (released) this.#open.delete(id)
      else this.#done.push(id)
    }
    this.#open.set(id, left)
    if (left === 0) this.#done.push(id)
    for (const [channel, body] of parts) {
      const delivery: Delivery = { source: 'doors', topic: topicOf({ site, device }, channel), payload: Buffer.from(JSON.stringify(body)), receivedAt, settle }
      this.#onData(delivery)
      this.#handlers?.onDelivery(delivery)
    }
  }
}
