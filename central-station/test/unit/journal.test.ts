import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AppError } from '@vigil/contract'
import { manualClock, type ManualClock } from '@vigil/contract/testing/manual-clock'
import { silentLog } from '@vigil/program'
import type { Durable, DurableHealth } from '../../src/durable-health.ts'
import { openCacheFile } from '../../src/files/cache-file.ts'
import { openJournal, type Journal, type JournalRecord } from '../../src/files/journal.ts'
import { openJournalFile } from '../../src/files/journal-file.ts'

interface Note extends JournalRecord {
  readonly text: string
}

/** A database table that keeps a record once, and can be away or refuse. */
function table() {
  const rows = new Map<string, string>()
  let state: Durable = 'ok'
  const listeners = new Set<(state: Durable) => void>()
  const health: DurableHealth = {
    state: () => state,
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
  return {
    rows,
    health,
    become(next: Durable) {
      state = next
      for (const listener of listeners) listener(next)
    },
    sink: {
      async write(records: readonly Note[]) {
        if (state === 'away') throw new AppError('DATABASE_AWAY', 'away')
        if (records.some((record) => record.text === 'poison')) throw new AppError('INVALID_REQUEST', 'cannot be stored')
        for (const { id, text } of records) rows.set(id, text)
      },
    },
  }
}

const notes = (...texts: string[]): Note[] => texts.map((text, i) => ({ id: `${text}-${i}`, text }))

describe('records that must reach the database', () => {
  let folder: string
  let path: string
  let clock: ManualClock
  let database: ReturnType<typeof table>
  let journal: Journal<Note>
  const open = () => openJournal<Note>({ path, sink: database.sink, health: database.health, clock, log: silentLog })

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'vigil-journal-'))
    path = join(folder, 'deep', 'notes.jsonl')
    clock = manualClock()
    database = table()
    journal = await open()
  })
  afterEach(async () => {
    await journal.stop()
    expect(clock.pending()).toBe(0)
    rmSync(folder, { recursive: true, force: true })
  })

  it('get there, and leave nothing on the disk', async () => {
    await Promise.all(notes('a', 'b', 'c').map((note) => journal.append([note])))
    await journal.drain()
    expect([...database.rows.values()]).toEqual(['a', 'b', 'c'])
    expect([journal.depth(), statSync(path).size]).toEqual([0, 0])
  })

  it('are on the disk when the database is away, for this user alone, and get there when it is back', async () => {
    database.become('away')
    await journal.append(notes('a', 'b'))
    expect(readFileSync(path, 'utf8').trim().split('\n')).toHaveLength(2)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(database.rows.size).toBe(0)
    database.become('ok')
    await journal.drain()
    expect(database.rows.size).toBe(2)
  })

  it('survive a restart, also one that tore the last line in half', async () => {
    database.become('away')
    await journal.append(notes('a', 'b'))
    await journal.stop()
    appendFileSync(path, '{"id":"half","te')
    journal = await open()
    await journal.append(notes('c'))
    database.become('ok')
    await journal.drain()
    expect([...database.rows.values()]).toEqual(['a', 'b', 'c'])
  })

  it('are kept in order through many chunks', async () => {
    database.become('away')
    const long = 'x'.repeat(3_000)
    await journal.append(Array.from({ length: 400 }, (_, i) => ({ id: String(i), text: `${i} ${long}` })))
    database.become('ok')
    await journal.drain()
    expect([...database.rows.keys()]).toEqual(Array.from({ length: 400 }, (_, i) => String(i)))
    expect(journal.depth()).toBe(0)
  })

  it('that can never be stored are put aside alone, counted, and hold up no other', async () => {
    await journal.append(notes('a', 'poison', 'b', 'c'))
    await journal.drain()
    expect([...database.rows.values()]).toEqual(['a', 'b', 'c'])
    expect([journal.rejected(), journal.depth()]).toEqual([1, 0])
    expect(readFileSync(path.replace('.jsonl', '.rejected.jsonl'), 'utf8')).toContain('poison')
  })

  it('are tried again every second while the database hesitates', async () => {
    const { sink } = database
    const write = sink.write.bind(sink)
    let failures = 2
    sink.write = async (records) => {
      if (failures-- > 0) throw new AppError('DATABASE_AWAY', 'hesitates')
      await write(records)
    }
    await journal.append(notes('a'))
    await journal.drain()
    expect(database.rows.size).toBe(0)
    clock.advance(1_000)
    await journal.drain()
    expect(database.rows.size).toBe(1)
  })

  it('may be longer than a chunk', async () => {
    const file = await openJournalFile(join(folder, 'big.jsonl'))
    await file.append(['y'.repeat(700_000), 'z'])
    const first = await file.peek()
    expect(first.lines.map((line) => line.length)).toEqual([700_000, 1])
    await first.taken()
    expect(file.depth()).toBe(0)
    await file.close()
  })
})

describe('what is known by heart', () => {
  it('is there after a restart, and a broken file is no reason not to start', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vigil-cache-'))
    const clock = manualClock()
    const path = join(folder, 'cache.json')
    const cache = await openCacheFile({ path, clock, log: silentLog })
    expect(cache.read('world')).toBeUndefined()
    cache.put('world', { beds: 1 })
    cache.put('world', { beds: 2 })
    cache.put('sessions', [])
    await cache.stop()
    expect(statSync(path).mode & 0o777).toBe(0o600)
    const again = await openCacheFile({ path, clock, log: silentLog })
    expect(again.read('world')).toEqual({ beds: 2 })
    appendFileSync(path, '!')
    expect((await openCacheFile({ path, clock, log: silentLog })).read('world')).toBeUndefined()
    rmSync(folder, { recursive: true, force: true })
  })
})
