import type { FhirResource } from './resource.ts'
import { type OperationOutcome, warnings } from './outcome.ts'

export interface SearchsetParts {
  /** Base address of the FHIR server. */
  readonly base: string
  readonly matches: readonly FhirResource[]
  readonly included?: readonly FhirResource[]
  readonly total?: number | undefined
  readonly self: string
  readonly next?: string | undefined
  /** Parameters that were not used, and why. */
  readonly ignored?: readonly string[]
}

/** A page of a search. `total` only when it is known without counting everything. */
export function searchset({ base, matches, included = [], total, self, next, ignored = [] }: SearchsetParts): object {
  const entry = (resource: FhirResource, mode: 'match' | 'include') => ({ fullUrl: `${base}/${resource.resourceType}/${resource.id}`, resource, search: { mode } })
  const outcome: { resource: OperationOutcome; search: { mode: string } }[] = ignored.length === 0 ? [] : [{ resource: warnings(ignored), search: { mode: 'outcome' } }]
  const entries = [...matches.map((resource) => entry(resource, 'match')), ...included.map((resource) => entry(resource, 'include')), ...outcome]
  return {
    resourceType: 'Bundle',
    type: 'searchset',
    ...(total === undefined ? {} : { total }),
    link: [{ relation: 'self', url: self }, ...(next === undefined ? [] : [{ relation: 'next', url: next }])],
    ...(entries.length === 0 ? {} : { entry: entries }),
  }
}
