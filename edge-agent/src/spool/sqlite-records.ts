import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { crc32 } from 'node:zlib'
import type { NewRecord, ReadOptions, RecordKind, SpoolRecord } from './spool-store.ts'

// Stored as numbers.
const kinds: readonly RecordKind[] = ['sample', 'event', 'gap', 'rollup']

/** The records in the file, each with a checksum: what a card has changed behind our back is never sent as a measurement. */
export interface SqliteRecords {
  insert(record: NewRecord & { readonly seq: number; readonly boot: number }): void
  /** Sound records, ascending. The numbers of the others are told to `onDamaged`. */
  read(options: ReadOptions): SpoolRecord[]
  gaps(): SpoolRecord[]
  /** Removes up to `most` records, lowest first, and answers their numbers. */
  remove(from: number, to: number, most: number): number[]
}

const COLUMNS = 'seq, kind, boot, body, crc'
// SQLite uses a partial index only for the very words it was made with.
const filters = { any: '', event: 'and kind = 1', sample: 'and kind = 0' } as const

export function sqliteRecords(db: DatabaseSync, onDamaged: (seqs: readonly number[]) => void): SqliteRecords {
  const insert = db.prepare(`insert into record (${COLUMNS}) values (?, ?, ?, ?, ?)`)
  const select = (filter: string): StatementSync => db.prepare(`select ${COLUMNS} from record where seq between ? and ? ${filter} order by seq limit ?`)
  const reads = { any: select(filters.any), event: select(filters.event), sample: select(filters.sample) }
  const allGaps = db.prepare(`select ${COLUMNS} from record where kind = 2 order by seq`)
  const remove = db.prepare('delete from record where seq in (select seq from record where seq between ? and ? order by seq limit ?) returning seq')

  function soundOf(rows: readonly Record<string, unknown>[]): SpoolRecord[] {
    const records = rows.map(toRecord)
    const damaged = rows.flatMap((row, i) => (records[i] === undefined ? [Number(row['seq'])] : []))
    if (damaged.length > 0) onDamaged(damaged)
    return records.filter((record) => record !== undefined)
  }

  return {
    insert({ seq, kind, boot, body }) {
      insert.run(seq, kinds.indexOf(kind), boot, body, checksum(seq, boot, body))
    },
    read({ from, to, limit, only }) {
      for (;;) {
        const rows = reads[only ?? 'any'].all(from, to, limit)
        const sound = soundOf(rows)
        // None of them sound and more behind them: whoever reads on from here must not take it for the end.
        if (sound.length > 0 || rows.length < limit) return sound
        from = Number(rows.at(-1)?.['seq']) + 1
      }
    },
    gaps: () => soundOf(allGaps.all()),
    remove: (from, to, most) => remove.all(from, to, most).map((row) => Number(row['seq'])),
  }
}

function checksum(seq: number, boot: number, body: string): number {
  return crc32(`${seq} ${boot} ${body}`)
}

/** `undefined` when it is not what was written. */
function toRecord(row: Record<string, unknown>): SpoolRecord | undefined {
  const { seq, kind, boot, body, crc } = row as { seq: number; kind: number; boot: number; body: unknown; crc: number | null }
  const kindName = kinds[kind]
  if (typeof body !== 'string' || kindName === undefined) return undefined
  if (crc === null ? !isJson(body) : crc !== checksum(seq, boot, body)) return undefined
  return { seq, kind: kindName, boot, body }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
