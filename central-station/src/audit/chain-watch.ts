import type { AuditChain, Clock } from '@vigil/contract'
import type { Log } from '@vigil/program'
import type { DurableHealth } from '../durable-health.ts'
import { iso, isoField } from '../iso.ts'
import { type Anchor, type ChainReader, verifyChain } from './verify-chain.ts'

/** Whether the audit is whole, looked at when asked and every hour. */
export interface ChainWatch {
  /** Newest result, not older than a minute. @throws AppError DATABASE_AWAY */
  state(): Promise<AuditChain>
  /** Breaks found by the last look. */
  broken(): number
  stop(): void
}

const FRESH_MS = 60_000
const LOOK_EVERY_MS = 60 * 60_000

export interface ChainWatchOptions {
  /** Runs with a reader of one moment. */
  readonly reading: <T>(run: (reader: ChainReader) => Promise<T>) => Promise<T>
  readonly key: Buffer
  readonly anchors: () => Promise<readonly Anchor[]>
  /** Takes what waits in the journal to the database first. */
  readonly settle: () => Promise<void>
  readonly health: DurableHealth
  readonly clock: Clock
  readonly log: Log
}

export function watchChain({ reading, key, anchors, settle, health, clock, log }: ChainWatchOptions): ChainWatch {
  let last: AuditChain | undefined
  let lookedAt = -Infinity
  let looking: Promise<AuditChain> | undefined
  const look = async (): Promise<AuditChain> => {
    await settle()
    // The anchors first: what is appended while the chain is read must not seem to be missing.
    const known = await anchors()
    const { entries, earlier, lastAtMs, head, breaks } = await reading((reader) => verifyChain(reader, key, known))
    last = { state: breaks.length === 0 ? 'whole' : 'broken', entries, earlier, head: head.hash, checkedAt: iso(clock.now()), ...isoField('verifiedTo', lastAtMs), breaks: [...breaks] }
    lookedAt = clock.monotonic()
    if (breaks.length > 0) log.error({ breaks }, 'audit.chain_broken')
    return last
  }
  const lookOnce = () => {
    looking ??= look().finally(() => {
      looking = undefined
    })
    return looking
  }
  const stop = clock.every(LOOK_EVERY_MS, () => {
    if (health.state() === 'ok') void lookOnce().catch((err: unknown) => log.warn({ err }, 'audit.chain_not_checked'))
  })
  return {
    state: async () => (last && clock.monotonic() - lookedAt < FRESH_MS && last.state === 'whole' ? last : lookOnce()),
    broken: () => last?.breaks.length ?? 0,
    stop,
  }
}
