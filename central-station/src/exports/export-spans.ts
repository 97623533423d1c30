import type { Span } from '../history/spans.ts'

/** A stretch in which one device's samples are wanted, and whose they are where a stay was asked for. */
export interface ExportSpan extends Span {
  readonly stayId: string | undefined
}

/**
 * The same moment of a device once, however often it was asked for: by bed, by stay and by device. Where one of the questions names the stay, the stay stands beside the values.
 * Answers them by device, in order of time.
 */
export function withoutOverlap(spans: readonly ExportSpan[]): ExportSpan[] {
  const taken: ExportSpan[] = []
  // Those that know whose it is first: what they cover is not told a second time without.
  for (const span of spans.toSorted((a, b) => Number(a.stayId === undefined) - Number(b.stayId === undefined))) {
    let left: ExportSpan[] = [span]
    for (const other of taken) {
      if (other.deviceNo === span.deviceNo) left = left.flatMap((part) => [{ ...part, toMs: Math.min(part.toMs, other.fromMs) }, { ...part, fromMs: Math.max(part.fromMs, other.toMs) }].filter(({ fromMs, toMs }) => fromMs < toMs))
    }
    taken.push(...left.filter(({ fromMs, toMs }) => fromMs < toMs))
  }
  return taken.sort((a, b) => a.deviceNo - b.deviceNo || a.fromMs - b.fromMs)
}
