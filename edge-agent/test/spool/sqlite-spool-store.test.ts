import { copyFileSync, existsSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openSqliteSpool, type SqliteSpoolOptions } from '../../src/spool/open-sqlite-spool.ts'
import type { LostStore, NewRecord, SpoolStore } from '../../src/spool/spool-store.ts'
import { seeded } from '../support/seeded.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

// As long as an object of a board with every sensor.
const body = (n: number): string => `{"t":${1_772_362_800_000 + n * 1_000},"m":{"pr":${60 + (n % 40)}.29,"pi":0.25,"rrppg":18.84,"spo2":95.77,"rr":19.48,"peep":4.44,"pip":8.05,"paw":6.46,"pamb":1012.52,"temp":36.75},"q":{"spo2":"low","temp":"calibrating"},"sq":{"pr":93,"rrppg":71,"rr":97}}`
const sample = (n: number): NewRecord => ({ kind: 'sample', body: body(n) })
const samples = (from: number, count: number): NewRecord[] => Array.from({ length: count }, (_, i) => sample(from + i))

function open(path: string, options: Partial<SqliteSpoolOptions> = {}): SpoolStore {
  const store = openSqliteSpool({ path, ...options })
  let open = true
  const close = (): void => {
    if (open) store.close()
    open = false
  }
  onTestFinished(close)
  return new Proxy(store, { get: (target, key) => (key === 'close' ? close : typeof Reflect.get(target, key) === 'function' ? (Reflect.get(target, key) as () => unknown).bind(target) : Reflect.get(target, key)) })
}

