import type { Stop } from '@vigil/contract'
import { alinkUserName } from '@vigil/contract/alink/index'
import { type KnownDevice, sameVerifier, type Verifier } from './verifiers.ts'

interface Entry {
  readonly verifier: Verifier
  /** When the question was asked that this is the answer to, monotonic milliseconds. */
  readonly askedAt: number
}

export interface VerifierCache {
  readonly get: (device: string) => Verifier | undefined
  /** The device with this user name of Alink. */
  readonly getAlink: (userName: string) => KnownDevice | undefined
  /** Takes the answer to a question about some devices; one that is absent from `found` is gone. */
  take(asked: Iterable<string>, found: ReadonlyMap<string, Verifier>, askedAt: number): void
  /** Takes the whole registry. */
  takeAll(found: ReadonlyMap<string, Verifier>, askedAt: number): void
  entries(): IterableIterator<[string, Verifier]>
  readonly size: number
  readonly onChange: (listener: (device: string) => void) => Stop
}

/**
 * Verifiers in memory. Answers may overtake each other (a device looked up while the whole registry is being read), so an
 * answer never replaces one to a later question: a device created this moment would be forgotten and cut.
 */
export function createVerifierCache(remembered: ReadonlyMap<string, Verifier> = new Map()): VerifierCache {
  const known = new Map<string, Entry>([...remembered].map(([id, verifier]) => [id, { verifier, askedAt: Number.NEGATIVE_INFINITY }]))
  const byAlinkUser = new Map<string, string>()
  const listeners = new Set<(device: string) => void>()

  const put = (device: string, verifier: Verifier | undefined, askedAt: number) => {
    const before = known.get(device)
    if (before && before.askedAt > askedAt) return
    if (verifier) known.set(device, { verifier, askedAt })
    else known.delete(device)
    index(device, before?.verifier, verifier)
    if (!sameVerifier(before?.verifier, verifier)) for (const listener of listeners) listener(device)
  }

  const index = (device: string, before: Verifier | undefined, now: Verifier | undefined) => {
    // Another device may have the name by now.
    if (before?.alink && byAlinkUser.get(alinkUserName(before.alink)) === device) byAlinkUser.delete(alinkUserName(before.alink))
    if (now?.alink) byAlinkUser.set(alinkUserName(now.alink), device)
  }
  for (const [device, { verifier }] of known) index(device, undefined, verifier)

  return {
    getAlink(userName) {
      const device = byAlinkUser.get(userName)
      const verifier = device === undefined ? undefined : known.get(device)?.verifier
      return device === undefined || !verifier ? undefined : { device, verifier }
    },
    get: (device) => known.get(device)?.verifier,
    take(asked, found, askedAt) {
      for (const device of new Set([...asked, ...found.keys()])) put(device, found.get(device), askedAt)
    },
    takeAll(found, askedAt) {
      for (const device of Array.from(known.keys())) if (!found.has(device)) put(device, undefined, askedAt)
      for (const [device, verifier] of found) put(device, verifier, askedAt)
    },
    *entries() {
      for (const [device, { verifier }] of known) yield [device, verifier]
    },
    get size() {
      return known.size
    },
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
