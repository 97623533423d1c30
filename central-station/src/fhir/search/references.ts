/**
 * The id a reference names, of one type: `p1`, `Patient/p1` or the absolute address of this server. `undefined` when it names
 * something of another type or elsewhere, which nothing here can be.
 */
export function readReference(text: string, type: string, base: string): string | undefined {
  const relative = text.startsWith(`${base}/`) ? text.slice(base.length + 1) : text
  if (!relative.includes('/')) return relative
  const [of, id, ...rest] = relative.split('/')
  return of === type && id !== undefined && (rest.length === 0 || rest[0] === '_history') ? id : undefined
}
