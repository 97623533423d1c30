import { type Clock, retryDelayMs } from '@vigil/contract'
import type { Log } from '@vigil/program'
import { Client } from 'pg'

/** The channel of the `device` table's trigger; its payload is `device:<id>`. */
const CHANNEL = 'vigil_registry'
const DEVICE = 'device:'
/** A listening connection says nothing for hours; a dead one says the same. So it is asked. */
const HEARTBEAT_MS = 5_000
const ANSWER_WITHIN_MS = 2_000
const RETRY = { firstMs: 250, longestMs: 5_000 }

export interface RegistryListenerOptions {
  readonly databaseUrl: string
  readonly log: Log
  readonly clock: Clock
  /** Uniform in [0, 1). */
  readonly random: () => number
  readonly onDevice: (device: string) => void
  /** Told each time listening begins anew. */
  readonly onListening: () => void
}

/** Listens for registry changes for as long as it is not stopped, whatever happens to the connection. */
export function listenToRegistry({ databaseUrl, log, clock, random, onDevice, onListening }: RegistryListenerOptions): { stop(): Promise<void> } {
  let client: Client | undefined
  let stopTimer: (() => void) | undefined
  let failures = 0
  let stopped = false

  const later = (afterMs: number, run: () => void) => {
    stopTimer?.()
    if (!stopped) stopTimer = clock.after(afterMs, run)
  }
  const dropAndRetry = (dead: Client, why: string) => {
    if (client !== dead) return
    client = undefined
    dead.end().catch(() => undefined)
    log.debug({ why }, 'broker.registry_listener_lost')
    later(retryDelayMs(failures++, RETRY, random), () => void open())
  }
  const beat = (live: Client) => {
    live.query('select 1').then(
      () => client === live && later(HEARTBEAT_MS, () => beat(live)),
      (error: unknown) => dropAndRetry(live, String(error)),
    )
  }
  const open = async () => {
    const fresh = new Client({ connectionString: databaseUrl, query_timeout: ANSWER_WITHIN_MS, connectionTimeoutMillis: ANSWER_WITHIN_MS, keepAlive: true, application_name: 'vigil-broker-listen' })
    client = fresh
    fresh.on('error', (error) => dropAndRetry(fresh, error.message))
    fresh.on('end', () => dropAndRetry(fresh, 'ended'))
    fresh.on('notification', ({ payload = '' }) => {
      if (payload.startsWith(DEVICE)) onDevice(payload.slice(DEVICE.length))
    })
    try {
      await fresh.connect()
      await fresh.query(`listen ${CHANNEL}`)
      failures = 0
      onListening()
      if (client === fresh) later(HEARTBEAT_MS, () => beat(fresh))
    } catch (error) {
      dropAndRetry(fresh, String(error))
    }
  }

  void open()
  return {
    async stop() {
      stopped = true
      stopTimer?.()
      const last = client
      client = undefined
      await last?.end().catch(() => undefined)
    },
  }
}
