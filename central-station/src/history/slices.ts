import { HOUR_MS, type Span } from './spans.ts'

const FIRST_SLICE_MS = HOUR_MS
const LONGEST_SLICE_MS = 30 * 24 * HOUR_MS

/**
 * The samples of a span page by page, in slices of time as long as a page needs: short where there are many, long through silence.
 * @param read answers `undefined` when a slice holds more than `most`
 */
export async function* slicesOf<Page>(span: Span, { most, read, countOf }: { readonly most: number; readonly read: (slice: Span, most: number) => Promise<Page | undefined>; readonly countOf: (page: Page) => number }): AsyncGenerator<{ readonly page: Page; readonly upToMs: number }> {
  let sliceMs = FIRST_SLICE_MS
  for (let fromMs = span.fromMs; fromMs < span.toMs; ) {
    const toMs = Math.min(span.toMs, fromMs + sliceMs)
    const page = await read({ ...span, fromMs, toMs }, most)
    if (!page) {
      sliceMs = Math.max(1, Math.floor(sliceMs / 4))
      continue
    }
    yield { page, upToMs: toMs }
    if (countOf(page) < most / 4) sliceMs = Math.min(LONGEST_SLICE_MS, sliceMs * 2)
    fromMs = toMs
  }
}
