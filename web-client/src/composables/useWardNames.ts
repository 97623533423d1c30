import { computed, type ComputedRef } from 'vue'
import type { Ward } from '@vigil/contract/api/patients'
import { useServices } from '../services.ts'
import { shortName } from '../ui/patient-name.ts'
import { bedLabel, wardLabel } from '../ui/ward-names.ts'
import { useRequest } from './useRequest.ts'

export interface WardNames {
  /** All a person may see, for a choice of one; none until they have answered. */
  readonly wards: ComputedRef<readonly Ward[]>
  bed(id: string): string
  ward(id: string): string
  /** Bed and name of whoever is in a bed now; nothing for a stay that is over, and for whom may not see names. */
  stay(id: string | undefined): string | undefined
}

/** What people call beds, wards and patients that a record knows by id alone; the id until the wards have answered, and for whom may not see them. */
export function useWardNames(): WardNames {
  const { api, session } = useServices()
  const { data } = useRequest(async (signal) => (session.may('ward:read') ? api.wards(signal) : []))
  const stays = computed(() => new Map((data.value ?? []).flatMap(({ beds }) => beds).flatMap((bed) => (bed.stay ? [[bed.stay.id, `${bed.label} ${shortName(bed.stay.patient)}`] as const] : []))))
  return { wards: computed(() => data.value ?? []), bed: (id) => bedLabel(data.value, id), ward: (id) => wardLabel(data.value, id), stay: (id) => (id === undefined ? undefined : stays.value.get(id)) }
}
