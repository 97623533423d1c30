import { createHash, randomBytes } from 'node:crypto'
import { alinkUserName } from '@vigil/contract/alink/index'
import { type AlinkVerifier, type Verifier, type Verifiers, macOf } from './verifiers.ts'

export interface MemoryVerifiers extends Verifiers {
  /** Registers a device, or gives it a new secret. */
  add(device: string, options: { site?: string; secret: string; previousSecret?: string; previousUntilMs?: number }): void
  /** Registers a device that speaks Alink. */
  addAlink(device: string, alink: AlinkVerifier, site?: string): void
  /** Lets a phone with this token send. */
  addPhone(phone: string, token: string): void
  retire(device: string): void
  remove(device: string): void
}

/** A registry in memory, for tests and for a broker that serves a fixed set of devices. */
export function memoryVerifiers(pepper: Buffer): MemoryVerifiers {
  const known = new Map<string, Verifier>()
  const phones = new Map<string, Buffer>()
  const listeners = new Set<(device: string) => void>()
  const set = (device: string, verifier: Verifier | undefined) => {
    if (verifier) known.set(device, verifier)
    else known.delete(device)
    for (const listener of listeners) listener(device)
  }

  const findAlink = async (userName: string) => {
    const entry = [...known].find(([, { alink }]) => alink && alinkUserName(alink) === userName)
    return entry && { device: entry[0], verifier: entry[1] }
  }

  return {
    findAlink,
    addAlink: (device, alink, site = 'main') => set(device, { site, mac: macOf(pepper, randomBytes(32)), retired: false, alink }),
    addPhone: (phone, token) => void phones.set(phone, createHash('sha256').update(token).digest()),
    findPhone: async (phone) => phones.get(phone),
    find: async (device) => known.get(device),
    recheck: async (device) => known.get(device),
    peek: (device) => known.get(device),
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    facts: () => ({ link: true, cached: known.size, ageMs: 0 }),
    stop: async () => listeners.clear(),
    add(device, { site = 'main', secret, previousSecret, previousUntilMs = Number.MAX_SAFE_INTEGER }) {
      const previous = previousSecret === undefined ? {} : { previous: { mac: macOf(pepper, previousSecret), untilMs: previousUntilMs } }
      set(device, { site, mac: macOf(pepper, secret), retired: false, ...previous })
    },
    retire(device) {
      const verifier = known.get(device)
      if (verifier) set(device, { ...verifier, retired: true })
    },
    remove: (device) => set(device, undefined),
  }
}
