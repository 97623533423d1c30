import type { Clock } from '@vigil/contract'
import type { DirtyMarks } from '../rollup/dirty-marks.ts'
import { createConnection, type Database } from './connection.ts'
import { createDeadLetterBook } from './dead-letter-book.ts'
import { createDeviceRegistry } from './device-registry.ts'
import { createLedger } from './ledger.ts'
import { createNoticeWriter, type NoticeWriter } from './notices.ts'
import { createPartitions, dayOf } from './partitions.ts'
import { createStore, type Store } from './store.ts'
import { createTransaction } from './transaction.ts'

/** Partitions of today and tomorrow are looked after this often, so that midnight finds its own. */
const AHEAD_EVERY_MS = 10 * 60_000
const AHEAD_AGAIN_MS = 5_000

export interface OpenStore extends Store {
  /** For questions beside the batches. */
  readonly side: Database
  /** For the roll-ups, which take their time. */
  readonly rollup: Database
  /** For closing hours: old pages may have to come from the disk first, and nobody waits for it. */
  readonly closing: Database
  /** For waveforms, which no sample waits for. */
  readonly waves: Database
  readonly notices: NoticeWriter
  /** Gives up on a database that does not answer, so that the program can stop. */
  abort(): void
  close(): Promise<void>
}

export interface OpenStoreOptions {
  readonly url: string
  /** How connections are made; PostgreSQL's unless told. */
  readonly connect?: typeof createConnection
  readonly bridgeId: string
  readonly marks: DirtyMarks
  readonly clock: Clock
  /** Ranges a ledger row may have before it is folded; some thousand unless told. */
  readonly ranges?: number | undefined
  /** A connection for commits was made: the database may have gone back since the last one. */
  readonly onConnected: () => void
  readonly onFailure: (error: unknown) => void
}

const CLOSING_TIMEOUT_MS = 60_000

/** The store on its connections, each made when it is first needed: batches never queue behind anything else. */
export function openStore({ url, connect = createConnection, bridgeId, marks, clock, ranges, onConnected, onFailure }: OpenStoreOptions): OpenStore {
  const batches = connect({ url, name: 'vigil-bridge', onConnected: () => newServer() })
  const side = connect({ url, name: 'vigil-bridge-side' })
  const rollup = connect({ url, name: 'vigil-bridge-rollup' })
  const closing = connect({ url, name: 'vigil-bridge-closing', queryTimeoutMs: CLOSING_TIMEOUT_MS })
  const waves = connect({ url, name: 'vigil-bridge-waves' })
  const ledger = createLedger(ranges === undefined ? undefined : { most: ranges })
  const partitions = createPartitions(side)
  const notices = createNoticeWriter({ database: side, clock, onFailure })
  const registry = createDeviceRegistry(side, clock)
  /** What was learnt from the last server may be wrong of this one: a ledger number named there may be another's here. */
  const newServer = () => {
    for (const memory of [ledger, partitions, registry]) memory.forget()
    onConnected()
  }
  const store = createStore({
    registry,
    partitions,
    ledger,
    letters: createDeadLetterBook(clock),
    write: createTransaction({ database: batches, ledger, marks, clock, bridgeId }),
  })

  let stopAhead = () => {}
  const ahead = async (): Promise<void> => {
    const today = dayOf(clock.now())
    const failed = await partitions.ensure([today, today + 1]).then(
      () => false,
      (error: unknown) => {
        onFailure(error)
        return true
      },
    )
    if (!closed) stopAhead = clock.after(failed ? AHEAD_AGAIN_MS : AHEAD_EVERY_MS, () => void ahead())
  }
  let closed = false
  void ahead()

  return {
    commit: (items) => store.commit(items),
    side,
    rollup,
    closing,
    waves,
    notices,
    abort() {
      for (const connection of [batches, side, rollup, closing, waves]) connection.abort()
    },
    async close() {
      closed = true
      stopAhead()
      notices.stop()
      await notices.flush()
      await Promise.all([batches.close(), side.close(), rollup.close(), closing.close(), waves.close()])
    },
  }
}

