import { createHash } from 'node:crypto'
import type { Clock, Role } from '@vigil/contract'
import { createMetrics, silentLog, systemClock } from '@vigil/program'
import { type Subscription, startSubscription } from '../../src/subscription/subscription-server.ts'
import { keyOf } from './consumer.ts'
import type { TestDatabase } from './database.ts'

export interface TestSubscription {
  readonly subscription: Subscription
  readonly port: number
  readonly metric: (name: string) => Promise<number>
}

let made = 0

export async function subscriptionOn(databaseUrl: string, options: { clock?: Clock; port?: number; keptMs?: number } = {}): Promise<TestSubscription> {
  const { clock = systemClock, port = 0, keptMs = 3_600_000 } = options
  const metrics = createMetrics('bridge')
  const keys = new Map([keyOf('key-1', ['records', 'research', 'shared', 'other'])].map((key) => [key.id, key]))
  const subscription = await startSubscription({ databaseUrl, port, bind: '127.0.0.1', keys: { find: (id) => keys.get(id) }, keptMs, bridgeId: `feed-${made++}`, clock, random: Math.random, log: silentLog, metrics })
  return {
    subscription,
    port: subscription.port,
    async metric(name) {
      const found = (await metrics.getMetricsAsJSON()).find((metric) => metric.name === `vigil_bridge_${name}`)
      return (found?.values ?? []).reduce((sum, value) => sum + value.value, 0)
    },
  }
}

/** An account with a program's token, as `POST /api/v1/session` gives one. */
export async function programToken(database: TestDatabase, username: string, role: Role): Promise<string> {
  const token = `token of ${username} ${Math.random()}`
  await database.query(
    `with a as (insert into account (id, username, display_name, role, password_hash) values (gen_random_uuid(), $1, $1, $2, 'x') returning id)
     insert into session (token_hash, account_id, kind, expires_at) select $3, id, 'program', now() + interval '1 day' from a`,
    [username, role, createHash('sha256').update(token).digest()],
  )
  return token
}
