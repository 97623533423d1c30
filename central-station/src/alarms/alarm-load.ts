import type { AlarmLoad, AlarmLoadQuery, Clock, WardScope } from '@vigil/contract'
import { readTimeRange } from '../history/time-range.ts'
import { iso } from '../iso.ts'
import type { Registry } from '../registry/registry.ts'

/** One announced alarm, as the figures need it. */
export interface LoadRow {
  readonly wardId: string | null
  readonly bedId: string | null
  readonly condition: string
  readonly priority: 'low' | 'medium' | 'high'
  readonly announcedMs: number
  readonly endedMs: number | null
  readonly acknowledgedMs: number | null
}

/** Port: announced alarms of a range. */
export interface LoadStore {
  announced(filter: { readonly ward: string | undefined; readonly wards: WardScope; readonly fromMs: number; readonly toMs: number }): Promise<LoadRow[]>
}

/** How loud a ward is: alarms per bed and day, how soon somebody answered, which were over by themselves. */
export function createAlarmLoad({ store, registry, clock }: { store: LoadStore; registry: Registry; clock: Clock }): { load(query: AlarmLoadQuery, wards?: WardScope): Promise<AlarmLoad> } {
  return {
    async load({ ward, from, to }, wards = null) {
      const range = readTimeRange({ from, to })
      const toMs = range.toMs ?? clock.now()
      const fromMs = range.fromMs ?? toMs - WEEK_MS
      const rows = await store.announced({ ward, wards, fromMs, toMs })
      const occupied = registry.now().world.stays.filter((stay) => (ward === undefined || stay.wardId === ward) && (wards === null || wards.includes(stay.wardId ?? ''))).flatMap((stay) => stay.bedId ?? [])
      const beds = new Set([...occupied, ...rows.flatMap((row) => row.bedId ?? [])])
      const days = (toMs - fromMs) / DAY_MS
      const labelOf = (bed: string) => registry.now().wardOfBed.get(bed)?.beds.find(({ id }) => id === bed)?.label ?? bed
      return {
        from: iso(fromMs),
        to: iso(toMs),
        beds: beds.size,
        ...figures(rows, beds.size * days),
        byBed: grouped(rows, (row) => row.bedId).map(([bedId, mine]) => ({ bedId, label: labelOf(bedId), wardId: mine[0]?.wardId ?? '', ...figures(mine, days) })).sort((a, b) => b.alarms - a.alarms),
        byCondition: grouped(rows, (row) => row.condition).map(([condition, mine]) => ({ condition, ...figures(mine, beds.size * days) })).sort((a, b) => b.alarms - a.alarms),
        byDay: grouped(rows, (row) => iso(row.announcedMs).slice(0, 10)).map(([day, mine]) => ({ day, high: count(mine, 'high'), medium: count(mine, 'medium'), low: count(mine, 'low') })).sort((a, b) => a.day.localeCompare(b.day)),
      }
    },
  }
}

const DAY_MS = 86_400_000
const WEEK_MS = 7 * DAY_MS
const SHORT_MS = 10_000

function figures(rows: readonly LoadRow[], bedDays: number) {
  const over = rows.flatMap(({ announcedMs, endedMs }) => (endedMs === null ? [] : [endedMs - announcedMs]))
  const answered = rows.flatMap(({ announcedMs, acknowledgedMs }) => (acknowledgedMs === null ? [] : [acknowledgedMs - announcedMs]))
  return {
    alarms: rows.length,
    perDay: bedDays === 0 ? 0 : rows.length / bedDays,
    medianAcknowledgeSeconds: medianSeconds(answered),
    medianSeconds: medianSeconds(over),
    shareClearedWithin10s: over.length === 0 ? null : over.filter((ms) => ms <= SHORT_MS).length / over.length,
  }
}

function medianSeconds(times: readonly number[]): number | null {
  const middle = [...times].sort((a, b) => a - b)[times.length >> 1]
  return middle === undefined ? null : middle / 1_000
}

function grouped(rows: readonly LoadRow[], by: (row: LoadRow) => string | null): [string, LoadRow[]][] {
  const groups = new Map<string, LoadRow[]>()
  for (const row of rows) {
    const key = by(row)
    if (key !== null) groups.set(key, [...(groups.get(key) ?? []), row])
  }
  return [...groups]
}

function count(rows: readonly LoadRow[], priority: LoadRow['priority']): number {
  return rows.filter((row) => row.priority === priority).length
}
