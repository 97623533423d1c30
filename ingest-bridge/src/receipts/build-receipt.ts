import { contiguousUpto, type Range, type Receipt } from '@vigil/contract'

/** Most ranges in one receipt, by the contract. */
const MAX_RANGES = 256

/**
 * What a device is told: `upto`, the unbroken run from 1, and the ranges above it. A sequence with many holes has more ranges than
 * a receipt holds; those that hold the numbers the device just sent come first, because those it is waiting for.
 */
export function buildReceipt(epoch: string, covered: readonly Range[], touched: readonly number[]): Receipt {
  const upto = contiguousUpto(covered)
  const above = upto === 0 ? covered : covered.slice(1)
  if (above.length === 0) return { e: epoch, upto }
  return { e: epoch, upto, have: pick(above, touched).map(([from, to]): [number, number] => [from, to]) }
}

function pick(ranges: readonly Range[], touched: readonly number[]): readonly Range[] {
  if (ranges.length <= MAX_RANGES) return ranges
  const chosen = new Set<number>()
  for (const number of touched) {
    if (chosen.size === MAX_RANGES) break
    const at = indexOfRange(ranges, number)
    if (at >= 0) chosen.add(at)
  }
  // The rest is filled from the newest down: what a device holds back is near the end of its sequence.
  for (let at = ranges.length - 1; at >= 0 && chosen.size < MAX_RANGES; at--) chosen.add(at)
  return [...chosen].sort((a, b) => a - b).map((at) => ranges[at] as Range)
}

function indexOfRange(ranges: readonly Range[], number: number): number {
  let low = 0
  let high = ranges.length - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    const [from, to] = ranges[middle] as Range
    if (number < from) high = middle - 1
    else if (number > to) low = middle + 1
    else return middle
  }
  return -1
}
