import { createHmac } from 'node:crypto'
import type { Database } from '../../db/database.ts'
import { CANARY_DEVICE, CANARY_SITE, canarySecret } from '../../live/canary.ts'

/** Registers the canary, so that the broker lets it in. Done again it changes nothing. */
export async function ensureCanary(database: Database, pepper: Buffer): Promise<void> {
  const mac = createHmac('sha256', pepper).update(canarySecret(pepper)).digest()
  await database.query(
    `insert into device (id, site, label, secret_mac, mode, note) values ($1, $2, 'Canary', $3, 'test', 'Proves every few seconds that samples come through')
     on conflict (id) do update set secret_mac = excluded.secret_mac, retired_at = null where device.secret_mac <> excluded.secret_mac or device.retired_at is not null`,
    [CANARY_DEVICE, CANARY_SITE, mac],
  )
}
