import pg from 'pg'
import { AppError } from '@vigil/contract'

const LIMIT_MS = 2_000
/**
 * A lock lives as long as its connection. A machine that is cut off or without power sends no goodbye: the server asks after 5 s
 * of silence, three times, and then takes the lock back; what it sent without an answer counts as lost after 10 s.
 */
const SERVER_ASKS = 'set tcp_keepalives_idle = 5; set tcp_keepalives_interval = 2; set tcp_keepalives_count = 3; set tcp_user_timeout = 10000'
/** Of a program that is frozen the kernel still answers: only what the program itself says proves that it runs. */
const MUST_SPEAK = (withinMs: number) => `set idle_session_timeout = ${withinMs}`

export interface OwnConnectionOptions {
  readonly url: string
  /** As PostgreSQL lists it. */
  readonly name: string
  /** First thing on a new one. */
  readonly opened?: (client: pg.Client) => Promise<unknown>
  /** The server ends the connection, and takes its locks back, when nothing was asked on it for so long, in ms; never when absent. */
  readonly speaksWithinMs?: number
  /** What it held is held no more. */
  readonly lost: () => void
}

/** A connection of one's own, beside the pool, for advisory locks of a session: opened when it is needed, and again when it was lost. */
export class OwnConnection {
  readonly #options: OwnConnectionOptions
  #client: pg.Client | undefined
  #isOver = false

  constructor(options: OwnConnectionOptions) {
    this.#options = options
  }

  get client(): pg.Client | undefined {
    return this.#client
  }

  async connected(): Promise<pg.Client> {
    if (this.#client) return this.#client
    if (this.#isOver) throw new AppError('DATABASE_AWAY', 'This connection was closed.')
    const { url, name, opened, speaksWithinMs } = this.#options
    const mine = new pg.Client({ connectionString: url, keepAlive: true, connectionTimeoutMillis: LIMIT_MS, query_timeout: LIMIT_MS, application_name: name })
    mine.on('error', () => this.lose(mine))
    mine.on('end', () => this.lose(mine))
    try {
      await mine.connect()
      await mine.query(SERVER_ASKS)
      if (speaksWithinMs !== undefined) await mine.query(MUST_SPEAK(speaksWithinMs))
      await opened?.(mine)
    } catch (error) {
      mine.end().catch(() => undefined)
      throw error
    }
    this.#client = mine
    return mine
  }

  /** Nobody knows what state it is in: away with it. */
  lose(mine: pg.Client): void {
    if (this.#client !== mine) return
    this.#client = undefined
    this.#options.lost()
    mine.end().catch(() => undefined)
  }

  async stop(): Promise<void> {
    this.#isOver = true
    const mine = this.#client
    this.#client = undefined
    await mine?.end().catch(() => undefined)
  }
}
