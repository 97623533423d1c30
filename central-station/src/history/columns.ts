/** Several columns one behind the other. */
export function concat(columns: readonly Float64Array[]): Float64Array {
  const [only] = columns
  if (columns.length === 1 && only) return only
  const joined = new Float64Array(columns.reduce((sum, column) => sum + column.length, 0))
  let at = 0
  for (const column of columns) {
    joined.set(column, at)
    at += column.length
  }
  return joined
}

/** Place of the first number that is not below `least`, in a column in order. */
export function firstFrom(column: Float64Array, least: number): number {
  let [low, high] = [0, column.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((column[middle] as number) < least) low = middle + 1
    else high = middle
  }
  return low
}

/** The column in order: sorted in place where it is not, which is seldom. */
export function inOrder(column: Float64Array): Float64Array {
  for (let i = 1; i < column.length; i++) if ((column[i] as number) < (column[i - 1] as number)) return column.sort()
  return column
}
