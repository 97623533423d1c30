import { AppError } from '@vigil/contract'

export type ParamKind = 'token' | 'date' | 'reference' | 'string'

/** A search parameter as it is told in the CapabilityStatement, and as it is read. */
export interface ParamSpec {
  readonly name: string
  readonly kind: ParamKind
  readonly documentation: string
}

/** What a client asked for, read and checked; the values themselves are read by kind where they are used. */
export interface Asked {
  /** One entry per occurrence: occurrences are ANDed, the comma-separated values of one are ORed. */
  readonly filters: readonly { readonly spec: ParamSpec; readonly values: readonly string[] }[]
  readonly sort: { readonly by: string; readonly descending: boolean } | undefined
  readonly count: number
  readonly cursor: string | undefined
  readonly includes: readonly string[]
  readonly revincludes: readonly string[]
  readonly summary: 'count' | 'data' | 'false'
  readonly elements: readonly string[]
  readonly isTotalWanted: boolean
  /** Used parameters, as they go into the links, without the cursor. */
  readonly used: readonly (readonly [name: string, value: string])[]
  /** Why a parameter was not used, in words. */
  readonly ignored: readonly string[]
}

export interface AskableType {
  readonly params: readonly ParamSpec[]
  readonly sorts: readonly string[]
  readonly includes: readonly string[]
  readonly revincludes: readonly string[]
}

export const CURSOR = '_cursor'
const MOST_COUNT = 1_000
const USUAL_COUNT = 100
const MOST_VALUES = 100

export const commonParams: readonly ParamSpec[] = [
  { name: '_id', kind: 'token', documentation: 'Id of the resource' },
  { name: '_lastUpdated', kind: 'date', documentation: 'When the resource last changed; of a measurement, when it arrived' },
]

/** Parameters of the answer's form, taken everywhere. */
export const resultParams = ['_count', '_sort', '_include', '_revinclude', '_summary', '_elements', '_total', '_format', '_pretty', CURSOR] as const

interface Draft {
  filters: { spec: ParamSpec; values: string[] }[]
  sort: Asked['sort']
  count: number
  cursor: string | undefined
  includes: string[]
  revincludes: string[]
  summary: Asked['summary']
  elements: string[]
  isTotalWanted: boolean
  used: [string, string][]
  ignored: string[]
}

/**
 * Reads the parameters of a search. Unknown ones are left out and named, or refused when the client said
 * `Prefer: handling=strict` (FHIR R4 3.1.1.4.1).
 * @throws AppError INVALID_REQUEST
 */
export function readAsked(pairs: Iterable<readonly [string, string]>, type: AskableType, isStrict: boolean): Asked {
  const draft: Draft = { filters: [], sort: undefined, count: USUAL_COUNT, cursor: undefined, includes: [], revincludes: [], summary: 'false', elements: [], isTotalWanted: false, used: [], ignored: [] }
  const known = new Map([...commonParams, ...type.params].map((spec) => [spec.name, spec]))
  const refuse = (why: string) => {
    if (isStrict) throw wrong(why)
    draft.ignored.push(why)
  }
  for (const [name, value] of pairs) {
    const spec = known.get(name)
    const result = RESULT_READERS[name]
    if (value === '') refuse(`${name} has no value.`)
    else if (result) result(draft, value, type, refuse)
    else if (spec) addFilter(draft, spec, value)
    else refuse(name.includes(':') ? `The modifier of ${name} is not known.` : `There is no search parameter ${name} here.`)
  }
  return draft
}

function addFilter(draft: Draft, spec: ParamSpec, value: string): void {
  const values = splitEscaped(value)
  if (values.length > MOST_VALUES) throw wrong(`${spec.name} has more than ${MOST_VALUES} values.`)
  draft.filters.push({ spec, values })
  draft.used.push([spec.name, value])
}

type ResultReader = (draft: Draft, value: string, type: AskableType, refuse: (why: string) => void) => void

const RESULT_READERS: Readonly<Record<string, ResultReader>> = {
  _count(draft, value) {
    const count = Number(value)
    if (!Number.isInteger(count) || count < 0) throw wrong('_count must be a whole number.')
    // 0 means: only how many (FHIR R4 3.1.1.5.3).
    if (count === 0) draft.summary = 'count'
    draft.count = Math.min(Math.max(count, 1), MOST_COUNT)
    draft.used.push(['_count', value])
  },
  _sort(draft, value, { sorts }, refuse) {
    const [first = '', ...rest] = value.split(',')
    const by = first.replace(/^-/, '')
    if (!sorts.includes(by)) return refuse(`Sorting by ${by} is not offered; offered are ${sorts.join(', ')}.`)
    if (rest.length > 0) refuse('Only the first key of _sort is used.')
    draft.sort = { by, descending: first.startsWith('-') }
    draft.used.push(['_sort', first])
  },
  _include: (draft, value, { includes }, refuse) => takeListed(draft, ['_include', value], includes, draft.includes, refuse),
  _revinclude: (draft, value, { revincludes }, refuse) => takeListed(draft, ['_revinclude', value], revincludes, draft.revincludes, refuse),
  _summary(draft, value, _type, refuse) {
    if (!['count', 'data', 'false'].includes(value)) return refuse('Offered for _summary are count, data and false.')
    draft.summary = value as Asked['summary']
    draft.used.push(['_summary', value])
  },
  _elements(draft, value) {
    draft.elements.push(...value.split(',').filter((name) => name !== ''))
    draft.used.push(['_elements', value])
  },
  _total(draft, value) {
    if (!['none', 'estimate', 'accurate'].includes(value)) throw wrong('_total must be none, estimate or accurate.')
    draft.isTotalWanted = value === 'accurate'
    draft.used.push(['_total', value])
  },
  // Read with the Accept header; they stay in the links.
  _format: (draft, value) => void draft.used.push(['_format', value]),
  _pretty: (draft, value) => void draft.used.push(['_pretty', value]),
  [CURSOR](draft, value) {
    draft.cursor = value
  },
}

function takeListed(draft: Draft, [name, value]: [string, string], offered: readonly string[], taken: string[], refuse: (why: string) => void): void {
  // `Observation:subject:Patient` names the target type too.
  const short = value.split(':').slice(0, 2).join(':')
  if (!offered.includes(short)) return refuse(`${name}=${value} is not offered${offered.length === 0 ? '' : `; offered are ${offered.join(', ')}`}.`)
  taken.push(short)
  draft.used.push([name, value])
}

/** Values separated by commas; `\,` is a comma in a value (FHIR R4 3.1.1.4.0.1). */
function splitEscaped(value: string): string[] {
  return value.split(/(?<!\\),/).map((part) => part.replaceAll(/\\([,|$\\])/g, '$1')).filter((part) => part !== '')
}

export function wrong(why: string): AppError {
  return new AppError('INVALID_REQUEST', why)
}

/** Values of all occurrences of a parameter: each inner list is ORed, the lists are ANDed. */
export function valuesOf(asked: Asked, name: string): (readonly string[])[] {
  return asked.filters.filter(({ spec }) => spec.name === name).map(({ values }) => values)
}
