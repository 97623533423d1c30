/** Reads samples from CSV text that comes in pieces. */
export interface RowReader {
  push(text: string, take: (row: readonly number[]) => void): void
  /** The input is over: what is left is the last row. */
  end(take: (row: readonly number[]) => void): void
  /** Rows without the numbers they should hold, after the header. The row before stands in for each, so that times stay right. */
  readonly bad: number
}

export function createRowReader({ columns }: { readonly columns: number }): RowReader {
  let rest = ''
  let last: readonly number[] | undefined
  let bad = 0

  function takeLine(line: string, take: (row: readonly number[]) => void): void {
    if (line.trim() === '') return
    const row = line.split(/[,;\t]/, columns).map((cell) => (cell.trim() === '' ? Number.NaN : Number(cell)))
    if (row.length === columns && row.every(Number.isFinite)) last = row
    // Before the first sample it is a header, or nothing that could be stood in for.
    else if (last) bad += 1
    else return
    take(last)
  }
  return {
    get bad() {
      return bad
    },
    push(text, take) {
      const lines = (rest + text).split(/\r?\n/)
      rest = lines.pop() ?? ''
      for (const line of lines) takeLine(line, take)
    },
    end(take) {
      takeLine(rest, take)
      rest = ''
    },
  }
}
