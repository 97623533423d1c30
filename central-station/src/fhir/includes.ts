import type { Asking, FhirType } from './fhir-type.ts'
import type { FhirResource } from './resources/resource.ts'
import { type Asked, readAsked } from './search/asked.ts'

/** What the second half of an `_include` points to. */
const TARGETS: Readonly<Record<string, string>> = { patient: 'Patient', subject: 'Patient', encounter: 'Encounter', device: 'Device', author: 'Device', source: 'Device' }
const MOST_REVERSE = '1000'

export interface Included {
  readonly resources: readonly FhirResource[]
  readonly ignored: readonly string[]
}

/** What the matches refer to, and what refers to them; only kinds the caller may read. */
export async function include(types: ReadonlyMap<string, FhirType>, asked: Pick<Asked, 'includes' | 'revincludes'>, matches: readonly FhirResource[], asking: Asking): Promise<Included> {
  const found = new Found(matches)
  for (const wanted of asked.includes) {
    const target = TARGETS[wanted.split(':')[1] ?? ''] ?? ''
    const type = allowed(types, target, asking)
    if (type) await takeReferenced(found, matches, type, asking)
    else found.leaveOut(`_include=${wanted}`, types.get(target))
  }
  for (const wanted of asked.revincludes) {
    const [source = '', param = ''] = wanted.split(':')
    const type = allowed(types, source, asking)
    if (type) await takeReferring(found, matches, { type, param }, asking)
    else found.leaveOut(`_revinclude=${wanted}`, types.get(source))
  }
  return { resources: [...found.resources.values()], ignored: found.ignored }
}

async function takeReferenced(found: Found, matches: readonly FhirResource[], type: FhirType, asking: Asking): Promise<void> {
  const ids = new Set(matches.flatMap((match) => referencesIn(match, type.type)))
  for (const id of ids) if (found.isNew(`${type.type}/${id}`)) found.take(await type.read(id, asking))
}

async function takeReferring(found: Found, matches: readonly FhirResource[], { type, param }: { type: FhirType; param: string }, asking: Asking): Promise<void> {
  if (matches.length === 0) return
  const page = await type.search(readAsked([[param, matches.map(nameOf).join(',')], ['_count', MOST_REVERSE]], type, true), undefined, asking)
  for (const resource of page.matches) found.take(resource)
  if (page.next) found.ignored.push(`Of what _revinclude brings, the first ${MOST_REVERSE} are here; search for ${type.type} to have all.`)
}

const nameOf = ({ resourceType, id }: FhirResource) => `${resourceType}/${id}`

function allowed(types: ReadonlyMap<string, FhirType>, name: string, asking: Asking): FhirType | undefined {
  const type = types.get(name)
  return type && asking.may(type.permission) ? type : undefined
}

class Found {
  readonly resources = new Map<string, FhirResource>()
  readonly ignored: string[] = []
  readonly #matches: ReadonlySet<string>

  constructor(matches: readonly FhirResource[]) {
    this.#matches = new Set(matches.map(nameOf))
  }

  isNew(name: string): boolean {
    return !this.resources.has(name) && !this.#matches.has(name)
  }

  take(resource: FhirResource | undefined): void {
    if (resource && this.isNew(nameOf(resource))) this.resources.set(nameOf(resource), resource)
  }

  leaveOut(wanted: string, type: FhirType | undefined): void {
    this.ignored.push(`${wanted} was left out: it takes the right ${type?.permission}.`)
  }
}

/** Ids of one type that a resource refers to, at any depth. */
export function referencesIn(value: unknown, type: string): string[] {
  if (Array.isArray(value)) return value.flatMap((part) => referencesIn(part, type))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, part]) => {
    if (key !== 'reference' || typeof part !== 'string') return referencesIn(part, type)
    const [of, id] = part.split('/')
    return of === type && id !== undefined ? [id] : []
  })
}
