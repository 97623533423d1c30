import type { DeviceAddress, ErrorCode, Range } from '@vigil/contract'
import { deadItem } from '../pipeline/decode.ts'
import { type DeadItem, type Item, keyOf, type Origin } from '../pipeline/item.ts'
import type { DeadLetterBook } from './dead-letter-book.ts'
import type { DeadRow } from './side-rows.ts'
import { addressKey, type DeviceRegistry, type Registered } from './device-registry.ts'
import { groupItems, type Placed } from './groups.ts'
import { dayOf, type Partitions } from './partitions.ts'
import { explain, verdictOn } from './refusal.ts'
import type { Ledger } from './ledger.ts'
import type { createTransaction, Written } from './transaction.ts'

/** Most day partitions one transaction may touch: each takes locks, and a device with a wild clock names years of days. */
const MAX_DAYS = 40

/** What the ledger holds of a device's epoch after a commit, and which numbers it was asked about. */
export interface LedgerState {
  readonly address: DeviceAddress
  readonly epoch: string
  readonly covered: readonly Range[]
  /** Numbers of which nothing is known here; empty but for a sequence with very many holes. */
  readonly unread: readonly Range[]
  readonly touched: readonly number[]
}

export interface Outcome {
  readonly states: readonly LedgerState[]
  readonly samples: number
  readonly events: number
  readonly gaps: number
  /** Items dropped because their number was there already. */
  readonly duplicates: number
  /** Dead letters by code, kept and not kept. */
  readonly dead: ReadonlyMap<ErrorCode, number>
  /** Dead letters counted but not kept: the same again, or too many of one topic. */
  readonly unkept: number
  /** Items given up altogether: not even their dead letter could be written. */
  readonly abandoned: number
}

export interface StoreParts {
  readonly registry: DeviceRegistry
  readonly partitions: Partitions
  readonly ledger: Ledger
  readonly letters: DeadLetterBook
  readonly write: ReturnType<typeof createTransaction>
}

export interface Store {
  /** Stores every item exactly once or lays it aside. Throws when the database is away: nothing may be acknowledged then. */
  commit(items: readonly Item[]): Promise<Outcome>
}

export function createStore({ registry, partitions, ledger, letters, write }: StoreParts): Store {
  return {
    async commit(items) {
      const tally = createTally()
      for (const part of splitByDays(items)) await storePart(part, tally, false)
      return tally.outcome()
    },
  }

  async function storePart(items: readonly Item[], tally: Tally, again: boolean): Promise<void> {
    try {
      await storeWhole(items, tally)
    } catch (error) {
      if (verdictOn(error) === 'away') throw error
      // What the bridge remembers may be wrong (a partition dropped, a device removed, a database restored): look anew before blaming the data.
      if (!again) {
        partitions.forget()
        registry.forget()
        ledger.forget()
        return storePart(items, tally, true)
      }
      if (items.length > 1) {
        const middle = items.length >> 1
        await storePart(items.slice(0, middle), tally, true)
        return storePart(items.slice(middle), tally, true)
      }
      await layAside(items[0] as Item, error, tally)
    }
  }

  /** A single object the database refuses: its dead letter, first with its number, then without, so that nothing blocks. */
  async function layAside(item: Item, error: unknown, tally: Tally): Promise<void> {
    const letter = deadItem(item.from, 'REFUSED_BY_DATABASE', explain(error), keyOf(item), rawOf(item))
    const attempts = [letter, { ...letter, key: undefined }]
    for (const attempt of attempts) {
      try {
        return await storeWhole([attempt], tally)
      } catch (failure) {
        if (verdictOn(failure) === 'away') throw failure
      }
    }
    tally.abandon()
  }

  async function storeWhole(items: readonly Item[], tally: Tally): Promise<void> {
    const registered = await registry.resolve(addressesOf(items))
    const { placed, unnumbered } = placeItems(items, registered)
    const kept = letters.select(unnumbered)
    await partitions.ensure(daysOf(items))
    const grouped = groupItems(placed)
    const written = await write(grouped, kept)
    letters.remember(kept)
    tally.add(written, grouped.duplicates, unnumbered, kept.length)
    for (const group of grouped.groups) tally.state({ address: group.address, epoch: group.epoch, covered: group.covered, unread: group.unread, touched: [...group.numbers] })
  }
}

