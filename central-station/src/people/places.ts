import type { Registry } from '../registry/registry.ts'

/** Where something belongs: a ward, no ward at all (`null`), or nothing that is known (`undefined`). */
export type Place = string | null | undefined

/** Port: places of what the registry does not know by heart. */
export interface PlaceStore {
  /** Beds that were retired, too. */
  ofBed(id: string): Promise<Place>
  ofStay(id: string): Promise<Place>
  /** Where the patient is, or was last. */
  ofPatient(id: string): Promise<Place>
  ofAlarm(id: string): Promise<Place>
  ofReview(id: string): Promise<Place>
}

/** The ward to which a thing named in a request belongs. */
export interface Places {
  of(kind: PlaceKind, id: string): Promise<Place>
}

export type PlaceKind = 'ward' | 'bed' | 'stay' | 'patient' | 'device' | 'alarm' | 'review' | 'grant'

/** What is no id at all is for the route to refuse. */
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const BY_UUID: ReadonlySet<PlaceKind> = new Set(['stay', 'patient', 'alarm', 'review', 'grant'])

export function createPlaces({ store, registry, openAlarm, openedWard }: { store: PlaceStore; registry: Registry; openAlarm: (id: string) => { readonly wardId?: string } | undefined; openedWard: (grantId: string) => string | undefined }): Places {
  const ofPatient = (id: string): Place => registry.now().world.stays.find((stay) => stay.patient.id === id)?.wardId
  const finders: Record<PlaceKind, (id: string) => Place | Promise<Place>> = {
    ward: (id) => (registry.now().wards.has(id) ? id : undefined),
    bed: (id) => registry.now().wardOfBed.get(id)?.id ?? store.ofBed(id),
    // A spare device belongs to nobody yet: who may see devices sees it.
    device: (id) => (registry.now().devices.has(id) ? (registry.now().stayOfDevice.get(id)?.wardId ?? null) : undefined),
    stay: (id) => registry.now().stays.get(id)?.wardId ?? store.ofStay(id),
    patient: (id) => ofPatient(id) ?? store.ofPatient(id),
    alarm: (id) => {
      const open = openAlarm(id)
      return open ? (open.wardId ?? null) : store.ofAlarm(id)
    },
    review: (id) => store.ofReview(id),
    grant: openedWard,
  }
  return { of: async (kind, id) => (BY_UUID.has(kind) && !UUID.test(id) ? undefined : finders[kind](id)) }
}
