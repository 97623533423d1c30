import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { join } from 'node:path'
import { ensureSecretFile } from './secrets.ts'

/** Signs what leaves this installation as its word: `<data>/secrets/audit-export.key`, Ed25519, PKCS 8. */
const FILE = 'audit-export.key'

export const signingKeyPath = (dataDir: string): string => join(dataDir, 'secrets', FILE)

/** The key of this installation, made at first use; only its owner reads the file. */
export function ensureSigningKey(dataDir: string): KeyObject {
  return createPrivateKey(ensureSecretFile(dataDir, FILE, () => generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()))
}

/** What third parties check signatures with, PEM. */
export function publicPem(key: KeyObject): string {
  return (key.type === 'public' ? key : createPublicKey(key)).export({ type: 'spki', format: 'pem' }).toString()
}
