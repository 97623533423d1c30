import { tmpdir } from 'node:os'
import { describe, expect, it } from 'vitest'
import { AppError } from '@vigil/contract'
import { manualClock } from '@vigil/contract/testing/manual-clock'
import { diskRoom } from '../../src/path-health/disk-room.ts'
import { createPathHealth, type DiskRoom, type StoredFacts } from '../../src/path-health/path-health.ts'
import { alwaysOk, quietAlarms } from '../support/world.ts'

const GB = 1e9
const facts: StoredFacts = { storedMsAgo: 2_400, sizeBytes: 4 * GB, todayBytes: GB, todayMs: 6 * 3_600_000, folder: '/data' }

function pathOf(options: { facts?: Partial<StoredFacts>; fails?: boolean; connected?: boolean; room?: DiskRoom | undefined; away?: boolean } = {}) {
  const clock = manualClock()
  const asked = { times: 0 }
  const store = {
    async facts() {
      asked.times += 1
      if (options.fails) throw new AppError('DATABASE_AWAY', 'away')
      return { ...facts, ...options.facts }
    },
  }
  const health = options.away ? { ...alwaysOk, state: () => 'away' as const } : alwaysOk
  const room = async () => ('room' in options ? options.room : { freeBytes: 100 * GB, totalBytes: 200 * GB })
  return { clock, asked, ask: createPathHealth({ store, health, link: { connected: () => options.connected ?? true }, watch: () => quietAlarms.watch(), room, clock }) }
}

describe('the way from boards to storage', () => {
  it('is told part by part, with the days the disk lasts at the growth of today', async () => {
    expect(await pathOf().ask()).toMatchObject({
      broker: { state: 'ok' },
      storing: { state: 'ok', storedMsAgo: 2_400 },
      database: { state: 'ok', sizeBytes: 4 * GB, growthBytesPerDay: 4 * GB, disk: { freeBytes: 100 * GB, totalBytes: 200 * GB }, daysLeft: 25 },
      alarms: { engine: 'ok' },
    })
  })

  it('says what is behind or away, and promises nothing it does not know', async () => {
    expect((await pathOf({ connected: false }).ask()).broker).toEqual({ state: 'away' })
    expect((await pathOf({ facts: { storedMsAgo: 30_001 } }).ask()).storing).toEqual({ state: 'behind', storedMsAgo: 30_001 })
    expect((await pathOf({ facts: { storedMsAgo: null } }).ask()).storing).toEqual({ state: 'unknown' })
    for (const gone of [{ fails: true }, { away: true }]) expect(await pathOf(gone).ask()).toMatchObject({ storing: { state: 'unknown' }, database: { state: 'away' } })
  })

  it('counts no growth from the first hour of a day, nor where days have no parts, and no room on a disk it cannot see', async () => {
    for (const early of [{ todayMs: 600_000 }, { todayBytes: 0 }]) {
      const { database } = await pathOf({ facts: early }).ask()
      expect([database.growthBytesPerDay, database.daysLeft]).toEqual([undefined, undefined])
    }
    for (const unseen of [{ room: undefined }, { facts: { folder: null } }]) expect((await pathOf(unseen).ask()).database).toEqual({ state: 'ok', sizeBytes: 4 * GB, growthBytesPerDay: 4 * GB })
  })

  it('is asked of PostgreSQL once for many open pages, and anew after five seconds', async () => {
    const { ask, asked, clock } = pathOf()
    await Promise.all([ask(), ask(), ask()])
    clock.advance(4_999)
    await ask()
    expect(asked.times).toBe(1)
    clock.advance(1)
    await ask()
    expect(asked.times).toBe(2)
  })
})

describe('room on the disk of the database', () => {
  it('is known for a database of this computer, and not for a folder that is not here', async () => {
    const room = await diskRoom('postgres://vigil@127.0.0.1:5433/vigil')(tmpdir())
    expect(room?.totalBytes).toBeGreaterThan(room?.freeBytes ?? 0)
    expect(room?.freeBytes).toBeGreaterThan(0)
    expect(await diskRoom('postgres://vigil@127.0.0.1:5433/vigil')('/no/such/folder')).toBeUndefined()
  })

  it.each(['postgres://vigil@db:5432/vigil', 'postgres://vigil@10.0.0.7/vigil', 'postgres://vigil@127.example.org/vigil'])('is not known of another computer: %s', async (url) => {
    expect(await diskRoom(url)(tmpdir())).toBeUndefined()
  })
})
