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
