import type { Ledger } from './clauses.ts'

/** Follows the numbers of one device, over epochs. */
export interface Numbering {
  /** An object or event that told its number. @param gap numbers it says were given up */
  number(epoch: string, seq: number, text: string, atMs: number, gap?: readonly [number, number]): void
  /** From here on the device was asked to send again. */
  rewound(epoch: string, from: number): void
  /** What is still missing after this long is a hole. */
  settle(nowMs: number): void
  /** Highest number seen of an epoch. */
  highest(epoch: string): number
}

/** Sent again within this: a re-send waits up to 15 s, its first repeat twice as long. */
const MISSING_FOR_MS = 40_000
const REMEMBERED = 5_000

interface EpochSeen {
  highest: number
  readonly texts: Map<number, string>
  /** Missing numbers, with since when. */
  readonly missing: Map<number, number>
  rewind: number | undefined
}

export function createNumbering(ledger: Ledger): Numbering {
  const epochs = new Map<string, EpochSeen>()

  function take(seen: EpochSeen, seq: number, atMs: number): void {
    // Watching may begin in the middle: the first number seen is where counting starts.
    for (let n = seen.highest + 1; seen.highest > 0 && n < seq && seq - n < REMEMBERED; n += 1) seen.missing.set(n, atMs)
    seen.missing.delete(seq)
    if (seq === seen.highest + 1) ledger.kept('numbers')
    seen.highest = Math.max(seen.highest, seq)
  }
  const undated = (text: string): string => text.replace(/"(t|up)":-?\d+,?/g, '')

  return {
    number(epoch, seq, text, atMs, gap) {
      const seen = epochs.get(epoch) ?? { highest: 0, texts: new Map<number, string>(), missing: new Map<number, number>(), rewind: undefined }
      epochs.set(epoch, seen)
      const before = seen.texts.get(seq)
      if (before !== undefined) {
        if (undated(before) === undated(text)) ledger.kept('again')
        else ledger.broken('again', `number ${seq} was another object before: ${before.slice(0, 120)}`, text)
        if (seen.rewind !== undefined && seq >= seen.rewind) ledger.kept('rewind')
      }
      take(seen, seq, atMs)
      seen.texts.set(seq, text)
      if (seen.texts.size > REMEMBERED) seen.texts.delete(seen.texts.keys().next().value as number)
      if (gap) {
        for (const n of seen.missing.keys()) if (n >= gap[0] && n <= gap[1]) seen.missing.delete(n)
        ledger.kept('gaps')
      }
    },
    rewound(epoch, from) {
      const seen = epochs.get(epoch)
      if (seen) seen.rewind = from
    },
    settle(nowMs) {
      for (const [epoch, { missing }] of epochs) {
        const [first] = [...missing].filter(([, since]) => nowMs - since > MISSING_FOR_MS)
        if (first) ledger.broken('numbers', `number ${first[0]} of epoch ${epoch} never came, and no gap was said`)
      }
    },
    highest: (epoch) => epochs.get(epoch)?.highest ?? 0,
  }
}
