import type { Clock } from '@vigil/contract'
import type { BridgeMetrics } from '../metrics.ts'
import type { LedgerState, Outcome, Store } from '../store/store.ts'
import type { Pending } from './intake.ts'

export interface CommitterOptions {
  readonly store: Store
  readonly metrics: BridgeMetrics
  readonly clock: Clock
  /** Told of every epoch a batch touched, once it is committed. */
  readonly onCommitted: (states: readonly LedgerState[]) => void
}

export interface Committer {
  /** Commits a batch; afterwards, and only then, its messages are acknowledged and its receipts go out. */
  commit(batch: readonly Pending[]): Promise<void>
  /** Resolves when the commit in flight now, if any, is over, however it ends. */
  settled(): Promise<void>
}

export function createCommitter({ store, metrics, clock, onCommitted }: CommitterOptions): Committer {
  let inFlight: Promise<void> = Promise.resolve()

  const run = async (batch: readonly Pending[]): Promise<void> => {
    const beganAt = clock.monotonic()
    const items = batch.flatMap((pending) => pending.items)
    const outcome = await store.commit(items)
    metrics.commitSeconds.observe((clock.monotonic() - beganAt) / 1000)
    metrics.batchObjects.observe(items.length)
    count(metrics, outcome)
    for (const { items: own, delivery } of batch) delivery.settle(own.every((item) => item.kind === 'dead') ? 'dead' : 'stored')
    onCommitted(outcome.states)
  }

  return {
    commit(batch) {
      const commit = run(batch)
      inFlight = commit.catch(() => undefined)
      return commit
    },
    settled: () => inFlight,
  }
}

function count(metrics: BridgeMetrics, outcome: Outcome): void {
  metrics.batches.labels('committed').inc()
  metrics.committed.labels('sample').inc(outcome.samples)
  metrics.committed.labels('event').inc(outcome.events)
  metrics.committed.labels('gap').inc(outcome.gaps)
  metrics.duplicates.inc(outcome.duplicates)
  for (const [code, times] of outcome.dead) metrics.deadLetters.labels(code).inc(times)
  metrics.deadLettersUnkept.inc(outcome.unkept)
  metrics.abandoned.inc(outcome.abandoned)
}
