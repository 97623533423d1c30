import { AppError } from '@vigil/contract'
import { one, type Queries } from '../db/database.ts'
import type { Mode } from '../registry/world.ts'

/** Simulated values under a real name, or real ones among demo patients, could be believed or overlooked. @throws AppError MODE_MISMATCH */
export async function assertSameMode(queries: Queries, stayId: string, deviceId: string, mode: Mode): Promise<void> {
  const patient = await one<{ mode: Mode }>(queries, 'select p.mode from stay s join patient p on p.id = s.patient_id where s.id = $1 for share of p', [stayId])
  if (!patient || patient.mode === mode) return
  throw new AppError('MODE_MISMATCH', `Device ${deviceId} is marked ${mode}, the patient ${patient.mode}. These are never mixed: use a ${patient.mode} device.`, {
    details: { device: mode, patient: patient.mode },
  })
}

/**
 * Whether a device, or a patient, may be marked so while the one watches the other. The caller holds its row.
 * @throws AppError MODE_MISMATCH
 */
export async function assertLinkKeepsMode(queries: Queries, { deviceId, patientId, mode }: { readonly deviceId?: string; readonly patientId?: string; readonly mode: Mode }): Promise<void> {
  const link = await one<{ device_id: string; device: Mode; patient: Mode; stay_id: string }>(
    queries,
    `select d.id as device_id, d.mode as device, p.mode as patient, s.id as stay_id
     from monitoring_interval m join device d on d.no = m.device_no join stay s on s.id = m.stay_id join patient p on p.id = s.patient_id
     where m.to_at is null and (d.id = $1 or p.id = $2) and (case when $1::text is null then d.mode else p.mode end) <> $3`,
    [deviceId ?? null, patientId ?? null, mode],
  )
  if (!link) return
  const modes = deviceId === undefined ? { device: link.device, patient: mode } : { device: mode, patient: link.patient }
  throw new AppError('MODE_MISMATCH', `Device ${link.device_id} watches this patient: they would be marked ${modes.device} and ${modes.patient}, and these are never mixed. Unlink the device first.`, { details: { ...modes, stayId: link.stay_id } })
}
