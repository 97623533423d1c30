import pg from 'pg'
import type { Clock, Stop } from '@vigil/contract'
import type { Log } from '@vigil/program'
import type { DurableHealth } from '../durable-health.ts'

export interface ChangeListenerOptions {
  readonly url: string
  readonly health: DurableHealth
  readonly clock: Clock
  readonly log: Log
  /** Another program, or another central station, changed devices, people or sessions. */
  readonly onChange: () => void
  /** The review list of admissions changed. */
  readonly onProposals?: () => void
  /** Other channels than those of registry and people, and no waiting for a second word. */
  readonly channels?: readonly string[]
}

const PROPOSALS = 'vigil_admissions'
const CHANNELS = ['vigil_registry', 'vigil_people', PROPOSALS]
/** One admission touches four tables: one word about all of them. */
const GATHER_MS = 100
const RETRY_MS = 2_000

/** Hears of changes at once instead of at the next reload. Only a hint: notifications are lost with the connection. */
export function listenForChanges({ url, health, clock, log, onChange, onProposals, channels = CHANNELS }: ChangeListenerOptions): { stop(): Promise<void> } {
  let client: pg.Client | undefined
  let gathering: Stop | undefined
  let stopped = false

  const heard = () => {
    if (channels !== CHANNELS) return onChange()
    gathering ??= clock.after(GATHER_MS, () => {
      gathering = undefined
      onChange()
    })
  }
  const connect = async () => {
    if (client || stopped || health.state() === 'away') return
    const mine = new pg.Client({ connectionString: url, keepAlive: true, connectionTimeoutMillis: RETRY_MS, query_timeout: RETRY_MS, application_name: 'vigil-central-listen' })
    client = mine
    mine.on('notification', ({ channel }) => (channel === PROPOSALS ? onProposals?.() : heard()))
    mine.on('error', () => lose(mine))
    mine.on('end', () => lose(mine))
    try {
      await mine.connect()
      for (const channel of channels) await mine.query(`listen ${channel}`)
    } catch (err) {
      log.debug({ err }, 'change_listener.not_connected')
      lose(mine)
    }
  }
  const lose = (mine: pg.Client) => {
    if (client !== mine) return
    client = undefined
    mine.end().catch(() => undefined)
  }
  const stops = [clock.every(RETRY_MS, () => void connect()), health.onChange(() => void connect())]
  void connect()

  return {
    async stop() {
      stopped = true
      gathering?.()
      for (const stop of stops) stop()
      const mine = client
      client = undefined
      mine?.end().catch(() => undefined)
    },
  }
}
