import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { manualClock } from '@vigil/contract/testing/manual-clock'
import { rangesContain } from '@vigil/contract/ranges'
import { openSqliteSpool } from '../../src/spool/open-sqlite-spool.ts'
import { createSpool, type Spool } from '../../src/spool/protocol.ts'
import type { SpoolStore } from '../../src/spool/spool-store.ts'
import { modelServer } from '../support/model-server.ts'
import { seeded } from '../support/seeded.ts'

// Hundreds of starts: in memory where there is such a disk, because nothing here depends on forcing one.
const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'vigil-sweep-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const OBJECTS = 300
const STORED = 100
const body = (n: number): string => `{"t":${1_772_362_800_000 + n * 1_000},"m":{"pr":${60 + (n % 40)},"spo2":${90 + (n % 10)},"pi":3.21,"rrppg":18.84,"rr":19.48,"peep":4.44,"pip":8.05,"paw":6.46,"temp":36.75},"q":{"spo2":"low","temp":"calibrating"},"sq":{"pr":${n % 101}}}`

/** What the disk holds when the power goes: objects 1 to 300, of which the server has 1 to 100. */
function imageOf(): { epoch: string; db: Buffer; wal: Buffer; mark: Buffer; closed: Buffer } {
  const path = join(folder, 'origin.sqlite')
  const store = openSqliteSpool({ path, synchronous: 'normal', machineStart: () => 'first' })
  for (let n = 1; n <= OBJECTS; n++) {
    if (n === STORED + 20) store.saveCovered([[1, STORED]])
    store.append([{ kind: n % 50 === 0 ? 'event' : 'sample', body: n % 50 === 0 ? `{"t":${n},"ev":"probe_off","ph":"once"}` : body(n) }])
  }
  const image = { epoch: store.epoch, db: readFileSync(path), wal: readFileSync(`${path}-wal`), mark: readFileSync(`${path}.mark`) }
  store.close()
  return { ...image, closed: readFileSync(path) }
}
const image = imageOf()

type Damage = (bytes: Buffer, at: number) => Buffer
const damages: Readonly<Record<string, Damage>> = {
  'cut off': (bytes, at) => bytes.subarray(0, at),
  'one bit turned': (bytes, at) => Buffer.from(bytes.with(at, (bytes[at] as number) ^ 0x10)),
  'a sector of zeros': (bytes, at) => Buffer.from(bytes).fill(0, at, Math.min(at + 512, bytes.length)),
  'a sector of rubbish': (bytes, at) => Buffer.concat([bytes.subarray(0, at), Buffer.from(Array.from({ length: 512 }, (_, i) => (at * 31 + i * 7) & 0xff)), bytes.subarray(at + 512)]).subarray(0, bytes.length),
}
const outcomes = { wentOn: 0, newEpoch: 0, told: 0, tornTails: 0, spoiltRecords: 0 }

interface Board {
  readonly store: SpoolStore
  readonly spool: Spool
  readonly server: ReturnType<typeof modelServer>
}

/** Starts on the damaged file, measures on, and lets everything arrive. */
function startOn(path: string): Board {
  const server = modelServer()
  server.receive('backlog', `[${Array.from({ length: STORED }, (_, i) => i + 1).filter((n) => n % 50 !== 0).map((n) => `{"e":"${image.epoch}","s":${n},"t":1,"m":{}}`).join(',')}]`)
  for (const n of [50, 100]) server.receive('event', `{"e":"${image.epoch}","s":${n},"t":${n},"ev":"probe_off","ph":"once"}`)
  const clock = manualClock()
  const store = openSqliteSpool({ path, synchronous: 'normal', machineStart: () => 'second' })
  const receipts = (): void => {
    for (const epoch of new Set([image.epoch, store.epoch])) spool.receipt(server.receiptFor(epoch))
  }
  const spool = createSpool({
    store,
    clock,
    random: () => 0.5,
    time: () => ({ t: clock.now() }),
    wallTimeAt: () => undefined,
    transport: {
      publish: (lane, payload, settled) => {
        server.receive(lane, payload)
        clock.after(1, settled)
        clock.after(2, receipts)
      },
    },
  })
  for (let i = 0; i < 3; i++) spool.record([{ kind: 'sample', time: { t: 5 }, fields: { m: { pr: 9_000 + i } } }])
  spool.online()
  spool.receipt(server.answerOnline(store.epoch, spool.status().upto))
  clock.advance(120_000)
  return { store, spool, server }
}

