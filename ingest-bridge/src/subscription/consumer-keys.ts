import { readFileSync, statSync } from 'node:fs'
import { AppError, isName } from '@vigil/contract'

/** A key a consumer signs with, and the groups it may read. */
export interface ConsumerKey {
  readonly id: string
  readonly secret: string
  readonly groups: readonly string[]
}

export interface ConsumerKeys {
  find(id: string): ConsumerKey | undefined
}

/**
 * The keys in a file, read again when it changes, so that adding or taking away one needs no restart. No file: no keys.
 * The file: `{"keys":[{"id":"…","secret":"…","groups":["…"]}]}`.
 */
export function consumerKeys(path: string): ConsumerKeys {
  let keys: ReadonlyMap<string, ConsumerKey> = new Map()
  let readAt = ''
  return {
    find(id) {
      const version = versionOf(path)
      if (version !== readAt) keys = version === '' ? new Map() : readKeys(path)
      readAt = version
      return keys.get(id)
    },
  }
}

/** @throws AppError `SETTINGS_INVALID` naming the file. */
export function readKeys(path: string): ReadonlyMap<string, ConsumerKey> {
  let content: unknown
  try {
    content = JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    content = undefined
  }
  const keys = isRecord(content) && Array.isArray(content['keys']) ? (content['keys'] as unknown[]) : undefined
  if (!keys?.every(isKey)) throw new AppError('SETTINGS_INVALID', `${path} must hold {"keys":[{"id":"…","secret":"…","groups":["…"]}]}.`)
  return new Map(keys.map((key) => [key.id, key]))
}

function isKey(value: unknown): value is ConsumerKey {
  return isRecord(value) && typeof value['id'] === 'string' && typeof value['secret'] === 'string' && Array.isArray(value['groups']) && value['groups'].every((group) => typeof group === 'string' && isName(group))
}

/** Changes whenever the file does; empty without one. */
function versionOf(path: string): string {
  try {
    const { mtimeMs, size, ino } = statSync(path)
    return `${mtimeMs} ${size} ${ino}`
  } catch {
    return ''
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
