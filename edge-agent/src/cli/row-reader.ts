/** Reads samples from CSV text that comes in pieces. */
export interface RowReader {
  push(text: string, take: (row: readonly number[]) => void): void
  /** The input is over: what is left is the last row. */
  end(take: (row: readonly number[]) => void): void
  /** Rows without the numbers they should hold, after the header. The row before stands in for each, so that times stay right. */
  readonly bad: number
}

export interface RowReaderOptions {
  /**
   * What a row holds, each with the names a header may call it by, in lower case. A header that names all of them says which columns they
   * are; otherwise they are the first, in this order.
   */
  readonly columns: readonly (readonly string[])[]
}

export function createRowReader({ columns }: RowReaderOptions): RowReader {
  let rest = ''
  let last: readonly number[] | undefined
  let places = columns.map((_, i) => i)
  let bad = 0

  function readHeader(cells: readonly string[]): void {
    const named = cells.map((cell) => cell.toLowerCase())
    const found = columns.map((names) => named.findIndex((name) => names.includes(name)))
    if (found.every((at) => at >= 0)) places = found
  }
  function takeLine(line: string, take: (row: readonly number[]) => void): void {
    if (line.trim() === '') return
    const cells = line.split(/[,;\t]/).map((cell) => cell.trim().replace(/^"(.*)"$/, '$1').trim())
    const row = places.map((at) => (cells[at] ? Number(cells[at]) : Number.NaN))
    if (row.every(Number.isFinite)) last = row
    // Before the first sample it is a header, or nothing that could be stood in for.
    else if (last) bad += 1
    else return readHeader(cells)
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