function expectNothingSilent({ store, spool, server }: Board): void {
  const stored = server.stored(image.epoch)
  const lost = server.lost(image.epoch)
  let missing = 0
  for (let n = STORED + 1; n <= OBJECTS; n++) {
    const row = stored.get(n)
    if (row && n % 50 !== 0) expect(row.text, `number ${n} is not what was measured`).toContain(body(n).slice(1))
    if (row) continue
    missing += 1
    expect(rangesContain(lost, n), `number ${n} is gone without a word`).toBe(true)
  }
  expect(spool.status().unsent).toBe(0)
  expect(spool.status().dropped).toBeGreaterThanOrEqual(missing)
  expect([...server.stored(store.epoch).values()].filter(({ text }) => text.includes('"pr":900')).length).toBe(3)
  expect(server.counts.refused).toEqual([])
  if (store.epoch === image.epoch) outcomes.wentOn += 1
  else outcomes.newEpoch += 1
  if (missing > 0) outcomes.told += 1
  if (store.torn().length > 0) outcomes.tornTails += 1
  if (missing > 0 && missing < 40 && store.torn().every(([from]) => from > OBJECTS)) outcomes.spoiltRecords += 1
}

function sweep(file: 'db' | 'wal' | 'closed', damage: Damage, count: number, seed: number): void {
  const random = seeded(seed)
  const whole = image[file]
  // The beginning and the end always, and the rest by chance.
  const offsets = [0, 20, 100, whole.length - 600, whole.length - 1, ...Array.from({ length: count - 5 }, () => Math.floor(random() * whole.length))]
  for (const [i, at] of offsets.entries()) {
    const path = join(folder, `${file}-${seed}-${i}.sqlite`)
    if (file === 'closed') writeFileSync(path, damage(image.closed, at))
    else {
      writeFileSync(path, file === 'db' ? damage(image.db, at) : image.db)
      writeFileSync(`${path}-wal`, file === 'wal' ? damage(image.wal, at) : image.wal)
    }
    writeFileSync(`${path}.mark`, image.mark)
    const board = startOn(path)
    expectNothingSilent(board)
    board.spool.close()
  }
}

describe('a spool whose file is damaged', () => {
  it.each(Object.keys(damages))('starts, keeps every sound object and tells every other: %s anywhere in the main file', (name) => {
    sweep('db', damages[name] as Damage, 25, 40 + Object.keys(damages).indexOf(name))
  })

  it.each(Object.keys(damages))('starts, keeps every sound object and tells every other: %s anywhere in the write-ahead log', (name) => {
    sweep('wal', damages[name] as Damage, 15, 80 + Object.keys(damages).indexOf(name))
  })

  it.each(Object.keys(damages))('starts, keeps every sound object and tells every other: %s anywhere in a file that was closed in order', (name) => {
    sweep('closed', damages[name] as Damage, 25, 120 + Object.keys(damages).indexOf(name))
  })

  it('starts when the mark beside it is damaged, or everything but the mark is gone', () => {
    for (const mark of ['', 'rubbish', image.mark.toString().replace(image.epoch, 'ffffffff')]) {
      const path = join(folder, `mark-${mark.length}.sqlite`)
      writeFileSync(path, image.db)
      writeFileSync(`${path}-wal`, image.wal)
      writeFileSync(`${path}.mark`, mark)
      const board = startOn(path)
      expectNothingSilent(board)
      expect(board.store.epoch).toBe(image.epoch)
      board.spool.close()
    }
    const gone = join(folder, 'gone.sqlite')
    writeFileSync(`${gone}.mark`, image.mark)
    const board = startOn(gone)
    expectNothingSilent(board)
    expect(board.store.lostStore?.epoch).toBe(image.epoch)
    board.spool.close()
  })

  it('came to every kind of end in these tests', () => {
    for (const [outcome, times] of Object.entries(outcomes)) expect(times, outcome).toBeGreaterThan(3)
  })
})
