import type { DeviceCreated, Patient, Stay } from '@vigil/contract'
import type { TestApi } from './api.ts'

export interface Furnished {
  readonly device: DeviceCreated
  readonly patient: Patient
  readonly stay: Stay
}

/** A ward with so many beds, each with a patient and a linked device, named `{ward}-1`…. */
export async function furnish(api: TestApi, ward: string, beds: number, occupied = beds): Promise<Furnished[]> {
  const names = Array.from({ length: beds }, (_, i) => `${ward}-${i + 1}`)
  await api.post('/wards', { id: ward, name: `Ward ${ward}`, beds: names.map((id, i) => ({ id, label: String(i + 1) })) })
  const out: Furnished[] = []
  for (const id of names.slice(0, occupied)) {
    const device = await api.post<DeviceCreated>('/devices', { id: `dev-${id}` })
    const patient = await api.post<Patient>('/patients', { familyName: `Of ${id}` })
    const stay = await api.post<Stay>('/stays', { patientId: patient.id, bedId: id, deviceId: device.id })
    out.push({ device, patient, stay })
  }
  return out
}
