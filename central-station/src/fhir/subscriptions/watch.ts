import { type Clock, isAppError } from '@vigil/contract'
import type { Log } from '@vigil/program'
import type { Database } from '../../db/database.ts'
import { iso } from '../../iso.ts'
import type { OutboundStore } from '../../outbound/outbound.ts'
import type { Asking, FhirType } from '../fhir-type.ts'
import type { FhirResource } from '../resources/resource.ts'
import { readAsked } from '../search/asked.ts'
import type { Cursor } from '../search/cursor.ts'
import { noteLooked, refusedInARow, switchOff, watchedSubscriptions, type WatchedSubscription } from './subscription-store-pg.ts'
import { notificationOf } from './subscription.ts'
import { readCriteria } from './subscriptions.ts'

export interface WatchOptions {
  readonly database: Database
  readonly line: OutboundStore
  readonly types: ReadonlyMap<string, FhirType>
  readonly clock: Clock
  readonly log: Log
  readonly hint: () => void
}

const LOOK_EVERY_MS = 2_000
/** What arrived is committed a little later, and is looked for again so long; the line takes the same thing once. */
const OVERLAP_MS = 60_000
/** What boards held back while they were away is looked for this far back, once a minute. */
const LATE_MS = 26 * 3_600_000
const LATE_EVERY_MS = 60_000
const MOST_AT_ONCE = 5_000
/** Tries at an endpoint that does not answer, some hours of them, and refusals in a row, before a subscription is off. */
const MOST_AWAY_TRIES = 50
const MOST_REFUSED = 20

export interface SubscriptionWatch {
  /** Looks once for all subscriptions; resolves when what was found waits in the lines. */
  look(): Promise<void>
  stop(): Promise<void>
}

/** Looks for what is new to each subscription, and puts it into its line. */
export function watchSubscriptions(options: WatchOptions): SubscriptionWatch {
  const { database, clock, log } = options
  let looking: Promise<void> | undefined
  let lateAtMs = -Infinity
  const lookOnce = async (): Promise<void> => {
    const isLateTurn = clock.monotonic() - lateAtMs >= LATE_EVERY_MS
    if (isLateTurn) lateAtMs = clock.monotonic()
    for (const subscription of await watchedSubscriptions(database)) {
      // One that cannot be served must not keep the others waiting.
      await lookFor(subscription, isLateTurn, options).catch((err: unknown) => log.warn({ err, subscription: subscription.id }, 'fhir.subscription_not_looked'))
    }
  }
  const look = (): Promise<void> => {
    if (database.health.state() === 'away') return Promise.resolve()
    looking ??= lookOnce()
      .catch((err: unknown) => {
        if (!isAppError(err) || err.code !== 'DATABASE_AWAY') log.warn({ err }, 'fhir.subscriptions_not_looked')
      })
      .finally(() => (looking = undefined))
    return looking
  }
  const stop = clock.every(LOOK_EVERY_MS, () => void look())
  return {
    look,
    async stop() {
      stop()
      await looking
    },
  }
}

async function lookFor(subscription: WatchedSubscription, isLateTurn: boolean, { database, line, types, clock, hint }: WatchOptions): Promise<void> {
  const nowMs = clock.now()
  if (await isOverdue(subscription, database, nowMs)) return
  const found = await newFor(subscription, { types, nowMs, isLateTurn })
  const notes = subscription.payload === '' ? [notificationOf(undefined, { lookedUntilMs: Math.max(...found.map(updatedMs)) })] : found.map((resource) => notificationOf(resource, subscription))
  const put = found.length === 0 ? 0 : await line.put(notes.map((note) => ({ targetId: subscription.id, event: 'fhir', ...note })), nowMs)
  await noteLooked(database, subscription.id, nowMs)
  if (put > 0) hint()
}

const updatedMs = ({ meta }: FhirResource) => Date.parse(meta.lastUpdated)

async function isOverdue({ id, awayTries, error }: WatchedSubscription, database: Database, nowMs: number): Promise<boolean> {
  const refused = await refusedInARow(database, id, MOST_REFUSED)
  if (awayTries < MOST_AWAY_TRIES && refused < MOST_REFUSED) return false
  await switchOff(database, id, `Switched off: the endpoint ${awayTries >= MOST_AWAY_TRIES ? `did not answer ${awayTries} times` : `refused ${refused} calls in a row`}; ${error ?? 'no reason was given'}`, nowMs)
  return true
}

/** Matches that arrived or changed since the last look, oldest first. */
async function newFor({ criteria, lookedUntilMs, wards }: WatchedSubscription, { types, nowMs, isLateTurn }: { types: ReadonlyMap<string, FhirType>; nowMs: number; isLateTurn: boolean }): Promise<readonly FhirResource[]> {
  const { type, pairs } = readCriteria(criteria, types)
  const since = lookedUntilMs - OVERLAP_MS
  const isMeasured = type.type === 'Observation'
  const recent: [string, string][] = isMeasured ? [['date', `ge${iso(isLateTurn ? since - LATE_MS : since - OVERLAP_MS)}`], ['_sort', 'date']] : []
  const asked = readAsked([...pairs.filter(([name]) => name !== '_sort' && name !== '_count'), ['_lastUpdated', `ge${iso(since)}`], ['_count', '1000'], ...recent], type, true)
  const asking: Asking = { wards, may: () => true, base: '', nowMs }
  const found: FhirResource[] = []
  let cursor: Cursor | undefined
  do {
    const page = await type.search(asked, cursor, asking)
    // The score of now is new with every look.
    found.push(...page.matches.filter(({ id }) => !id.startsWith('news2.')))
    cursor = page.next
  } while (cursor && found.length < MOST_AT_ONCE)
  return found
}
