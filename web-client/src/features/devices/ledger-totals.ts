import type { Ledger } from '@vigil/contract/api/devices'

type Epoch = Ledger['epochs'][number]

/** Added up over all epochs: "0 missing of 17,280". */
export function totals({ epochs }: Ledger) {
  const add = (of: (epoch: Epoch) => number) => epochs.reduce((sum, epoch) => sum + of(epoch), 0)
  const received = add((e) => e.received)
  const missing = add((e) => e.missing)
  return { received, missing, expected: received + missing, lost: add((e) => e.lost), duplicates: add((e) => e.duplicates) }
}

/** Numbers that are not there, between 1 and the highest received. */
export function missingRanges({ ranges }: Epoch): [from: number, to: number][] {
  const out: [number, number][] = []
  let next = 1
  for (const [from, to] of ranges) {
    if (from > next) out.push([next, from - 1])
    next = to + 1
  }
  return out
}
