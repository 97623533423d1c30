import { shallowReactive, shallowRef } from 'vue'
import type { Alarm } from '@vigil/contract/api/alarms'
import type { Ward } from '@vigil/contract/api/patients'

/** Where an alarm is; what has no ward is of its site. */
export type Place = Pick<Alarm, 'wardId' | 'site'>

/** Which wards this screen asked for, and which of them were told since the connection was made. */
export interface HeardWards {
  readonly want: (wardIds: readonly string[]) => void
  readonly tell: (ward: Pick<Ward, 'id' | 'site'>) => void
  /** The connection ended. */
  readonly lost: () => void
  /** A ward not told yet may be of any site. */
  readonly isWanted: (place: Place) => boolean
  readonly hears: (place: Place) => boolean
}

export function createHeardWards(): HeardWards {
  const wanted = shallowRef<ReadonlySet<string>>(new Set())
  const told = shallowReactive(new Set<string>())
  const siteOf = new Map<string, string>()

  return {
    want: (wardIds) => void (wanted.value = new Set(wardIds)),
    tell({ id, site }) {
      siteOf.set(id, site)
      told.add(id)
    },
    lost: () => told.clear(),
    isWanted: ({ wardId, site }) => (wardId === undefined ? [...wanted.value].some((id) => (siteOf.get(id) ?? site) === site) : wanted.value.has(wardId)),
    hears: ({ wardId, site }) => [...told].some((id) => wanted.value.has(id) && (wardId === undefined ? siteOf.get(id) === site : id === wardId)),
  }
}
