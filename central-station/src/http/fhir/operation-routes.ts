import type { FastifyInstance } from 'fastify'
import { searchset } from '../../fhir/resources/bundle.ts'
import { isFhirId } from '../../fhir/resources/resource.ts'
import { CURSOR, readAsked, valuesOf, wrong } from '../../fhir/search/asked.ts'
import { readCursor } from '../../fhir/search/cursor.ts'
import { askedDetail, askingOf, linkTo, pairsOf, queryOf, subjectOf } from './answers.ts'
import { isStrict } from './negotiation.ts'
import type { FhirRoutesOptions } from './options.ts'

const MOST_LAST = 100
const USUAL_COUNT = 200
const MOST_COUNT = 1_000

/** `Observation/$lastn` and `Patient/{id}/$everything`. */
export function operationRoutes(app: FastifyInstance, { fhir, clock }: FhirRoutesOptions): void {
  const observation = fhir.types.find(({ type }) => type === 'Observation')
  app.get('/Observation/$lastn', { config: { permission: 'history:read', audit: 'fhir.lastn', scope: 'filtered' }, schema: { hide: true } }, async (request, reply) => {
    const pairs = pairsOf(queryOf(request))
    const asked = readAsked(pairs.filter(([name]) => name !== 'max'), observation ?? { params: [], sorts: [], includes: [], revincludes: [] }, isStrict(request))
    const max = wholeNumber('max', pairs.findLast(([name]) => name === 'max')?.[1] ?? '1', MOST_LAST)
    // What R4 asks of the operation: whose, and of what.
    if (valuesOf(asked, 'patient').length + valuesOf(asked, 'subject').length === 0) throw wrong('$lastn needs patient or subject.')
    if (valuesOf(asked, 'category').length + valuesOf(asked, 'code').length === 0) throw wrong('$lastn needs category or code.')
    const asking = askingOf(request, clock)
    const matches = await fhir.lastn(asked, max, asking)
    request.subject = subjectOf('Observation', matches, { asked: askedDetail(asked), found: matches.length })
    const used = [...asked.used, ['max', String(max)] as const]
    return reply.send(searchset({ base: asking.base, matches, total: matches.length, self: linkTo(`${asking.base}/Observation/$lastn`, used), ignored: asked.ignored }))
  })

  app.get<{ Params: { id: string } }>('/Patient/:id/$everything', { config: { permission: 'history:read', audit: 'fhir.everything', scope: 'filtered' }, schema: { hide: true } }, async (request, reply) => {
    const { id } = request.params
    if (!isFhirId(id)) throw wrong('An id has letters, digits, "-" and ".", at most 64 of them.')
    const pairs = pairsOf(queryOf(request))
    const given = (name: string) => pairs.findLast(([one]) => one === name)?.[1]
    const unknown = pairs.find(([name]) => !TAKEN.has(name))
    if (unknown && isStrict(request)) throw wrong(`$everything has no parameter ${unknown[0]}.`)
    const asking = askingOf(request, clock)
    const cursor = given(CURSOR)
    const { resources, next } = await fhir.everything(
      {
        patientId: id, start: given('start'), end: given('end'), since: given('_since'), types: given('_type')?.split(','), count: wholeNumber('_count', given('_count') ?? String(USUAL_COUNT), MOST_COUNT),
        cursor: cursor === undefined ? undefined : readCursor(cursor),
      },
      asking,
    )
    const used = pairs.filter(([name]) => TAKEN.has(name) && name !== CURSOR)
    request.subject = { patientId: id, ...subjectOf('Patient', resources, { asked: Object.fromEntries(used), found: resources.length }) }
    const address = `${asking.base}/Patient/${id}/$everything`
    return reply.send(searchset({ base: asking.base, matches: resources, self: linkTo(address, used), next: next && linkTo(address, used, next), ignored: unknown ? [`$everything has no parameter ${unknown[0]}.`] : [] }))
  })
}

const TAKEN: ReadonlySet<string> = new Set(['start', 'end', '_since', '_type', '_count', '_format', CURSOR])

function wholeNumber(name: string, text: string, most: number): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1) throw wrong(`${name} must be a whole number, at least 1.`)
  return Math.min(value, most)
}
