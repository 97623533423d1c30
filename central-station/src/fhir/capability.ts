import about from '../../package.json' with { type: 'json' }
import { iso } from '../iso.ts'
import type { FhirType } from './fhir-type.ts'
import { commonParams } from './search/asked.ts'

export interface Operation {
  readonly type: string
  readonly name: string
  readonly definition: string
}

export interface CapabilityFacts {
  readonly base: string
  readonly startedMs: number
  readonly types: readonly FhirType[]
  readonly operations: readonly Operation[]
  /** Kinds that can be made and ended by clients. */
  readonly writable: ReadonlySet<string>
}

/** What this server really offers: made from the same list as its routes. */
export function capabilityStatement({ base, startedMs, types, operations, writable }: CapabilityFacts): object {
  return {
    resourceType: 'CapabilityStatement',
    id: 'vigil',
    status: 'active',
    date: iso(startedMs),
    publisher: 'Vigil',
    kind: 'instance',
    software: { name: 'Vigil central station', version: about.version },
    implementation: { description: 'Remote patient monitoring. Not a certified medical device; for secondary monitoring only.', url: base },
    fhirVersion: '4.0.1',
    format: ['application/fhir+json', 'json'],
    rest: [
      {
        mode: 'server',
        documentation: 'What monitors measured, read and searched. Unknown parameters are ignored and named, or refused with Prefer: handling=strict.',
        security: { cors: false, description: 'A token of Vigil in the header Authorization: Bearer; each token has rights and may be limited to wards. Every read is audited.' },
        resource: types.map((type) => resourceOf(type, operations, writable.has(type.type))),
      },
    ],
  }
}

function resourceOf({ type, profiles, params, includes, revincludes }: FhirType, operations: readonly Operation[], isWritable: boolean): object {
  const own = operations.filter((operation) => operation.type === type).map(({ name, definition }) => ({ name, definition }))
  const interactions = ['read', 'search-type', ...(isWritable ? ['create', 'delete'] : [])]
  return {
    type,
    ...(profiles.length === 0 ? {} : { supportedProfile: profiles }),
    interaction: interactions.map((code) => ({ code })),
    versioning: 'versioned',
    readHistory: false,
    conditionalRead: 'not-match',
    ...(includes.length === 0 ? {} : { searchInclude: includes }),
    ...(revincludes.length === 0 ? {} : { searchRevInclude: revincludes }),
    searchParam: [...commonParams, ...params].map(({ name, kind, documentation }) => ({ name, type: kind, documentation })),
    ...(own.length === 0 ? {} : { operation: own }),
  }
}
