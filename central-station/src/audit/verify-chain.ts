import type { AuditBreak } from '@vigil/contract'
import { BEGINNING, type ChainedFacts, digestBefore, linkHash } from './chain.ts'

export interface ChainRow extends ChainedFacts {
  readonly id: number
  readonly seq: number | null
  readonly hash: string | null
}

export interface ChainHead {
  readonly seq: number
  readonly hash: string
}

/** A place of the chain as it was written down outside the database. */
export interface Anchor extends ChainHead {
  readonly atMs: number
}

/** Port: one moment of the audit, read from its beginning. */
export interface ChainReader {
  head(): Promise<ChainHead | undefined>
  /** Records of the chain in its order. */
  chained(): AsyncIterable<ChainRow>
  /** Records that are in no chain, by id. */
  unchained(): AsyncIterable<ChainRow>
}

export interface ChainVerdict {
  readonly entries: number
  /** Records from before the chain that the chain vouches for. */
  readonly earlier: number
  readonly lastAtMs: number | null
  readonly head: ChainHead
  readonly breaks: readonly AuditBreak[]
}

const MOST_BREAKS = 20
/** First record of a chain in a database that had an audit before. */
export const CHAIN_BEGINS = 'audit.chain_begins'

/** Reads the whole chain, recomputes every link, and compares its end with what was written down outside. */
export async function verifyChain(reader: ChainReader, key: Buffer, anchors: readonly Anchor[]): Promise<ChainVerdict> {
  const breaks: AuditBreak[] = []
  const report = (found: AuditBreak) => void (breaks.length < MOST_BREAKS && breaks.push(found))
  const anchored = new Map(anchors.map((anchor) => [anchor.seq, anchor]))
  let end: ChainHead = { seq: 0, hash: BEGINNING }
  let lastAtMs: number | null = null
  let entries = 0
  let begins: { earlier?: unknown; digest?: unknown } = {}
  for await (const row of reader.chained()) {
    for (const found of linkBreaks(row, end, key, anchored)) report(found)
    if (row.seq === 1 && row.action === CHAIN_BEGINS) begins = row.detail as typeof begins
    end = { seq: row.seq ?? 0, hash: row.hash ?? '' }
    lastAtMs = row.atMs
    entries += 1
  }
  const earlier = await verifyBefore(reader, begins, report)
  const head = (await reader.head()) ?? { seq: 0, hash: BEGINNING }
  for (const found of endBreaks(end, head, anchors)) report(found)
  return { entries, earlier, lastAtMs, head: end, breaks }
}

function linkBreaks(row: ChainRow, before: ChainHead, key: Buffer, anchored: ReadonlyMap<number, Anchor>): AuditBreak[] {
  const seq = row.seq ?? 0
  const place = { seq, id: row.id, at: row.atMs }
  const found: AuditBreak[] = []
  if (seq !== before.seq + 1) found.push({ kind: 'removed', seq: before.seq + 1, count: seq - before.seq - 1, sentence: `Entries ${before.seq + 1} to ${seq - 1} of the chain are gone.` })
  // After a gap the link cannot be judged: the hash before it is gone as well.
  else if (row.hash !== linkHash(key, before.hash, seq, row)) found.push({ kind: 'changed', ...place, sentence: `Entry ${seq} (${row.action}) is not what was written.` })
  const anchor = anchored.get(seq)
  if (anchor && anchor.hash !== row.hash) found.push({ kind: 'rewritten', ...place, sentence: `Entry ${seq} is not the one that stood there on ${iso(anchor.atMs)}: the chain was written anew up to it.` })
  return found
}

/** Records outside the chain are those from before it, all of them and no other. */
async function verifyBefore(reader: ChainReader, begins: { earlier?: unknown; digest?: unknown }, report: (found: AuditBreak) => void): Promise<number> {
  const expected = typeof begins.earlier === 'number' ? begins.earlier : 0
  const digest = digestBefore()
  let count = 0
  for await (const row of reader.unchained()) {
    count += 1
    if (count <= expected) digest.add(row)
    else report({ kind: 'inserted', id: row.id, at: row.atMs, sentence: `Entry with id ${row.id} (${row.action}) was put in past the program.` })
  }
  if (count < expected || (expected > 0 && digest.digest() !== begins.digest)) report({ kind: 'changed', sentence: `The ${expected} entries from before the chain are not what they were when it began.` })
  return expected
}

function endBreaks(end: ChainHead, head: ChainHead, anchors: readonly Anchor[]): AuditBreak[] {
  const last = anchors.reduce<Anchor>((latest, anchor) => (latest.seq >= anchor.seq ? latest : anchor), { seq: 0, hash: BEGINNING, atMs: 0 })
  const reached = Math.max(head.seq, last.seq)
  const since = last.seq > end.seq ? ` on ${iso(last.atMs)}` : ''
  if (reached > end.seq) return [{ kind: 'tail', seq: end.seq + 1, count: reached - end.seq, sentence: `The last ${reached - end.seq} entries are gone: the chain reached ${reached}${since} and ends at ${end.seq}.` }]
  return head.seq === end.seq && head.hash === end.hash ? [] : [{ kind: 'head', seq: end.seq, sentence: 'What the database holds as the end of the chain is not its last entry.' }]
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}
