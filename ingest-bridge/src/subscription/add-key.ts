import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { AppError, isName } from '@vigil/contract'
import { type ConsumerKey, readKeys } from './consumer-keys.ts'

const FILE_MODE = 0o600

/**
 * Puts a key into the key file, in place of one of the same name; the bridge reads the file again by itself.
 * @throws AppError `SETTINGS_INVALID` for names that are none.
 */
export function addKey(path: string, id: string, groups: readonly string[]): ConsumerKey {
  const wrong = [id, ...groups].find((name) => !isName(name))
  if (wrong !== undefined || groups.length === 0) throw new AppError('SETTINGS_INVALID', 'A key needs a name and at least one consumer group, each of letters, digits, _ and -.')
  const key = { id, secret: randomBytes(32).toString('base64url'), groups }
  write(path, [...others(path, id), key])
  return key
}

/** Takes a key away. Answers whether it was there. */
export function removeKey(path: string, id: string): boolean {
  const known = existsSync(path) && readKeys(path).has(id)
  if (known) write(path, others(path, id))
  return known
}

function others(path: string, id: string): ConsumerKey[] {
  return existsSync(path) ? [...readKeys(path).values()].filter((key) => key.id !== id) : []
}

function write(path: string, keys: readonly ConsumerKey[]): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  writeFileSync(`${path}.new`, `${JSON.stringify({ keys }, undefined, 2)}\n`, { mode: FILE_MODE })
  renameSync(`${path}.new`, path)
}
