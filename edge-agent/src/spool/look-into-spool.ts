import { existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { type Range, contiguousUpto, normaliseRanges, subtractRanges, countRanges } from '@vigil/contract/ranges'

export interface SpoolLook {
  readonly epoch: string
  readonly lastSeq: number
  readonly records: number
  /** Everything up to here is proven stored, as last saved. */
  readonly upto: number
  /** Numbers without a receipt, as last saved: a running agent may know better. */
  readonly unsent: number
  readonly bytes: number
}

/** Looks into a spool without disturbing the agent that uses it. `undefined` when there is none. */
export function lookIntoSpool(path: string): SpoolLook | undefined {
  if (!existsSync(path)) return undefined
  const db = new DatabaseSync(path, { readOnly: true })
  try {
    const meta = new Map(db.prepare('select key, value from meta').all().map((row) => [String(row['key']), String(row['value'])]))
    const { records, last } = db.prepare('select count(*) as records, coalesce(max(seq), 0) as last from record').get() as { records: number; last: number }
    const lastSeq = Math.max(last, Number(meta.get('skipped') ?? 0))
    const covered = normaliseRanges(JSON.parse(meta.get('covered') ?? '[]') as Range[])
    const { bytes } = db.prepare('select page_count * page_size as bytes from pragma_page_count, pragma_page_size').get() as { bytes: number }
    return { epoch: meta.get('epoch') ?? '', lastSeq, records, upto: contiguousUpto(covered), unsent: lastSeq === 0 ? 0 : countRanges(subtractRanges([[1, lastSeq]], covered)), bytes }
  } finally {
    db.close()
  }
}
