import { AppError, type Clock, type DemoContents, type DemoRemovalUnderWay, type DemoRemoved } from '@vigil/contract'
import { wordsOf } from '@vigil/program'
import { isAway } from '../db/database-errors.ts'
import { iso } from '../iso.ts'
import type { Registry } from '../registry/registry.ts'
import { doneWithin } from '../time-limit.ts'

/** Port: what there is of the demo, and its end. Nothing of a real patient is ever in it. */
export interface DemoDataStore {
  contents(): Promise<DemoContents>
  /** Ends the stays and takes the devices out of service: from then on nothing is watched and nothing is let in. */
  quiet(by: string): Promise<void>
  remove(): Promise<DemoRemoved>
}

export interface DemoRemoval {
  contents(): Promise<DemoContents>
  /** What went; or after some seconds what is going, with `removal`: it goes on, and `contents` tells how it stands. @throws AppError NOT_FOUND, DATABASE_AWAY */
  remove(by: string): Promise<DemoRemoved>
}

export interface DemoRemovalOptions {
  readonly store: DemoDataStore
  readonly registry: Pick<Registry, 'refresh'>
  /** Remembers outside the database that it was removed: the simulator stops, and does not start again by itself. */
  readonly mark: (by: string) => void
  readonly clock: Clock
}

/** What boards had sent before they were cut is committed within this; alarms of ended stays end in it. */
const SETTLE_MS = 1_500
const TRIES = 4
/** A screen waits 15 s for an answer. */
const ANSWER_WITHIN_MS = 8_000

export function createDemoRemoval({ store, registry, mark, clock }: DemoRemovalOptions): DemoRemoval {
  const settled = () => new Promise<void>((resolve) => void clock.after(SETTLE_MS, resolve))
  /** A batch of the bridge that was under way may have put a row in between: it goes with the next try. */
  async function removeSoon(tries: number): Promise<DemoRemoved> {
    await settled()
    try {
      return await store.remove()
    } catch (error) {
      if (tries <= 1 || isAway(error)) throw error
      return removeSoon(tries - 1)
    }
  }
  async function removeAll(by: string): Promise<DemoRemoved> {
    mark(by)
    await store.quiet(by)
    await registry.refresh()
    const removed = await removeSoon(TRIES)
    await registry.refresh()
    return removed
  }

  let running: Promise<DemoRemoved> | undefined
  let underWay: DemoRemovalUnderWay | undefined
  function begin(by: string): Promise<DemoRemoved> {
    const since = iso(clock.now())
    underWay = { state: 'running', since, by }
    const mine = removeAll(by)
    running = mine
    mine.then(() => { underWay = undefined }, (error: unknown) => { underWay = { state: 'failed', since, by, why: wordsOf(error) } }).finally(() => { running = undefined })
    return mine
  }
  const contents = async (): Promise<DemoContents> => ({ ...(await store.contents()), ...(underWay ? { removal: underWay } : {}) })
  return {
    contents,
    async remove(by) {
      const { patients, devices, wards, kept } = await store.contents()
      if (!running && patients + devices + wards === 0) throw new AppError('NOT_FOUND', 'There is nothing of a demo ward here.')
      // Asked twice it is removed once.
      const removing = running ?? begin(by)
      if (await doneWithin(clock, ANSWER_WITHIN_MS, removing)) return removing
      return { patients, devices, wards, kept, ...(underWay ? { removal: underWay } : {}) }
    },
  }
}
