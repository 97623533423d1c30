import type { Permission, WardScope } from '@vigil/contract'
import type { FhirResource } from './resources/resource.ts'
import type { AskableType, Asked } from './search/asked.ts'
import type { Cursor } from './search/cursor.ts'

/** One page of matches, in order. `next` is there when there may be more, also after a page with few matches or none. */
export interface Page {
  readonly matches: readonly FhirResource[]
  readonly next?: Cursor | undefined
  /** How many there are in all, where it is cheap or was asked for. */
  readonly total?: number | undefined
}

/** Who asks, when, and of which server. */
export interface Asking {
  /** Wards the caller sees; `null` for all. What belongs to no ward is seen by those who see all. */
  readonly wards: WardScope
  /** Whether the caller may read a kind of resource that an answer would bring along. */
  readonly may: (permission: Permission) => boolean
  /** Base address of the server, for absolute references. */
  readonly base: string
  readonly nowMs: number
}

/** A kind of resource: what can be asked about it. The CapabilityStatement and the routes are made from the list of these. */
export interface FhirType extends AskableType {
  readonly type: string
  readonly permission: Permission
  readonly profiles: readonly string[]
  read(id: string, asking: Asking): Promise<FhirResource | undefined>
  /** @throws AppError INVALID_REQUEST, TOO_COSTLY, DATABASE_AWAY */
  search(asked: Asked, cursor: Cursor | undefined, asking: Asking): Promise<Page>
}
