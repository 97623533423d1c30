import { AppError, type Clock, type NewWard, type Ward, type WardList, type WardTrend } from '@vigil/contract'
import type { Registry } from '../registry/registry.ts'
import type { WardFact } from '../registry/world.ts'
import type { WardView } from './ward-view.ts'

/** Port: wards and their beds. */
export interface WardStore {
  /** @throws AppError ALREADY_EXISTS */
  add(ward: NewWard, createdAtMs: number): Promise<void>
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
  /** Answers with what it was. @throws AppError NOT_FOUND */
  setSoundFloor(id: string, percent: number): Promise<number>
}

export function createWards({ store, registry, view, trendOf, clock }: { store: WardStore; registry: Registry; view: WardView; trendOf: (ward: WardFact) => WardTrend; clock: Clock }): Wards {
  const get = (id: string): Ward => {
    const ward = view.ward(id)
    if (!ward) throw new AppError('NOT_FOUND', `There is no ward ${id}.`)
    return ward
  }
  return {
    list: () => ({ wards: view.wards() }),
    get,
    trend(id) {
      const ward = registry.now().wards.get(id)
      if (!ward) throw new AppError('NOT_FOUND', `There is no ward ${id}.`)
      return trendOf(ward)
    },
    async add(ward) {
      await store.add(ward, clock.now())
      await registry.refresh()
      return get(ward.id)
    },
    async setSoundFloor(id, percent) {
      const { soundFloor = 0 } = get(id)
      await store.setSoundFloor(id, percent)
      await registry.refresh()
      return soundFloor
    },
  }
}
