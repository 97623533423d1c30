import type { AlinkDevice, DeviceState, PatientSummary } from '@vigil/contract'
import type { Database, Queries } from '../db/database.ts'
import { loadFirmware } from '../firmware/firmware-store-pg.ts'
import { field } from '../iso.ts'
import { loadCare } from './care-pg.ts'
import type { WorldStore } from './registry.ts'
import type { CareFact, DeviceFact, Mode, NoticeFact, StayFact, WardFact, World } from './world.ts'

export function createWorldStore(database: Database): WorldStore {
  return {
    // One snapshot for all reads: a transfer between two of them would show a patient in two beds.
    load: () =>
      database.transaction(async (queries): Promise<World> => {
        await queries.query('set transaction isolation level repeatable read, read only')
        return { wards: await loadWards(queries), devices: await loadDevices(queries), stays: await loadStays(queries), firmware: await loadFirmware(queries) }
      }),
  }
}

async function loadWards(queries: Queries): Promise<WardFact[]> {
  return queries.query<{ id: string; site: string; name: string; mode: Mode; soundFloor: number; beds: { id: string; label: string }[] }>(
    `select w.id, w.site, w.name, w.mode, w.sound_floor as "soundFloor",
            coalesce(json_agg(json_build_object('id', b.id, 'label', b.label) order by b.position) filter (where b.id is not null), '[]') as beds
     from ward w left join bed b on b.ward_id = w.id and b.retired_at is null
     group by w.id order by w.name, w.id`,
  )
}

interface DeviceRow {
  no: number
  id: string
  site: string
  label: string
  mode: Mode
  note: string
  created_at: number
  changed_at: number
  retired_at: number | null
  secret_at: number
  secret_previous_until: number | null
  revoked_at: number | null
  state: DeviceState | null
  last_seen: number | null
  alink: AlinkDevice | null
  desired_version: number | null
  desired: Record<string, unknown>
  desired_at: number | null
  desired_by: string | null
  reported_version: number | null
  reported: Record<string, unknown>
  reported_errors: Record<string, string>
  reported_at: number | null
}

async function loadDevices(queries: Queries): Promise<DeviceFact[]> {
  const rows = await queries.query<DeviceRow>(
    `select d.no, d.id, d.site, d.label, d.mode, d.note, d.created_at, d.changed_at, d.retired_at, d.secret_at, d.secret_previous_until, d.revoked_at, d.state, d.last_seen,
            case when k.device_no is not null then json_build_object('productKey', k.product_key, 'deviceName', k.device_name, 'services', k.services, 'settings', k.settings) end as alink,
            c.desired_version, c.desired, c.desired_at, a.username as desired_by,
            c.reported_version, c.reported, c.reported_errors, c.reported_at
     from device d left join alink_device k on k.device_no = d.no left join device_config c on c.device_no = d.no left join account a on a.id = c.desired_by
     order by d.id`,
  )
  const notices = await loadNotices(queries)
  return rows.map((row) => ({
    no: row.no,
    id: row.id,
    site: row.site,
    label: row.label,
    mode: row.mode,
    note: row.note,
    createdAtMs: row.created_at,
    changedAtMs: row.changed_at,
    retiredAtMs: row.retired_at,
    secretAtMs: row.secret_at,
    secretPreviousUntilMs: row.secret_previous_until,
    revokedAtMs: row.revoked_at,
    birth: row.state,
    lastSeenMs: row.last_seen,
    notices: notices.get(row.no) ?? [],
    alink: row.alink ?? undefined,
    desired: row.desired_version ? { version: row.desired_version, set: row.desired, atMs: row.desired_at, by: row.desired_by } : null,
    reported: row.reported_at === null ? null : { version: row.reported_version ?? 0, set: row.reported, errors: row.reported_errors, atMs: row.reported_at },
  }))
}

async function loadNotices(queries: Queries): Promise<Map<number, NoticeFact[]>> {
  const rows = await queries.query<{ device_no: number; kind: string; first_at: number; last_at: number; count: number; detail: Record<string, unknown> | null }>(
    'select device_no, kind, first_at, last_at, count, detail from device_notice order by last_at desc',
  )
  const byDevice = new Map<number, NoticeFact[]>()
  for (const { device_no, kind, first_at, last_at, count, detail } of rows) {
    byDevice.set(device_no, [...(byDevice.get(device_no) ?? []), { kind, firstAtMs: first_at, lastAtMs: last_at, count, detail }])
  }
  return byDevice
}

/** What is read of a stay wherever it is read. */
export interface StayCoreRow extends PatientRow {
  id: string
  bed_id: string | null
  ward_id: string | null
  reason: string
  admitted_at: number
  version: number
}

interface StayRow extends StayCoreRow {
  interval_id: string | null
  device_id: string
  from_at: number
}

async function loadStays(queries: Queries): Promise<StayFact[]> {
  const care = await loadCare(queries)
  const rows = await queries.query<StayRow>(
    `select s.id, s.bed_id, b.ward_id, s.reason, s.admitted_at, s.version, ${PATIENT_COLUMNS},
            m.id as interval_id, d.id as device_id, m.from_at
     from stay s join patient p on p.id = s.patient_id
     left join bed b on b.id = s.bed_id
     left join monitoring_interval m on m.stay_id = s.id and m.to_at is null
     left join device d on d.no = m.device_no
     where s.discharged_at is null order by s.admitted_at`,
  )
  return rows.map((row) => ({
    id: row.id,
    patient: toPatientSummary(row),
    bedId: row.bed_id,
    wardId: row.ward_id,
    reason: row.reason,
    admittedAtMs: row.admitted_at,
    version: row.version,
    ...(care.has(row.id) ? { care: care.get(row.id) as CareFact } : {}),
    link: row.interval_id === null ? null : { intervalId: row.interval_id, deviceId: row.device_id, fromMs: row.from_at },
  }))
}

export interface PatientRow {
  patient_id: string
  identifier: string | null
  family_name: string
  given_name: string
  title: string
  birth_date: string | null
  sex: PatientSummary['sex'] | null
  patient_mode: Mode
}

/** Columns of `PatientRow`, from table `patient p`. */
export const PATIENT_COLUMNS = 'p.id as patient_id, p.identifier, p.family_name, p.given_name, p.title, p.birth_date, p.sex, p.mode as patient_mode'

export function toPatientSummary(row: PatientRow): PatientSummary {
  return {
    id: row.patient_id,
    familyName: row.family_name,
    givenName: row.given_name,
    title: row.title,
    mode: row.patient_mode,
    ...field('birthDate', row.birth_date),
    ...field('sex', row.sex),
    ...field('identifier', row.identifier),
  }
}
