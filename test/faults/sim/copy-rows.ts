/** Fields of one row of a binary COPY by their names; what is not asked for is skipped. */
export type CopiedRow = ReadonlyMap<string, Buffer | undefined>

const SIGNATURE_BYTES = 19

/** Reads back what the bridge would send: `copy table (a, b, …) from stdin (format binary)` and its frames. */
export function readCopiedRows(copy: string, frames: Buffer, headBytes: number): CopiedRow[] {
  const columns = (/\(([^)]*)\) from stdin/.exec(copy)?.[1] ?? '').split(',').map((name) => name.trim())
  const rows: CopiedRow[] = []
  let at = headBytes + SIGNATURE_BYTES
  for (;;) {
    const fields = frames.readInt16BE(at)
    at += 2
    if (fields < 0) return rows
    const row = new Map<string, Buffer | undefined>()
    for (let i = 0; i < fields; i++) {
      const length = frames.readInt32BE(at)
      at += 4
      row.set(columns[i] ?? `column ${i}`, length < 0 ? undefined : frames.subarray(at, at + length))
      if (length > 0) at += length
    }
    rows.push(row)
  }
}

/** Whole number of a field, whatever its width. */
export function wholeOf(row: CopiedRow, name: string): number {
  const field = row.get(name)
  if (!field) return 0
  return field.length === 8 ? Number(field.readBigInt64BE()) : field.readInt32BE()
}
