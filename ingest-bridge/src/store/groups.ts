import { type DeviceAddress, type Range, rangesContain, rangesOf } from '@vigil/contract'
import { type Item, keyOf, type Numbered } from '../pipeline/item.ts'

/** All that a batch holds of one device and epoch: one ledger row's worth. */
export interface Group {
  readonly deviceNo: number
  readonly address: DeviceAddress
  readonly epoch: string
  /** Items whose numbers were not known yet, each number once. */
  fresh: Item[]
  /** Every number of the batch, known ones too: what the receipt should speak of. */
  readonly numbers: Set<number>
  /** The ledger row once it is taken: its number, and what is known to be committed or given up. */
  ledgerNo: number
  covered: readonly Range[]
  /** Numbers whose pages were not read: nothing is known of them here. */
  unread: readonly Range[]
}

/** An item that has a number, of a device the registry knows. */
export interface Placed {
  readonly item: Item
  readonly deviceNo: number
  readonly address: DeviceAddress
  readonly key: Numbered
}

export interface Grouped {
  /** Ordered by device and epoch, as every bridge locks them: two of them never wait for each other in a circle. */
  readonly groups: readonly Group[]
  /** Items that repeat a number of the same batch. */
  readonly duplicates: number
}

/** Sorts placed items into groups and drops repetitions within the batch; the first of a number wins. */
export function groupItems(placed: readonly Placed[]): Grouped {
  const groups = new Map<string, Group>()
  let duplicates = 0
  for (const { item, deviceNo, address, key } of placed) {
    const id = `${deviceNo}/${key.epoch}`
    let group = groups.get(id)
    if (!group) {
      group = { deviceNo, address, epoch: key.epoch, fresh: [], numbers: new Set(), ledgerNo: 0, covered: [], unread: [] }
      groups.set(id, group)
    }
    if (group.numbers.has(key.seq)) duplicates++
    else {
      group.numbers.add(key.seq)
      group.fresh.push(item)
    }
  }
  return { groups: [...groups.values()].sort(byDeviceAndEpoch), duplicates }
}

/** Drops the items whose numbers the ledger already has. Answers how many. */
export function dropKnown(group: Group, got: readonly Range[]): number {
  const before = group.fresh.length
  group.fresh = group.fresh.filter((item) => !rangesContain(got, keyOf(item)?.seq ?? 0))
  return before - group.fresh.length
}

/** The numbers of the fresh items. A device sends them in a row as a rule, so that is looked for first. */
export function freshRanges({ fresh }: Group): Range[] {
  const numbers = fresh.map((item) => keyOf(item)?.seq ?? 0)
  const [first] = numbers
  if (first === undefined) return []
  return numbers.every((number, i) => number === first + i) ? [[first, first + numbers.length - 1]] : rangesOf(numbers)
}

/** Numbers the group's gap notices give up. */
export function lostRanges(group: Group): Range[] {
  return group.fresh.flatMap((item) => (item.kind === 'gap' ? [item.lost] : []))
}

function byDeviceAndEpoch(a: Group, b: Group): number {
  if (a.deviceNo !== b.deviceNo) return a.deviceNo - b.deviceNo
  if (a.epoch === b.epoch) return 0
  return a.epoch < b.epoch ? -1 : 1
}
