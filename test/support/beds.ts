import type { DeviceCreated, Patient, Stay } from '@vigil/contract'
import type { Api } from './api.ts'

/** A ward of test beds, each with a patient and a registered device linked to the stay. */
export async function furnishWard(api: Api, wardId: string, beds: number): Promise<{ device: DeviceCreated; stay: Stay }[]> {
  const names = Array.from({ length: beds }, (_, i) => `${wardId}-${i + 1}`)
  await api.post('/wards', { id: wardId, name: `Test ward ${wardId}`, mode: 'test', beds: names.map((id, i) => ({ id, label: String(i + 1) })) })
  const out: { device: DeviceCreated; stay: Stay }[] = []
  for (const id of names) {
    const device = await api.post<DeviceCreated>('/devices', { id: `dev-${id}`, mode: 'test' })
    const patient = await api.post<Patient>('/patients', { familyName: 'Testperson', givenName: id, mode: 'test' })
    const stay = await api.post<Stay>('/stays', { patientId: patient.id, bedId: id, deviceId: device.id })
    out.push({ device, stay })
  }
  return out
}
