import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, linkSync, mkdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export type ServiceName = 'bridge' | 'central'

export interface Secrets {
  /** Key of the HMAC that device secrets are stored under. */
  readonly pepper: Buffer
  /** Broker passwords of our own programs, by their user name. */
  readonly services: Readonly<Record<ServiceName, string>>
}

const FILE_MODE = 0o600

/**
 * Reads the secrets of this installation from `<data>/secrets`, making them at first start.
 * Safe when several programs start at once: a file appears whole or not at all, and the first one wins.
 */
export function ensureSecrets(dataDir: string): Secrets {
  const pepper = ensureSecretFile(dataDir, 'pepper', () => randomBytes(32).toString('hex'))
  const services = ensureSecretFile(dataDir, 'services.json', () => JSON.stringify({ bridge: newSecret(), central: newSecret() }))
  return { pepper: Buffer.from(pepper.trim(), 'hex'), services: JSON.parse(services) as Secrets['services'] }
}

/** 256 random bits, URL-safe. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url')
}

/** The content of `<data>/secrets/<name>`, made at first use; only its owner reads it. */
export function ensureSecretFile(dataDir: string, name: string, content: () => string): string {
  const dir = join(dataDir, 'secrets')
  const path = join(dir, name)
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  if (!existsSync(path)) {
    const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`
    writeFileSync(draft, content(), { mode: FILE_MODE })
    chmodSync(draft, FILE_MODE)
    try {
      linkSync(draft, path)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    } finally {
      unlinkSync(draft)
    }
  }
  return readFileSync(path, 'utf8')
}
