import { computed, inject, provide, type ComputedRef, type InjectionKey, type Ref } from 'vue'
import type { Bed, Stay } from '@vigil/contract/api/patients'
import type { LatestValue } from '@vigil/contract/api/schema'
import { useRequest, type Request } from '../../composables/useRequest.ts'
import { useWatch } from '../../composables/useWatch.ts'
import { useServices } from '../../services.ts'

/** One stay as the patient page shows it: the record of the stay, and its bed as the wall has it. */
export interface PatientView {
  readonly stayId: string
  readonly stay: Request<Stay>
  readonly bed: ComputedRef<Bed | undefined>
  readonly wardId: ComputedRef<string | undefined>
  readonly deviceId: ComputedRef<string | undefined>
  readonly latest: ComputedRef<Readonly<Record<string, LatestValue>>>
  readonly intervalMs: ComputedRef<number>
  /** Stays in the beds before and after this one, going round. */
  readonly neighbours: ComputedRef<{ before: string | undefined; after: string | undefined }>
}

const viewKey: InjectionKey<PatientView> = Symbol('patient')

export function providePatient(stayId: Ref<string>): PatientView {
  const { api, live } = useServices()
  const stay = useRequest((signal) => api.stay(stayId.value, signal), stayId)
  const placed = computed(() => live.wards.bedOfStay(stayId.value))
  const bed = computed(() => placed.value?.bed)
  const wardId = computed(() => placed.value?.wardId ?? stay.data.value?.wardId)
  const ended = computed(() => stay.data.value?.dischargedAt !== undefined)
  const deviceId = computed(() => (ended.value ? undefined : bed.value ? bed.value.device?.id : stay.data.value?.deviceId))

  useWatch(() => ({ wards: wardId.value === undefined || ended.value ? [] : [wardId.value] }))

  const neighbours = computed(() => {
    const beds = wardId.value === undefined ? [] : (live.wards.wards.get(wardId.value)?.value.beds ?? [])
    const stays = beds.flatMap((b) => (b.value.stay ? [b.value.stay.id] : []))
    const at = stays.indexOf(stayId.value)
    if (at < 0 || stays.length < 2) return { before: undefined, after: undefined }
    return { before: stays.at(at - 1), after: stays[(at + 1) % stays.length] }
  })

  const view: PatientView = {
    get stayId() {
      return stayId.value
    },
    stay,
    bed,
    wardId,
    deviceId,
    latest: computed(() => bed.value?.latest ?? {}),
    intervalMs: computed(() => bed.value?.device?.intervalMs ?? 1_000),
    neighbours,
  }
  provide(viewKey, view)
  return view
}

export function usePatient(): PatientView {
  return inject(viewKey) as PatientView
}
