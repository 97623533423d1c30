import type { Asking, FhirType } from './fhir-type.ts'
import type { FhirResource } from './resources/resource.ts'
import { readAsked, wrong } from './search/asked.ts'
import type { Cursor } from './search/cursor.ts'

/** Kinds of a patient's record, in the order they are told. */
const ORDER = ['Patient', 'Encounter', 'Device', 'Flag', 'Observation'] as const

export interface EverythingAsked {
  readonly patientId: string
  /** FHIR dates; only what happened from then on, and until then. */
  readonly start: string | undefined
  readonly end: string | undefined
  readonly since: string | undefined
  /** `undefined`: all there are. */
  readonly types: readonly string[] | undefined
  readonly count: number
  readonly cursor: Cursor | undefined
}

export interface EverythingPage {
  readonly resources: readonly FhirResource[]
  readonly next: Cursor | undefined
}

/** A patient's record, kind after kind, a page at a time; each kind is searched as it would be alone. @throws AppError INVALID_REQUEST */
export async function everything(types: ReadonlyMap<string, FhirType>, asked: EverythingAsked, asking: Asking): Promise<EverythingPage> {
  const { startAt, inner, wanted } = whereFrom(types, asked, asking)
  const resources: FhirResource[] = []
  for (const [i, name] of wanted.slice(startAt).entries()) {
    if (resources.length >= asked.count) return { resources, next: { key: name, id: '' } }
    const type = types.get(name) as FhirType
    const page = await type.search(readAsked(paramsFor(name, asked, asked.count - resources.length), type, true), i === 0 ? inner : undefined, asking)
    resources.push(...page.matches)
    // An id of its own kind, also where the search only names an instant.
    if (page.next) return { resources, next: { key: `${name}|${page.next.key}`, id: page.next.id === '' ? '.' : page.next.id } }
  }
  return { resources, next: undefined }
}

type Kind = (typeof ORDER)[number]

/** Which kinds, at which of them, and where in it. */
function whereFrom(types: ReadonlyMap<string, FhirType>, { types: asked, cursor }: EverythingAsked, asking: Asking): { wanted: readonly Kind[]; startAt: number; inner: Cursor | undefined } {
  const wanted = ORDER.filter((name) => (!asked || asked.includes(name)) && asking.may(types.get(name)?.permission ?? 'public'))
  if (!cursor) return { wanted, startAt: 0, inner: undefined }
  const [name, ...key] = cursor.key.split('|')
  const startAt = wanted.findIndex((one) => one === name)
  if (startAt < 0) throw wrong('_cursor cannot be read. Follow the next link of a page as it is.')
  return { wanted, startAt, inner: cursor.id === '' ? undefined : { key: key.join('|'), id: cursor.id } }
}

function paramsFor(name: Kind, { patientId, start, end, since }: EverythingAsked, count: number): [string, string][] {
  const params: [string, string][] = [[name === 'Patient' ? '_id' : 'patient', patientId], ['_count', String(count)]]
  if (since !== undefined) params.push(['_lastUpdated', `ge${since}`])
  if (name === 'Patient' || name === 'Device') return params
  if (start !== undefined) params.push(['date', `ge${start}`])
  if (end !== undefined) params.push(['date', `le${end}`])
  return params
}
