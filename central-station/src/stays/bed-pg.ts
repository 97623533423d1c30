import { AppError, REOPEN_WITHIN_MS, type Transfer } from '@vigil/contract'
import { one, type Queries } from '../db/database.ts'
import { iso } from '../iso.ts'
import type { Doing } from './stays.ts'

export async function assertNotAdmitted(queries: Queries, patientId: string): Promise<void> {
  const stay = await one<{ id: string; bed_id: string | null }>(queries, 'select id, bed_id from stay where patient_id = $1 and discharged_at is null', [patientId])
  if (stay) throw new AppError('ALREADY_EXISTS', `This patient is already admitted, in bed ${stay.bed_id ?? '(none)'}. Transfer them instead.`, { details: { stayId: stay.id, bedId: stay.bed_id } })
}

/** The bed cannot be retired before this transaction ends. */
export async function assertFree(queries: Queries, bedId: string): Promise<void> {
  const bed = await one<{ stay_id: string | null }>(queries, 'select s.id as stay_id from bed b left join stay s on s.bed_id = b.id and s.discharged_at is null where b.id = $1 and b.retired_at is null for key share of b', [bedId])
  if (!bed) throw new AppError('NOT_FOUND', `There is no bed ${bedId} in service.`)
  if (bed.stay_id !== null) throw new AppError('BED_OCCUPIED', `Bed ${bedId} is occupied. Discharge or transfer the patient there first.`, { details: { stayId: bed.stay_id } })
}

export async function lockOpen(queries: Queries, id: string): Promise<{ version: number; bed_id: string | null }> {
  const stay = await one<{ version: number; bed_id: string | null; discharged_at: number | null }>(queries, 'select version, bed_id, discharged_at from stay where id = $1 for update', [id])
  if (!stay) throw new AppError('NOT_FOUND', `There is no stay ${id}.`)
  if (stay.discharged_at !== null) throw new AppError('STAY_ENDED', 'This stay has ended: the patient was discharged. Its history can still be read.')
  return stay
}

export async function leaveBed(queries: Queries, stayId: string, { atMs }: Doing): Promise<void> {
  await queries.query('update stay_bed set to_at = greatest(from_at, $2) where stay_id = $1 and to_at is null', [stayId, iso(atMs)])
}

/**
 * Moves a stay to another bed; device and history go along. With `swap` the patient there takes this one's bed in the same moment.
 * @throws AppError NOT_FOUND, STAY_ENDED, BED_OCCUPIED, VERSION_CONFLICT (the patient to swap with is no longer there)
 */
export async function moveStay(queries: Queries, id: string, { bedId, swap = false }: Transfer, doing: Doing): Promise<void> {
  const there = swap ? await one<{ id: string }>(queries, 'select id from stay where bed_id = $1 and discharged_at is null', [bedId]) : undefined
  const other = there?.id === id ? undefined : there?.id
  // Always in the same order, so that two swaps at once wait for each other instead of blocking each other.
  await queries.query('select 1 from stay where id = any($1) order by id for update', [[id, other]])
  const stay = await lockOpen(queries, id)
  if (stay.bed_id === bedId) return
  if (other === undefined || stay.bed_id === null) {
    await assertFree(queries, bedId)
    await enterBed(queries, id, bedId, doing)
    return
  }
  // Whoever moved or discharged them while we waited meant it.
  if (!(await one(queries, 'select 1 from stay where id = $1 and bed_id = $2 and discharged_at is null', [other, bedId]))) {
    throw new AppError('VERSION_CONFLICT', `The patient in bed ${bedId} was moved or discharged just now. Look at the ward and decide again.`, { details: { bedId } })
  }
  await queries.query('update stay set bed_id = null where id = $1', [other])
  await enterBed(queries, id, bedId, doing)
  await enterBed(queries, other, stay.bed_id, doing)
}

async function enterBed(queries: Queries, id: string, bedId: string, doing: Doing): Promise<void> {
  await leaveBed(queries, id, doing)
  await queries.query('update stay set bed_id = $2, version = version + 1 where id = $1', [id, bedId])
  await queries.query('insert into stay_bed (stay_id, bed_id, from_at) values ($1, $2, $3) on conflict (stay_id, from_at) do update set bed_id = $2, to_at = null', [id, bedId, iso(doing.atMs)])
}

/**
 * Takes a discharge back. The device is linked again without a gap unless somebody else has it by now, or it was taken out of service.
 * @throws AppError NOT_FOUND, STAY_ENDED (longer ago than can be taken back), BED_OCCUPIED, ALREADY_EXISTS
 */
export async function reopenStay(queries: Queries, id: string, { atMs }: Doing): Promise<void> {
  const stay = await one<{ patient_id: string; bed_id: string | null; discharged_at: number | null }>(queries, 'select patient_id, bed_id, discharged_at from stay where id = $1 for update', [id])
  if (!stay) throw new AppError('NOT_FOUND', `There is no stay ${id}.`)
  if (stay.discharged_at === null) return
  if (atMs - stay.discharged_at > REOPEN_WITHIN_MS) throw new AppError('STAY_ENDED', 'This discharge is too long ago to be taken back. Admit the patient again.')
  await assertNotAdmitted(queries, stay.patient_id)
  if (stay.bed_id !== null) await assertFree(queries, stay.bed_id)
  await queries.query('update stay set discharged_at = null, version = version + 1 where id = $1', [id])
  await queries.query('update stay_bed set to_at = null where stay_id = $1 and from_at = (select max(from_at) from stay_bed where stay_id = $1)', [id])
  // Retiring a device waits for this, or this for it: a board out of service watches nobody.
  await queries.query('select 1 from device where no in (select device_no from monitoring_interval where stay_id = $1) order by no for update', [id])
  await queries.query(
    `update monitoring_interval m set to_at = null from device d, patient p
     where d.no = m.device_no and d.retired_at is null and p.id = $3 and p.mode = d.mode
       and m.stay_id = $1 and m.to_at = (select max(to_at) from monitoring_interval where stay_id = $1) and m.to_at >= $2
       and not exists (select 1 from monitoring_interval o where o.device_no = m.device_no and (o.to_at is null or o.from_at >= m.to_at) and o.id <> m.id)`,
    [id, iso(stay.discharged_at), stay.patient_id],
  )
}
