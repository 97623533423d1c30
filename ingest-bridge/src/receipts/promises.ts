import { type DeviceAddress, type Range, type Receipt, subtractRanges } from '@vigil/contract'
import { type LedgerQuestion, pairKey } from '../store/ledger-questions.ts'

/** Epochs remembered at most: the one that was quiet longest goes first. Its device still tells its own `upto` when it comes back. */
const REMEMBERED = 50_000

interface Promised {
  readonly address: DeviceAddress
  readonly epoch: string
  readonly ranges: readonly Range[]
}

export interface PromiseBook {
  /** Notes what a receipt that went out said. */
  made(address: DeviceAddress, receipt: Receipt): void
  /** What has been promised for this epoch, as of now: take it before the ledger is read that it is compared with. */
  of(address: DeviceAddress, epoch: string): readonly Range[]
  /** Everything promised, to be asked about after the database was away. */
  all(): LedgerQuestion[]
}

/** What this bridge has told each device to be committed: a ledger that knows less was set back. */
export function createPromiseBook(remembered = REMEMBERED): PromiseBook {
  const made = new Map<string, Promised>()
  return {
    made(address, { e, upto, have = [] }) {
      const key = pairKey(address, e)
      made.delete(key)
      if (made.size >= remembered) made.delete(made.keys().next().value as string)
      made.set(key, { address, epoch: e, ranges: upto > 0 ? [[1, upto], ...have] : have })
    },
    of: (address, epoch) => made.get(pairKey(address, epoch))?.ranges ?? [],
    all: () => [...made.values()].map(({ address, epoch }) => ({ address, epoch })),
  }
}

/** The first number that was promised and is not there any more, from which on the device shall send again. */
export function firstForgotten(promised: readonly Range[], covered: readonly Range[]): number | undefined {
  return subtractRanges(promised, covered)[0]?.[0]
}
