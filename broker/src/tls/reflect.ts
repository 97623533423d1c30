/**
 * `@peculiar/x509` asks for a Reflect metadata polyfill and uses three calls of it, all with string keys on classes.
 * These are those three; an existing polyfill is left alone. Import this before `@peculiar/x509`.
 */
type Metadata = Map<string, unknown>
interface ReflectMetadata {
  defineMetadata?: (key: string, value: unknown, target: object) => void
  getOwnMetadata?: (key: string, target: object) => unknown
  getMetadata?: (key: string, target: object) => unknown
}

const stored = new WeakMap<object, Metadata>()
const reflect = Reflect as ReflectMetadata

reflect.defineMetadata ??= (key, value, target) => {
  const known = stored.get(target) ?? new Map<string, unknown>()
  known.set(key, value)
  stored.set(target, known)
}
reflect.getOwnMetadata ??= (key, target) => stored.get(target)?.get(key)
reflect.getMetadata ??= (key, target) => {
  for (let at: object | null = target; at; at = Object.getPrototypeOf(at) as object | null) {
    const known = stored.get(at)
    if (known?.has(key)) return known.get(key)
  }
  return undefined
}
