import { AppError, type Stay } from '@vigil/contract'
import { type Database, one, type Queries } from '../db/database.ts'
import { brokenConstraint } from '../db/database-errors.ts'
import { field, iso, isoField } from '../iso.ts'
import { PATIENT_COLUMNS, type StayCoreRow, toPatientSummary } from '../registry/world-store-pg.ts'
import { assertFree, assertNotAdmitted, leaveBed, lockOpen, moveStay, reopenStay } from './bed-pg.ts'
import { closeInterval, linkDevice, linkInstead } from './link-pg.ts'
import type { StayStore } from './stays.ts'

export function createStayStore(database: Database): StayStore {
  return {
    find: (id) => findStay(database, id),
    admit: (id, { patientId, bedId, deviceId, reason = '' }, doing) =>
      orRefuse(database, async (queries) => {
        const patient = await one(queries, 'select 1 from patient where id = $1 for share', [patientId])
        if (!patient) throw new AppError('NOT_FOUND', `There is no patient ${patientId}.`)
        await assertNotAdmitted(queries, patientId)
        await assertFree(queries, bedId)
        const at = iso(doing.atMs)
        await queries.query('insert into stay (id, patient_id, bed_id, reason, admitted_at) values ($1, $2, $3, $4, $5)', [id, patientId, bedId, reason, at])
        await queries.query('insert into stay_bed (stay_id, bed_id, from_at) values ($1, $2, $3)', [id, bedId, at])
        if (deviceId !== undefined) await linkDevice(queries, { stayId: id, deviceId, reason, doing })
      }),
    change: (id, { deviceId, reason, version }, doing) =>
      orRefuse(database, async (queries) => {
        const stay = await lockOpen(queries, id)
        if (version !== undefined && version !== stay.version) {
          throw new AppError('VERSION_CONFLICT', 'Somebody changed this stay while you were looking. Look at it again and decide.', { details: { version: stay.version } })
        }
        if (deviceId === null) await closeInterval(queries, id, doing)
        else if (deviceId !== undefined) await linkDevice(queries, { stayId: id, deviceId, reason: reason ?? '', doing })
        await queries.query('update stay set reason = coalesce($2, reason), version = version + 1 where id = $1', [id, reason ?? null])
      }),
    transfer: (id, to, doing) => orRefuse(database, (queries) => moveStay(queries, id, to, doing)),
    async replaceDevice(deviceId, { newDevice, reason }, doing) {
      let stayId = ''
      await orRefuse(database, async (queries) => {
        stayId = await linkInstead(queries, deviceId, { deviceId: newDevice, reason, doing })
        await queries.query('update stay set version = version + 1 where id = $1', [stayId])
      })
      return stayId
    },
    discharge: (id, doing) =>
      orRefuse(database, async (queries) => {
        await lockOpen(queries, id)
        await closeInterval(queries, id, doing)
        await leaveBed(queries, id, doing)
        await queries.query('update stay set discharged_at = greatest(admitted_at, $2), version = version + 1 where id = $1', [id, iso(doing.atMs)])
      }),
    reopen: (id, doing) => orRefuse(database, (queries) => reopenStay(queries, id, doing)),
  }
}

/** Two nurses at once: the checks see nothing wrong, the indexes do. */
const CONSTRAINTS: Readonly<Record<string, () => AppError>> = {
  stay_one_per_bed: () => new AppError('BED_OCCUPIED', 'Somebody was just admitted to this bed. Choose another one.'),
  stay_one_per_patient: () => new AppError('ALREADY_EXISTS', 'This patient was just admitted by somebody else.'),
  monitoring_one_stay_per_device: () => new AppError('DEVICE_IN_USE', 'Somebody just linked this device to another patient.'),
}

async function orRefuse(database: Database, run: (queries: Queries) => Promise<void>): Promise<void> {
  try {
    await database.transaction(run)
  } catch (error) {
    throw CONSTRAINTS[brokenConstraint(error) ?? '']?.() ?? error
  }
}

interface StayRow extends StayCoreRow {
  discharged_at: number | null
}

async function findStay(queries: Queries, id: string): Promise<Stay | undefined> {
  const row = await one<StayRow>(
    queries,
    `select s.id, s.bed_id, b.ward_id, s.reason, s.admitted_at, s.discharged_at, s.version, ${PATIENT_COLUMNS}
     from stay s join patient p on p.id = s.patient_id left join bed b on b.id = s.bed_id where s.id = $1`,
    [id],
  )
  if (!row) return undefined
  const intervals = await queries.query<{ id: string; device_id: string; from_at: number; to_at: number | null }>(
    'select m.id, d.id as device_id, m.from_at, m.to_at from monitoring_interval m join device d on d.no = m.device_no where m.stay_id = $1 order by m.from_at, m.id',
    [id],
  )
  return {
    id: row.id,
    patient: toPatientSummary(row),
    reason: row.reason,
    admittedAt: iso(row.admitted_at),
    version: row.version,
    monitoring: intervals.map(({ id: intervalId, device_id, from_at, to_at }) => ({ id: intervalId, deviceId: device_id, from: iso(from_at), ...isoField('to', to_at) })),
    ...field('bedId', row.bed_id),
    ...field('wardId', row.ward_id),
    ...field('deviceId', intervals.find((interval) => interval.to_at === null)?.device_id),
    ...isoField('dischargedAt', row.discharged_at),
  }
}
