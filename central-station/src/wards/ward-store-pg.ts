import { AppError, type NewBed } from '@vigil/contract'
import { type Database, one, type Queries } from '../db/database.ts'
import { brokenConstraint } from '../db/database-errors.ts'
import { iso } from '../iso.ts'
import { nameFrom } from './layout-names.ts'
import type { WardStore } from './wards.ts'

export function createWardStore(database: Database): WardStore {
  const inWard = <T>(id: string, run: (queries: Queries) => Promise<T>) =>
    database.transaction(async (queries) => {
      // One change of a ward's beds at a time.
      if (!(await one(queries, 'select from ward where id = $1 for update', [id]))) throw new AppError('NOT_FOUND', `There is no ward ${id}.`)
      return run(queries)
    })
  return {
    add: (ward, createdAtMs) =>
      orTaken(() => database.transaction(async (queries) => {
        const id = ward.id ?? (await freeName(queries, 'ward', ward.name, 'ward'))
        const { name, site = 'main', mode = 'real', beds } = ward
        await queries.query('insert into ward (id, site, name, mode, created_at) values ($1, $2, $3, $4, $5)', [id, site, name, mode, iso(createdAtMs)])
        for (const bed of beds) await addBed(queries, id, bed)
        return id
      })),
    change: (id, { name, beds }) =>
      inWard(id, async (queries) => {
        if (name !== undefined) await queries.query('update ward set name = $2 where id = $1', [id, name])
        if (beds !== undefined) await reorder(queries, id, beds)
      }),
    addBed: (id, bed) => inWard(id, (queries) => addBed(queries, id, bed)),
    changeBed: (id, bedId, { label }) =>
      inWard(id, async (queries) => {
        await assertInService(queries, id, bedId)
        await assertLabelFree(queries, id, label, bedId)
        await queries.query('update bed set label = $2 where id = $1', [bedId, label])
      }),
    retireBed: (id, bedId, atMs) => inWard(id, (queries) => retireBed(queries, id, bedId, atMs)),
    setSoundFloor: (id, percent) => database.transaction(async (queries) => void (await queries.query('update ward set sound_floor = $2 where id = $1', [id, percent]))),
  }
}

/** At the end of the ward; one that was retired there comes back under its own name. Answers with that name. */
async function addBed(queries: Queries, wardId: string, { id, label }: NewBed): Promise<string> {
  await assertLabelFree(queries, wardId, label)
  const name = id ?? (await nameOfBed(queries, wardId, label))
  await queries.query(
    `insert into bed (id, ward_id, label, position) values ($1, $2, $3, (select coalesce(max(position), 0) + 1 from bed where ward_id = $2 and retired_at is null))
     on conflict (id) do update set label = excluded.label, position = excluded.position, retired_at = null where bed.ward_id = $2 and bed.retired_at is not null`,
    [name, wardId, label],
  )
  const mine = await one(queries, 'select from bed where id = $1 and ward_id = $2 and label = $3 and retired_at is null', [name, wardId, label])
  if (!mine) throw new AppError('ALREADY_EXISTS', `There is already a bed ${name}, and names of beds are unique in the whole house.`)
  return name
}

/** The name of a bed of this label that was retired, or a new one. */
async function nameOfBed(queries: Queries, wardId: string, label: string): Promise<string> {
  const retired = await one<{ id: string }>(queries, 'select id from bed where ward_id = $1 and lower(label) = lower($2) and retired_at is not null order by retired_at desc limit 1', [wardId, label])
  return retired?.id ?? freeName(queries, 'bed', `${wardId}-${label}`, `${wardId}-bed`)
}

async function freeName(queries: Queries, table: 'ward' | 'bed', words: string, otherwise: string): Promise<string> {
  const taken = new Set((await queries.query<{ id: string }>(`select id from ${table}`)).map(({ id }) => id))
  return nameFrom(words, otherwise, (name) => taken.has(name))
}

async function assertLabelFree(queries: Queries, wardId: string, label: string, but = ''): Promise<void> {
  if (await one(queries, 'select from bed where ward_id = $1 and lower(label) = lower($2) and id <> $3 and retired_at is null', [wardId, label, but])) {
    throw new AppError('ALREADY_EXISTS', `This ward has a bed ${label} already.`)
  }
}

async function assertInService(queries: Queries, wardId: string, bedId: string): Promise<void> {
  if (!(await one(queries, 'select from bed where id = $1 and ward_id = $2 and retired_at is null for update', [bedId, wardId]))) throw new AppError('NOT_FOUND', `There is no bed ${bedId} in service in ward ${wardId}.`)
}

async function reorder(queries: Queries, wardId: string, beds: readonly string[]): Promise<void> {
  const inService = (await queries.query<{ id: string }>('select id from bed where ward_id = $1 and retired_at is null', [wardId])).map(({ id }) => id)
  if (beds.toSorted().join(' ') !== inService.toSorted().join(' ')) throw new AppError('VERSION_CONFLICT', 'The beds of this ward changed meanwhile. Look at them again, then move them.')
  // No two beds share a place, at no moment: first all of them out of the way.
  await queries.query('update bed set position = -position where ward_id = $1 and retired_at is null', [wardId])
  await queries.query('update bed set position = new.place from unnest($2::text[]) with ordinality as new(id, place) where bed.id = new.id and bed.ward_id = $1', [wardId, beds])
}

async function retireBed(queries: Queries, wardId: string, bedId: string, atMs: number): Promise<void> {
  await assertInService(queries, wardId, bedId)
  const stay = await one<{ id: string }>(queries, 'select id from stay where bed_id = $1 and discharged_at is null', [bedId])
  if (stay) throw new AppError('BED_OCCUPIED', `Bed ${bedId} is occupied. Discharge or transfer the patient there first.`, { details: { stayId: stay.id } })
  await queries.query('update bed set retired_at = $2 where id = $1', [bedId, iso(atMs)])
}

async function orTaken<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    if (brokenConstraint(error) !== 'ward_pkey') throw error
    throw new AppError('ALREADY_EXISTS', 'There is already a ward of this name.', { cause: error })
  }
}