describe('the spool on disk', () => {
  it('keeps objects, numbers, receipts and epoch over a restart, and counts the start', () => {
    const path = join(temporaryFolder(), 'board.sqlite')
    const first = open(path)
    expect(first.append(samples(1, 3))).toBe(1)
    expect(first.append([{ kind: 'event', body: '{"t":1,"ev":"probe_off","ph":"start"}' }])).toBe(4)
    first.saveCovered([[1, 2]])
    first.close()
    // The last word of an agent that was stopped still counts what was lost.
    expect(first.lostBefore()).toBe(0)
    const second = open(path)
    expect(second).toMatchObject({ epoch: first.epoch, boot: 2 })
    expect([second.lastSeq(), second.kept(), second.covered()]).toEqual([4, [[1, 4]], [[1, 2]]])
    expect(second.append([sample(5)])).toBe(5)
    expect(second.read({ from: 3, to: 5, limit: 9 }).map(({ seq, boot, kind }) => [seq, boot, kind])).toEqual([[3, 1, 'sample'], [4, 1, 'event'], [5, 2, 'sample']])
    expect(second.read({ from: 1, to: 5, limit: 9, only: 'event' }).map(({ seq }) => seq)).toEqual([4])
  })

  it('saves what receipts cover together with the next object', () => {
    const path = join(temporaryFolder(), 'board.sqlite')
    const store = open(path)
    store.append(samples(1, 3))
    store.saveCovered([[1, 3]])
    store.append([sample(4)])
    const other = new DatabaseSync(path, { readOnly: true })
    expect(other.prepare(`select value from meta where key = 'covered'`).get()).toEqual({ value: '[[1,3]]' })
    other.close()
  })

  it('never gives a number again that the server already knows', () => {
    const path = join(temporaryFolder(), 'board.sqlite')
    const store = open(path)
    store.append([sample(1)])
    store.skipTo(50)
    store.close()
    expect(open(path).append([sample(51)])).toBe(51)
  })

  it('is for the agent alone to read', () => {
    const path = join(temporaryFolder(), 'board.sqlite')
    open(path).append([sample(1)])
    for (const file of [path, `${path}-wal`]) expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  it('refuses a second agent on the same spool, in a sentence', () => {
    const path = join(temporaryFolder(), 'board.sqlite')
    open(path)
    expect(() => openSqliteSpool({ path })).toThrow(/Another agent is running/)
  })

  it('holds seven days at one object a second in 200 MB', () => {
    const path = join(temporaryFolder(), 'board.sqlite')
    const store = open(path, { synchronous: 'normal' })
    for (let i = 0; i < 20; i++) store.append(samples(i * 1_000, 1_000))
    store.close()
    expect((statSync(path).size / 20_000) * 7 * 86_400).toBeLessThan(200e6)
  })
})

describe('a spool that is full', () => {
  it('answers that there is no room, and takes objects again after the oldest were given up', () => {
    const store = open(join(temporaryFolder(), 'board.sqlite'), { limitBytes: 256 * 1024, synchronous: 'normal' })
    let next = 1
    while (store.append([sample(next)]) !== undefined) next += 1
    expect(next).toBeGreaterThan(500)
    for (let i = 0; i < 2_000; i++) {
      if (store.append([sample(next)]) === undefined) expect(store.drop([1, store.lastSeq()], 64)).toHaveLength(1)
      else next += 1
    }
    expect(store.lastSeq()).toBe(next - 1)
    expect(store.kept()).toHaveLength(1)
  })

  it('stops growing while the disk is nearly full', () => {
    const path = join(temporaryFolder(), 'board.sqlite')
    let spare = 1e9
    const store = open(path, { spareBytes: () => spare, synchronous: 'normal' })
    for (let i = 0; i < 20; i++) store.append(samples(i * 100, 100))
    spare = 1_000_000
    const sizeBefore = statSync(path).size
    for (let i = 0; i < 10_000; i++) if (store.append([sample(i)]) === undefined) store.drop([1, store.lastSeq()], 64)
    expect(statSync(path).size).toBeLessThanOrEqual(Math.max(sizeBefore, 4 * 1024 * 1024))
  })
})

describe('a spool after a power cut', () => {
  it('holds an unbroken beginning of what was recorded, wherever the write-ahead log was torn', () => {
    const random = seeded(11)
    const folder = temporaryFolder()
    const path = join(folder, 'board.sqlite')
    const store = open(path)
    for (let i = 1; i <= 60; i++) store.append([sample(i)])
    const image = { db: readFileSync(path), wal: readFileSync(`${path}-wal`) }
    for (let round = 0; round < 60; round++) {
      const torn = join(folder, `torn-${round}.sqlite`)
      const wal = Buffer.from(image.wal)
      const at = Math.floor(random() * wal.length)
      if (round % 2 === 0) wal.fill(0, at)
      else wal.writeUInt8(wal.readUInt8(at) ^ 0x40, at)
      writeFileSync(torn, image.db)
      writeFileSync(`${torn}-wal`, round % 2 === 0 ? wal.subarray(0, at) : wal)
      const survivor = openSqliteSpool({ path: torn })
      const last = survivor.lastSeq()
      expect(survivor.read({ from: 1, to: 60, limit: 99 }).map((r) => r.body)).toEqual(samples(1, last).map((r) => r.body))
      expect(survivor.append([sample(last + 1)])).toBe(last + 1)
      survivor.close()
    }
  })

  it('is put aside when the file itself is broken, and a new epoch begins that still knows what was lost', () => {
    const path = join(temporaryFolder(), 'board.sqlite')
    const store = open(path)
    store.append(samples(1, 4_000))
    store.saveCovered([[1, 100]])
    store.append([sample(4_001)])
    copyFileSync(path, `${path}.cut`)
    copyFileSync(`${path}-wal`, `${path}.cut-wal`)
    const db = new DatabaseSync(`${path}.cut`)
    db.exec('pragma wal_checkpoint(truncate)')
    db.close()
    const bytes = readFileSync(`${path}.cut`)
    bytes.fill(0x5a, Math.floor(bytes.length / 2), Math.floor(bytes.length / 2) + 20_000)
    writeFileSync(`${path}.cut`, bytes)
    let told: LostStore | undefined
    const fresh = open(`${path}.cut`, { onLost: (lost) => (told = lost) })
    expect(fresh.epoch).not.toBe(store.epoch)
    expect(existsSync(`${path}.cut.corrupt`)).toBe(true)
    // The first append reserved 32 numbers more than it took, so none above 4,032 can have been given.
    expect(told).toEqual({ epoch: store.epoch, objects: 3_932 })
    expect(fresh.farewell()).toEqual({ epoch: store.epoch, next: 4_033, gaps: [[101, 4_032]] })
    expect([fresh.lostStore, fresh.lostBefore()]).toEqual([told, 3_932])
    expect(fresh.append([sample(1)])).toBe(1)
    fresh.clearFarewell()
    expect(fresh.farewell()).toBeUndefined()
  })

  it('begins anew when nothing of the file can be read', () => {
    const path = join(temporaryFolder(), 'board.sqlite')
    writeFileSync(path, 'this was never a database, but it is long enough to be taken for one'.repeat(100))
    const store = open(path)
    expect([store.lastSeq(), store.farewell(), existsSync(`${path}.corrupt`)]).toEqual([0, undefined, true])
  })

  it('does not lose its epoch to an empty file', () => {
    const path = join(temporaryFolder(), 'board.sqlite')
    writeFileSync(path, '')
    truncateSync(path, 0)
    expect(open(path).append([sample(1)])).toBe(1)
  })
})
