import { AppError, type BedChange, type Clock, type NewBed, type NewWard, type Ward, type WardChange, type WardList, type WardTrend } from '@vigil/contract'
import type { Registry } from '../registry/registry.ts'
import type { WardFact } from '../registry/world.ts'
import type { WardView } from './ward-view.ts'

/** Port: wards and their beds. */
export interface WardStore {
  /** Answers with its name. @throws AppError ALREADY_EXISTS */
  add(ward: NewWard, createdAtMs: number): Promise<string>
  /** @throws AppError NOT_FOUND, VERSION_CONFLICT (the beds named are not those in service) */
  change(id: string, change: WardChange): Promise<void>
  /** Answers with its name. @throws AppError NOT_FOUND, ALREADY_EXISTS */
  addBed(id: string, bed: NewBed): Promise<string>
  /** @throws AppError NOT_FOUND, ALREADY_EXISTS */
  changeBed(id: string, bedId: string, change: BedChange): Promise<void>
  /** @throws AppError NOT_FOUND, BED_OCCUPIED */
  retireBed(id: string, bedId: string, atMs: number): Promise<void>
  setSoundFloor(id: string, percent: number): Promise<void>
}

export interface Wards {
  /** From memory: works while PostgreSQL is away. */
  list(): WardList
  /** @throws AppError NOT_FOUND */
  get(id: string): Ward
  /** The last quarter of an hour of every bed, from memory. @throws AppError NOT_FOUND */
  trend(id: string): WardTrend
  /** @throws AppError ALREADY_EXISTS */
  add(ward: NewWard): Promise<Ward>
  /** Another name, another order of its beds. @throws AppError NOT_FOUND, VERSION_CONFLICT */
  change(id: string, change: WardChange): Promise<Ward>
  /** Answers with the bed's name as well. @throws AppError NOT_FOUND, ALREADY_EXISTS */
  addBed(id: string, bed: NewBed): Promise<{ readonly ward: Ward; readonly bedId: string }>
  /** @throws AppError NOT_FOUND, ALREADY_EXISTS */
  changeBed(id: string, bedId: string, change: BedChange): Promise<Ward>
  /** What was measured and who lay there stays readable. @throws AppError NOT_FOUND, BED_OCCUPIED */
  retireBed(id: string, bedId: string): Promise<Ward>
  /** Answers with what it was. @throws AppError NOT_FOUND */
  setSoundFloor(id: string, percent: number): Promise<number>
}

export function createWards({ store, registry, view, trendOf, clock }: { store: WardStore; registry: Registry; view: WardView; trendOf: (ward: WardFact) => WardTrend; clock: Clock }): Wards {
  const get = (id: string): Ward => {
    const ward = view.ward(id)
    if (!ward) throw new AppError('NOT_FOUND', `There is no ward ${id}.`)
    return ward
  }
  /** As it is after a change. */
  const seen = async (id: string) => {
    await registry.refresh()
    return get(id)
  }
  return {
    list: () => ({ wards: view.wards() }),
    get,
    trend(id) {
      const ward = registry.now().wards.get(id)
      if (!ward) throw new AppError('NOT_FOUND', `There is no ward ${id}.`)
      return trendOf(ward)
    },
    add: async (ward) => seen(await store.add(ward, clock.now())),
    async change(id, change) {
      await store.change(id, change)
      return seen(id)
    },
    async addBed(id, bed) {
      const bedId = await store.addBed(id, bed)
      return { ward: await seen(id), bedId }
    },
    async changeBed(id, bedId, change) {
      await store.changeBed(id, bedId, change)
      return seen(id)
    },
    async retireBed(id, bedId) {
      await store.retireBed(id, bedId, clock.now())
      return seen(id)
    },
    async setSoundFloor(id, percent) {
      const { soundFloor = 0 } = get(id)
      await store.setSoundFloor(id, percent)
      await registry.refresh()
      return soundFloor
    },
  }
}
