import type { Receipt } from '@vigil/contract/messages/receipt'
import { contiguousUpto, countRanges, type Range, rangesOf, unionRanges } from '@vigil/contract/ranges'

/** A server that remembers of one device which numbers it has, and nothing else: it must not grow while something else is watched for growth. */
export function countingServer(): { receive(text: string): void; receipt(epoch: string): Receipt; stored(): number } {
  let got: Range[] = []
  return {
    receive(text) {
      const numbers = ([JSON.parse(text)].flat() as { s: number; gap?: Range }[]).map(({ s }) => s)
      got = unionRanges(got, rangesOf(numbers.sort((a, b) => a - b)))
    },
    receipt(epoch) {
      const upto = contiguousUpto(got)
      const have = got.filter(([from]) => from > upto).map(([from, to]): [number, number] => [from, to]).slice(0, 256)
      return { e: epoch, upto, ...(have.length > 0 && { have }) }
    },
    stored: () => countRanges(got),
  }
}
