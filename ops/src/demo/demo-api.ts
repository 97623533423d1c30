import { AppError, isAppError, type DeviceCreated, type DeviceList, type LimitProfile, type LimitProfileList, type Limits, type LimitsChange, type NewLimitProfile, type PatientList, type Patient, type Stay, type Ward, type WardList } from '@vigil/contract'
import type { StationClient } from '../station-api/station-client.ts'
import { DEMO_SITE, type BedPlan } from './bed-plan.ts'
import type { DemoFiles, KnownBed } from './demo-files.ts'

export const WARD_ID = 'demo'
/** A registered device whose secret was lost cannot be used again: the next name is taken. */
const MOST_NAMES = 9

/**
 * Makes sure the device of each bed is registered and its secret is known here. Safe to repeat: what is there is used.
 */
export async function ensureDevices(api: StationClient, plans: readonly BedPlan[], files: DemoFiles): Promise<ReadonlyMap<string, KnownBed>> {
  const { devices } = await api.get<DeviceList>('/devices')
  const registered = new Set(devices.map(({ id }) => id))
  const beds = new Map<string, KnownBed>()
  for (const plan of plans) {
    const known = files.beds()[plan.device]
    const bed = known && registered.has(known.device) ? known : await registerDevice(api, plan)
    if (bed !== known) files.keep(plan.device, bed)
    beds.set(plan.device, bed)
  }
  return beds
}

async function registerDevice(api: StationClient, plan: BedPlan): Promise<KnownBed> {
  for (let name = 1; ; name++) {
    const id = name === 1 ? plan.device : `${plan.device}-${name}`
    try {
      const { site, secret } = await api.send<DeviceCreated>('POST', '/devices', { id, site: DEMO_SITE, label: `Demo board ${plan.bed.label}`, mode: 'demo', note: 'Simulated board of the demo ward' })
      return { device: id, site, secret }
    } catch (error) {
      if (!isAppError(error) || error.code !== 'ALREADY_EXISTS' || name >= MOST_NAMES) throw error
    }
  }
}

/** Makes sure there is a bed for each plan: the demo ward, and a further one when more beds are wanted than it was made with. */
export async function ensureWard(api: StationClient, plans: readonly BedPlan[]): Promise<readonly Ward[]> {
  const ours = async (): Promise<Ward[]> => (await api.get<WardList>('/wards')).wards.filter((ward) => ward.id === WARD_ID || ward.id.startsWith(`${WARD_ID}-`))
  const wards = await ours()
  const known = new Set(wards.flatMap((ward) => ward.beds.map(({ id }) => id)))
  const missing = plans.map(({ bed }) => bed).filter(({ id }) => !known.has(id))
  if (missing.length === 0) return wards
  const first = wards.length === 0
  await api.send('POST', '/wards', { id: first ? WARD_ID : `${WARD_ID}-${wards.length + 1}`, name: first ? 'Demo ward' : `Demo ward ${wards.length + 1}`, site: DEMO_SITE, mode: 'demo', beds: missing })
  return ours()
}

/** Its beds stay empty until somebody tries to admit; what is there is never emptied by us. */
const ADMISSIONS = { id: 'admissions-demo', name: 'Demo ward, admissions', beds: ['A1', 'A2'] } as const

export async function ensureAdmissions(api: StationClient): Promise<void> {
  const { wards } = await api.get<WardList>('/wards')
  if (wards.some(({ id }) => id === ADMISSIONS.id)) return
  const beds = ADMISSIONS.beds.map((label) => ({ id: `${ADMISSIONS.id}-${label.toLowerCase()}`, label }))
  await api.send('POST', '/wards', { id: ADMISSIONS.id, name: ADMISSIONS.name, site: DEMO_SITE, mode: 'demo', beds })
}

/** Admits a made-up patient to every planned bed, linked to its board; beds that are no longer wanted are emptied. */
export async function ensureStays(api: StationClient, plans: readonly BedPlan[], beds: ReadonlyMap<string, KnownBed>, wards: readonly Ward[], admittedAtMs: number): Promise<void> {
  const stays = new Map(wards.flatMap((ward) => ward.beds.flatMap((bed) => (bed.stay ? [[bed.id, { stay: bed.stay, device: bed.device?.id }] as const] : []))))
  for (const plan of plans) {
    const device = beds.get(plan.device)?.device
    const known = stays.get(plan.bed.id)
    if (!known) await admit(api, plan, device, admittedAtMs)
    else if (known.device !== device) await api.send('PATCH', `/stays/${known.stay.id}`, { deviceId: device, reason: 'Demo ward: its board' })
  }
  const wanted = new Set(plans.map(({ bed }) => bed.id))
  for (const [bedId, { stay }] of stays) if (!wanted.has(bedId) && stay.patient.mode === 'demo') await api.send('POST', `/stays/${stay.id}/discharge`)
}

/** The masks of the demo ward breathe at low pressure; the limits are for a ventilator, and would ring all day. */
const cpap: NewLimitProfile = {
  name: 'CPAP', base: 'adult', reason: 'Demo: masks at low pressure',
  limits: { 'low:pip': { value: 3, delayS: 10, priority: 'high' }, 'low:peep': { value: 1, delayS: 10, priority: 'medium' } },
}

/** The ward's profile of this name, made when there is none. */
async function ensureCpap(api: StationClient, wardId: string): Promise<LimitProfile> {
  const path = `/wards/${wardId}/limit-profiles`
  const { profiles } = await api.get<LimitProfileList>(path)
  return profiles.find(({ name }) => name === cpap.name) ?? api.send<LimitProfile>('POST', path, cpap)
}

async function admit(api: StationClient, plan: BedPlan, deviceId: string | undefined, admittedAtMs: number): Promise<void> {
  const patient = await ensurePatient(api, plan)
  const stay = await api.send<Stay>('POST', '/stays', { patientId: patient.id, bedId: plan.bed.id, deviceId, reason: plan.patient.reason, admittedAt: new Date(admittedAtMs).toISOString() })
  if (plan.mask === undefined || stay.wardId === undefined) return
  const choice: LimitsChange = { version: 0, reason: 'Demo: CPAP at low pressure', wardProfile: (await ensureCpap(api, stay.wardId)).id, expiresInMinutes: null }
  await api.send<Limits>('PUT', `/stays/${stay.id}/limits`, choice)
}

async function ensurePatient(api: StationClient, { patient }: BedPlan): Promise<Patient> {
  const { identifier, familyName, givenName, birthDate, sex } = patient
  try {
    return await api.send<Patient>('POST', '/patients', { identifier, familyName, givenName, birthDate, sex, title: 'DEMO', mode: 'demo', note: 'Made up for the demo ward: not a patient.' })
  } catch (error) {
    if (!isAppError(error) || error.code !== 'ALREADY_EXISTS') throw error
  }
  const { patients } = await api.get<PatientList>(`/patients?q=${encodeURIComponent(identifier)}`)
  const found = patients.find((one) => one.identifier === identifier)
  if (!found) throw new AppError('NOT_FOUND', `The hospital number ${identifier} is taken, and nobody is found by it.`)
  return found
}
