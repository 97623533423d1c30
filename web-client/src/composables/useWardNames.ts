import { useServices } from '../services.ts'
import { bedLabel, wardLabel } from '../ui/ward-names.ts'
import { useRequest } from './useRequest.ts'

/** What people call beds and wards that a record knows by id alone; the id until the wards have answered, and for whom may not see them. */
export function useWardNames(): { bed(id: string): string; ward(id: string): string } {
  const { api, session } = useServices()
  const { data } = useRequest(async (signal) => (session.may('ward:read') ? api.wards(signal) : []))
  return { bed: (id) => bedLabel(data.value, id), ward: (id) => wardLabel(data.value, id) }
}
