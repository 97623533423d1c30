import { AppError, type Clock, type NewStay, type Replacement, type Stay, type StayChange, type Transfer } from '@vigil/contract'
import { isAway } from '../db/database-errors.ts'
import { uuidv7 } from '../ids.ts'
import { field, iso } from '../iso.ts'
import type { Registry } from '../registry/registry.ts'
import type { StayFact } from '../registry/world.ts'

export interface Doing {
  readonly atMs: number
  readonly by: string
}

/** Port: stays and who watched them when. Every call is one transaction; a refusal changes nothing. */
export interface StayStore {
  find(id: string): Promise<Stay | undefined>
  /** @throws AppError NOT_FOUND, BED_OCCUPIED, ALREADY_EXISTS, DEVICE_IN_USE, MODE_MISMATCH */
  admit(id: string, stay: NewStay, doing: Doing): Promise<void>
  /** @throws AppError NOT_FOUND, STAY_ENDED, VERSION_CONFLICT, DEVICE_IN_USE, MODE_MISMATCH */
  change(id: string, change: StayChange, doing: Doing): Promise<void>
  /** @throws AppError NOT_FOUND, STAY_ENDED, BED_OCCUPIED, VERSION_CONFLICT */
  transfer(id: string, to: Transfer, doing: Doing): Promise<void>
  /** Answers the stay the device watched. @throws AppError NOT_FOUND, DEVICE_NOT_IN_USE, DEVICE_IN_USE, MODE_MISMATCH */
  replaceDevice(deviceId: string, replacement: Replacement, doing: Doing): Promise<string>
  /** @throws AppError NOT_FOUND, STAY_ENDED */
  discharge(id: string, doing: Doing): Promise<void>
  /** @throws AppError NOT_FOUND, STAY_ENDED (too long ago), BED_OCCUPIED, ALREADY_EXISTS */
  reopen(id: string, doing: Doing): Promise<void>
}

/** One admission: its patient, its bed, and the device that watches. A device goes with its patient to another bed. */
export interface Stays {
  get(id: string): Promise<Stay>
  admit(stay: NewStay, by: string): Promise<Stay>
  change(id: string, change: StayChange, by: string): Promise<Stay>
  /** To a free bed, or with `swap` to one whose patient takes this bed. */
  transfer(id: string, to: Transfer, by: string): Promise<Stay>
  /** The old device's interval ends and the new one's begins at the same instant: the patient's record has no seam. */
  replaceDevice(deviceId: string, replacement: Replacement, by: string): Promise<Stay>
  discharge(id: string, by: string): Promise<Stay>
  /** Takes a discharge of the last minutes back: bed, device and history are as if it had not been. */
  reopen(id: string, by: string): Promise<Stay>
}

export function createStays({ store, registry, clock }: { store: StayStore; registry: Registry; clock: Clock }): Stays {
  const get = async (id: string): Promise<Stay> => {
    const stay = await store.find(id).catch((error: unknown) => {
      // The open stays are known by heart: a patient's page opens while PostgreSQL is away.
      const known = registry.now().stays.get(id)
      if (known && isAway(error)) return fromMemory(known)
      throw error
    })
    if (!stay) throw new AppError('NOT_FOUND', `There is no stay ${id}.`)
    return stay
  }
  const afterwards = async (id: string): Promise<Stay> => {
    await registry.refresh()
    return get(id)
  }
  const now = (by: string): Doing => ({ atMs: clock.now(), by })

  return {
    get,
    async admit(stay, by) {
      const id = uuidv7(clock.now())
      await store.admit(id, stay, { atMs: beginning(stay.admittedAt, clock.now()), by })
      return afterwards(id)
    },
    async change(id, change, by) {
      await store.change(id, change, now(by))
      return afterwards(id)
    },
    async transfer(id, to, by) {
      await store.transfer(id, to, now(by))
      return afterwards(id)
    },
    async replaceDevice(deviceId, replacement, by) {
      return afterwards(await store.replaceDevice(deviceId, replacement, now(by)))
    },
    async discharge(id, by) {
      await store.discharge(id, now(by))
      return afterwards(id)
    },
    async reopen(id, by) {
      await store.reopen(id, now(by))
      return afterwards(id)
    },
  }
}

/** How far back a stay may be written down afterwards. */
const LATEST_ENTRY_MS = 30 * 86_400_000

/** When a stay begins: now, or when it really began, if somebody writes that down later. */
function beginning(admittedAt: string | undefined, nowMs: number): number {
  if (admittedAt === undefined) return nowMs
  const atMs = Date.parse(admittedAt)
  if (atMs <= nowMs && atMs >= nowMs - LATEST_ENTRY_MS) return atMs
  throw new AppError('INVALID_REQUEST', 'admittedAt must be a time in the last 30 days, written as 2026-07-14T02:00:00Z.', { details: { field: 'admittedAt' } })
}

/** Without earlier monitoring intervals, which only the database has. */
function fromMemory(fact: StayFact): Stay {
  return {
    id: fact.id,
    patient: fact.patient,
    reason: fact.reason,
    admittedAt: iso(fact.admittedAtMs),
    version: fact.version,
    monitoring: fact.link ? [{ id: fact.link.intervalId, deviceId: fact.link.deviceId, from: iso(fact.link.fromMs) }] : [],
    ...field('bedId', fact.bedId),
    ...field('wardId', fact.wardId),
    ...field('deviceId', fact.link?.deviceId),
  }
}
