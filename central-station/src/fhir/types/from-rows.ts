import type { Asking, FhirType, Page } from '../fhir-type.ts'
import { type FhirResource, isUuid } from '../resources/resource.ts'
import { type Asked, readAsked, valuesOf } from '../search/asked.ts'
import type { Cursor } from '../search/cursor.ts'
import type { Found } from '../store/pages.ts'

export interface RowType<T> extends Pick<FhirType, 'type' | 'permission' | 'params' | 'sorts' | 'includes' | 'revincludes' | 'profiles'> {
  /** `ids` undefined: whatever they are called. */
  readonly find: (asked: Asked, cursor: Cursor | undefined, about: { readonly ids: readonly string[] | undefined; readonly asking: Asking }) => Promise<Found<T>>
  readonly toResource: (row: T) => FhirResource
}

/** A kind of resource whose rows stand in one table and are named by UUIDs. */
export function typeFromRows<T>({ find, toResource, ...about }: RowType<T>): FhirType {
  const nothingAsked = readAsked([], about, false)
  return {
    ...about,
    async read(id, asking) {
      if (!isUuid(id)) return undefined
      const { rows } = await find(nothingAsked, undefined, { ids: [id], asking })
      return rows[0] && toResource(rows[0])
    },
    async search(asked, cursor, asking): Promise<Page> {
      const { rows, next, total } = await find(asked, cursor, { ids: idsOf(asked), asking })
      return asked.summary === 'count' ? { matches: [], total } : { matches: rows.map(toResource), next, total }
    },
  }
}

function idsOf(asked: Asked): string[] | undefined {
  const [first, ...rest] = valuesOf(asked, '_id')
  return first?.filter((id) => isUuid(id) && rest.every((values) => values.includes(id)))
}