function* addressesOf(items: readonly Item[]): Generator<DeviceAddress> {
  let last: Origin | undefined
  for (const { from } of items) {
    if (from !== last && from.address) yield from.address
    last = from
  }
}

function* daysOf(items: readonly Item[]): Generator<number> {
  for (const item of items) if (item.kind === 'sample') yield dayOf(item.t)
}

/** Separates what has a number of a known device from what does not. A message of an unknown device is laid aside whole, once. */
function placeItems(items: readonly Item[], registered: ReadonlyMap<string, Registered>): { placed: Placed[]; unnumbered: DeadRow[] } {
  const placed: Placed[] = []
  const unnumbered: DeadRow[] = []
  const strangers = new Map<Origin, string>()
  const found = new Map<DeviceAddress, Registered | undefined>()
  const find = (address: DeviceAddress) => {
    if (!found.has(address)) found.set(address, registered.get(addressKey(address)))
    return found.get(address)
  }
  for (const item of items) {
    const { address } = item.from
    const device = address && find(address)
    const key = keyOf(item)
    if (device?.ok === false) strangers.set(item.from, device.reason)
    else if (address && device && key) placed.push({ item, deviceNo: device.no, address, key })
    else if (item.kind === 'dead') unnumbered.push({ item, deviceNo: device?.no ?? 0 })
  }
  for (const [from, reason] of strangers) unnumbered.push({ item: deadItem(from, 'UNKNOWN_DEVICE', reason), deviceNo: 0 })
  return { placed, unnumbered }
}

function* splitByDays(items: readonly Item[]): Generator<readonly Item[]> {
  let from = 0
  const days = new Set<number>()
  for (const [i, item] of items.entries()) {
    if (item.kind !== 'sample') continue
    const day = dayOf(item.t)
    if (days.size === MAX_DAYS && !days.has(day)) {
      yield items.slice(from, i)
      from = i
      days.clear()
    }
    days.add(day)
  }
  if (from < items.length) yield items.slice(from)
}

/** The object as far as it is known, for the dead letter of what only the database refused. */
function rawOf(item: Item): Buffer {
  if (item.kind === 'dead') return item.payload
  const { from: _, quality, ...rest } = item.kind === 'sample' ? item : { ...item, quality: undefined }
  return Buffer.from(JSON.stringify({ ...rest, quality: quality && Buffer.from(quality).toString('hex') }))
}

interface Tally {
  add(written: Written, duplicates: number, unnumbered: readonly DeadRow[], kept: number): void
  state(state: LedgerState): void
  abandon(): void
  outcome(): Outcome
}

function createTally(): Tally {
  const states = new Map<string, LedgerState>()
  const dead = new Map<ErrorCode, number>()
  const sum = { samples: 0, events: 0, gaps: 0, duplicates: 0, unkept: 0, abandoned: 0 }
  const countDead = ({ code }: DeadItem) => dead.set(code, (dead.get(code) ?? 0) + 1)

  return {
    add(written, duplicates, unnumbered, kept) {
      sum.samples += written.samples.length
      sum.events += written.events
      sum.gaps += written.gaps
      sum.duplicates += duplicates + written.known
      sum.unkept += unnumbered.length - kept
      for (const item of written.dead) if (item.key) countDead(item)
      for (const { item } of unnumbered) countDead(item)
    },
    state(state) {
      const key = `${addressKey(state.address)}/${state.epoch}`
      const earlier = states.get(key)
      states.set(key, earlier ? { ...state, touched: [...earlier.touched, ...state.touched] } : state)
    },
    abandon() {
      sum.abandoned++
    },
    outcome: () => ({ ...sum, states: [...states.values()], dead }),
  }
}
