import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { AppError, type SettingSpec, type SettingsOf } from '@vigil/contract'
import { commonSettings, type Log, systemClock } from '@vigil/program'
import type { Registry } from 'prom-client'
import { consumerKeys } from '../subscription/consumer-keys.ts'
import { keepSubscription, type KeptSubscription } from '../subscription/keep-subscription.ts'

/** What the server-side subscription takes. */
export const subscriptionSettings = {
  bind: commonSettings.bind,
  tlsCert: commonSettings.tlsCert,
  tlsKey: commonSettings.tlsKey,
  amqpPort: { env: 'VIGIL_AMQP_PORT', kind: 'integer', min: 0, max: 65_535, default: 5672, description: 'AMQP 1.0 for consumers of what was committed; 0 for none' },
  amqpKeys: { env: 'VIGIL_AMQP_KEYS', kind: 'string', description: 'file with the keys consumers sign with; <data>/secrets/amqp-keys.json unless told' },
  feedHours: { env: 'VIGIL_FEED_HOURS', kind: 'integer', min: 1, max: 720, default: 24, description: 'hours for which messages are kept for a consumer group that does not come' },
} as const satisfies Record<string, SettingSpec>

type Settings = SettingsOf<typeof subscriptionSettings> & { readonly data: string; readonly databaseUrl: string }

const HOUR_MS = 3_600_000

/** Where consumers' keys are, unless told otherwise. */
export function keysPath(data: string): string {
  return join(data, 'secrets', 'amqp-keys.json')
}

/** Starts what consumers connect to, unless the settings say that nobody shall. */
export async function openSubscription(settings: Settings, log: Log, metrics: Registry): Promise<KeptSubscription | undefined> {
  const { amqpPort: port, bind, data, databaseUrl, feedHours } = settings
  if (port === 0) return undefined
  return keepSubscription({
    databaseUrl,
    port,
    bind,
    tls: readTls(settings),
    keys: consumerKeys(settings.amqpKeys ?? keysPath(data)),
    keptMs: feedHours * HOUR_MS,
    bridgeId: `feed-${randomBytes(6).toString('hex')}`,
    clock: systemClock,
    random: Math.random,
    log,
    metrics,
  })
}

function readTls({ tlsCert, tlsKey }: Settings): { cert: string; key: string } | undefined {
  if (tlsCert === undefined && tlsKey === undefined) return undefined
  if (tlsCert === undefined || tlsKey === undefined) throw new AppError('SETTINGS_INVALID', 'VIGIL_TLS_CERT and VIGIL_TLS_KEY belong together: set both or neither.')
  return { cert: readFileSync(tlsCert, 'utf8'), key: readFileSync(tlsKey, 'utf8') }
}
