import { AppError } from '@vigil/contract'
import type { Caller } from '../people/caller.ts'
import { capabilityStatement, type Operation } from './capability.ts'
import { everything, type EverythingAsked, type EverythingPage } from './everything.ts'
import type { Asking, FhirType } from './fhir-type.ts'
import { include } from './includes.ts'
import type { Observations } from './observations/observations.ts'
import type { FhirResource } from './resources/resource.ts'
import type { Asked } from './search/asked.ts'
import type { Cursor } from './search/cursor.ts'
import type { Subscriptions } from './subscriptions/subscriptions.ts'

export interface SearchAnswer {
  readonly matches: readonly FhirResource[]
  readonly included: readonly FhirResource[]
  readonly next: Cursor | undefined
  readonly total: number | undefined
  readonly ignored: readonly string[]
}

/** FHIR R4 over what the central station knows and what is stored. */
export interface FhirServer {
  readonly types: readonly FhirType[]
  /** @throws AppError NOT_FOUND, GONE, DATABASE_AWAY */
  read(type: string, id: string, asking: Asking): Promise<FhirResource>
  /** @throws AppError INVALID_REQUEST, TOO_COSTLY, DATABASE_AWAY */
  search(type: string, asked: Asked, cursor: Cursor | undefined, asking: Asking): Promise<SearchAnswer>
  lastn(asked: Asked, max: number, asking: Asking): Promise<readonly FhirResource[]>
  /** @throws AppError NOT_FOUND */
  everything(asked: EverythingAsked, asking: Asking): Promise<EverythingPage>
  /** @throws AppError INVALID_REQUEST, OUTBOUND_ADDRESS, FORBIDDEN */
  subscribe(body: unknown, by: Caller, asking: Asking): Promise<FhirResource>
  /** @throws AppError NOT_FOUND, GONE */
  unsubscribe(id: string): Promise<void>
  capability(base: string): object
}

export const fhirOperations: readonly Operation[] = [
  { type: 'Observation', name: 'lastn', definition: 'http://hl7.org/fhir/OperationDefinition/Observation-lastn' },
  { type: 'Patient', name: 'everything', definition: 'http://hl7.org/fhir/OperationDefinition/Patient-everything' },
]

export interface FhirServerOptions {
  readonly types: readonly FhirType[]
  readonly observations: Observations
  readonly startedMs: number
  readonly subscriptions: Subscriptions
}

export function createFhirServer({ types, observations, subscriptions, startedMs }: FhirServerOptions): FhirServer {
  const byName = new Map(types.map((type) => [type.type, type]))
  const typeOf = (name: string): FhirType => {
    const type = byName.get(name)
    if (!type) throw new AppError('NOT_FOUND', `${name} is not served here; /fhir/metadata says what is.`)
    return type
  }
  const read = async (name: string, id: string, asking: Asking): Promise<FhirResource> => {
    const found = await typeOf(name).read(id, asking)
    if (!found) throw new AppError('NOT_FOUND', `There is no ${name}/${id}.`)
    return found
  }
  return {
    types,
    read,
    async search(name, asked, cursor, asking) {
      const { matches, next, total } = await typeOf(name).search(asked, cursor, asking)
      const { resources, ignored } = await include(byName, asked, matches, asking)
      return { matches, included: resources, next, total, ignored: [...asked.ignored, ...ignored] }
    },
    lastn: (asked, max, asking) => observations.lastn(asked, max, asking),
    async everything(asked, asking) {
      await read('Patient', asked.patientId, asking)
      return everything(byName, asked, asking)
    },
    subscribe: (body, by, asking) => subscriptions.create(body, by, asking, byName),
    unsubscribe: (id) => subscriptions.remove(id),
    capability: (base) => capabilityStatement({ base, startedMs, types, operations: fhirOperations, writable: new Set([subscriptions.type.type]) }),
  }
}
