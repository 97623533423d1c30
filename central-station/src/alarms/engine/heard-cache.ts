import type { SignalName } from '@vigil/contract'
import type { AlarmBook } from '@vigil/contract/alarms'
import type { CacheFile } from '../../files/cache-file.ts'

const PART = 'heard'
type Heard = Record<string, Record<string, number>>

/** When each signal was last heard, so that one which stops during a restart is missed all the same. */
export function keepHeard(cache: CacheFile, book: AlarmBook): void {
  const all: Heard = {}
  for (const key of book.subjects()) {
    const heard = book.heard(key)
    if (heard && heard.size > 0) all[key] = Object.fromEntries(heard)
  }
  cache.put(PART, all)
}

export function heardFrom(cache: CacheFile, book: AlarmBook): void {
  for (const [key, heard] of Object.entries((cache.read(PART) as Heard | undefined) ?? {})) book.rememberHeard(key, Object.entries(heard) as [SignalName, number][])
}
