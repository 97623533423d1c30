import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { manualClock, type ManualClock } from '@vigil/contract/testing/manual-clock'
import { AppError } from '@vigil/contract'
import { silentLog } from '@vigil/program'
import { openCacheFile, type CacheFile } from '../../src/files/cache-file.ts'
import { createRegistry } from '../../src/registry/registry.ts'
import type { WorldChange } from '../../src/registry/world-index.ts'
import { emptyWorld, type World } from '../../src/registry/world.ts'
import { createSessionBook, type Session } from '../../src/people/session-book.ts'
import { alwaysOk, deviceFact, stayFact, wardOf } from '../support/world.ts'

describe('what the central station knows by heart', () => {
  let folder: string
  let clock: ManualClock
  let cache: CacheFile
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'vigil-registry-'))
    clock = manualClock()
    cache = await openCacheFile({ path: join(folder, 'cache.json'), clock, log: silentLog })
  })
  afterEach(async () => {
    await cache.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  const make = (load: () => Promise<World>) => createRegistry({ store: { load }, cache, health: alwaysOk, clock, log: silentLog })

  it('tells exactly which beds, wards and configurations changed', async () => {
    let world = wardOf(3)
    const registry = make(async () => world)
    const changes: WorldChange[] = []
    registry.onChange((change) => changes.push(change))
    await registry.refresh()
    await registry.refresh()
    expect(changes).toEqual([{ beds: ['b0', 'b1', 'b2'], wards: ['w'], desired: ['d0', 'd1', 'd2'] }])
    world = { ...world, stays: [...world.stays.slice(0, 2), stayFact('s2', 'b2', undefined)], devices: [deviceFact('d0', { label: 'new' }), deviceFact('d1', { desired: { version: 2, set: {}, atMs: null, by: null } }), deviceFact('d2')] }
    await registry.refresh()
    expect(changes[1]).toEqual({ beds: ['b0', 'b2'], wards: [], desired: ['d1'] })
    registry.stop()
  })

  it('reads once more when asked during a read, and never twice at once', async () => {
    let [running, most, reads] = [0, 0, 0]
    const registry = make(async () => {
      reads += 1
      most = Math.max(most, ++running)
      await new Promise((resolve) => setImmediate(resolve))
      running -= 1
      return wardOf(reads)
    })
    const first = registry.refresh()
    await Promise.all([first, registry.refresh(), registry.refresh(), registry.refresh()])
    expect([reads, most, registry.now().world.devices.length]).toEqual([2, 1, 2])
    registry.stop()
    expect(clock.pending()).toBe(1)
  })

  it('keeps what it knows when the database cannot be read, and starts with it the next time', async () => {
    let away = false
    const registry = make(async () => {
      if (away) throw new AppError('DATABASE_AWAY', 'away')
      return wardOf(2)
    })
    await registry.refresh()
    away = true
    await registry.refresh()
    expect(registry.now().wardOfBed.get('b1')?.id).toBe('w')
    registry.stop()
    await cache.stop()
    cache = await openCacheFile({ path: join(folder, 'cache.json'), clock, log: silentLog })
    const next = make(async () => emptyWorld)
    expect(next.now().stayOfDevice.get('d1')?.id).toBe('s1')
    next.stop()
  })

  describe('and who is signed in', () => {
    const account = { id: 'a', username: 'bot', displayName: 'Bot', role: 'operator' as const, wards: null, patientId: null, onceUntilMs: null, hasPin: false, disabled: false, createdAtMs: 0 }
    const book = () => {
      const rows = new Map<string, Session>()
      const store = {
        load: async () => [...rows.values()],
        add: async (session: Session) => void rows.set(session.id, { ...session }),
        remove: async (id: string) => void rows.delete(id),
        lock: async () => undefined,
        unlocked: async () => undefined,
        touch: async (used: readonly Pick<Session, 'id' | 'lastUsedMs'>[]) => {
          for (const { id, lastUsedMs } of used) Object.assign(rows.get(id) ?? {}, { lastUsedMs })
        },
      }
      return { rows, store, sessions: createSessionBook({ store, cache, keep: async () => undefined, health: alwaysOk, clock, log: silentLog }) }
    }

    it('is nobody any more after signing out, whatever a read that was under way brings, and with the database away', async () => {
      const { rows, sessions, store } = book()
      const { token, session } = await sessions.open(account, 'browser', '')
      const before = structuredClone([...rows.values()])
      let answer: () => void = () => undefined
      const { load, remove } = store
      store.load = () => new Promise((resolve) => { answer = () => resolve(before) })
      const reading = sessions.refresh()
      store.remove = async () => { throw new AppError('DATABASE_AWAY', 'away') }
      await sessions.close(session.id)
      answer()
      await reading
      expect(sessions.find(token)).toBeUndefined()
      Object.assign(store, { load, remove })
      await sessions.refresh()
      expect([sessions.find(token), rows.size]).toEqual([undefined, 1])
      clock.advance(60_000)
      await new Promise((resolve) => setImmediate(resolve))
      expect(rows.size).toBe(0)
      await sessions.stop()
    })

    it('is written with the time of last use once a minute', async () => {
      const { rows, sessions } = book()
      const { token, session } = await sessions.open(account, 'browser', '10.0.0.1')
      clock.advance(59_000)
      expect(sessions.find(token)?.id).toBe(session.id)
      clock.advance(1_000)
      await new Promise((resolve) => setImmediate(resolve))
      expect(rows.get(session.id)?.lastUsedMs).toBe(clock.now() - 1_000)
      await sessions.stop()
    })

    it('ends after half an hour without use, and is told', async () => {
      const { sessions } = book()
      const closed: string[] = []
      sessions.onClosed((id) => closed.push(id))
      const { token, session } = await sessions.open(account, 'browser', '')
      clock.stepWallClock(1_800_000)
      expect(sessions.find(token)).toBeUndefined()
      expect(sessions.stillOpen(session.id)).toBe(false)
      expect(closed).toEqual([session.id])
      await sessions.stop()
    })

    it('cannot be filled by a program that never signs out', async () => {
      const { rows, sessions } = book()
      const first = await sessions.open(account, 'program', '')
      for (let i = 0; i < 200; i++) {
        clock.stepWallClock(1)
        await sessions.open(account, 'program', '')
      }
      expect(rows.size).toBe(200)
      expect(sessions.find(first.token)).toBeUndefined()
      await sessions.stop()
    })
  })
})
