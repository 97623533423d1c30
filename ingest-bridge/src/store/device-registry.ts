import type { Clock, DeviceAddress } from '@vigil/contract'
import type { Database } from './connection.ts'

/** How long the registry's word holds: a device that was retired or moved to another site is noticed within this. */
const KNOWN_FOR_MS = 30_000
/** An unknown device is asked about again this soon: a person registers it and switches it on. */
const UNKNOWN_FOR_MS = 1_000
const REMEMBERED = 50_000

/** The registry's answer: the device's number, or why nothing of it can be stored. */
export type Registered = { readonly ok: true; readonly no: number } | { readonly ok: false; readonly reason: string }

interface Row {
  id: string
  no: number
  site: string
  retired: boolean
}

export interface DeviceRegistry {
  /** Answers for each address, asking the database only about those not known; the result is by `site/device`. */
  resolve(addresses: Iterable<DeviceAddress>): Promise<ReadonlyMap<string, Registered>>
  forget(): void
}

export function addressKey({ site, device }: DeviceAddress): string {
  return `${site}/${device}`
}

export function createDeviceRegistry(database: Database, clock: Clock): DeviceRegistry {
  const known = new Map<string, { row: Row | undefined; until: number }>()

  const ask = async (ids: readonly string[]): Promise<void> => {
    const askedAt = clock.monotonic()
    const rows = await database.use((connection) =>
      connection.query<Row>({ name: 'devices', text: 'select id, no, site, retired_at is not null as retired from device where id = any($1)', values: [ids] }),
    )
    const found = new Map(rows.map((row) => [row.id, row]))
    if (known.size + ids.length > REMEMBERED) known.clear()
    for (const id of ids) {
      const row = found.get(id)
      known.set(id, { row, until: askedAt + (row ? KNOWN_FOR_MS : UNKNOWN_FOR_MS) })
    }
  }

  return {
    async resolve(addresses) {
      const wanted = new Map<string, DeviceAddress>()
      for (const address of new Set(addresses)) wanted.set(addressKey(address), address)
      const now = clock.monotonic()
      const missing = new Set<string>()
      for (const { device } of wanted.values()) if ((known.get(device)?.until ?? -1) < now) missing.add(device)
      if (missing.size > 0) await ask([...missing])
      return new Map([...wanted].map(([key, address]) => [key, judge(known.get(address.device)?.row, address)]))
    },
    forget: () => known.clear(),
  }
}

function judge(row: Row | undefined, { site, device }: DeviceAddress): Registered {
  if (!row) return { ok: false, reason: `no device ${device} is registered` }
  if (row.retired) return { ok: false, reason: `device ${device} is retired` }
  if (row.site !== site) return { ok: false, reason: `device ${device} is registered at site ${row.site}, not ${site}` }
  return { ok: true, no: row.no }
}
