import type { FastifyRequest } from 'fastify'
import { AppError } from '@vigil/contract'

export const FHIR_JSON = 'application/fhir+json; charset=utf-8'
const JSON_NAMES: ReadonlySet<string> = new Set(['json', 'application/json', 'application/fhir+json', 'application/json+fhir', 'text/json'])

/**
 * The form of the answer, from `_format` or the Accept header (FHIR R4 3.1.0.1.11).
 * @throws AppError NOT_ACCEPTABLE
 */
export function negotiate(accept: string | undefined, format: string | undefined): string {
  if (format !== undefined) {
    // A "+" that was not encoded arrives as a space.
    if (JSON_NAMES.has(mediaType(format).replace('fhir json', 'fhir+json'))) return FHIR_JSON
    throw notAcceptable()
  }
  const ranges = (accept ?? '*/*').split(',').map((range) => range.trim())
  const takes = (names: readonly string[]) => ranges.some((range) => names.includes(mediaType(range)) && isOurVersion(range))
  if (takes(['*/*', 'application/*', 'application/fhir+json', 'application/json+fhir'])) return FHIR_JSON
  if (takes(['application/json', 'text/json', 'text/*'])) return 'application/json; charset=utf-8'
  throw notAcceptable()
}

function mediaType(range: string): string {
  return (range.split(';')[0] ?? '').trim().toLowerCase()
}

function isOurVersion(range: string): boolean {
  const version = /;\s*fhirVersion=([\d.]+)/i.exec(range)?.[1]
  return version === undefined || version.startsWith('4.0')
}

function notAcceptable(): AppError {
  return new AppError('NOT_ACCEPTABLE', 'FHIR is sent here as JSON, version 4.0. Accept application/fhir+json and leave other values of _format out.')
}

/** `Prefer: handling=strict` (FHIR R4 3.1.1.4.1). */
export function isStrict({ headers }: Pick<FastifyRequest, 'headers'>): boolean {
  return /(^|[,;\s])handling=strict\b/.test(String(headers['prefer'] ?? ''))
}

/**
 * Address of the FHIR server as the client reached it. A proxy in front may have the TLS; what it says of the scheme goes into
 * the links of this one answer and nowhere else.
 */
export function baseOf(request: FastifyRequest): string {
  const said = request.headers['x-forwarded-proto']
  const scheme = request.protocol === 'https' || said === 'https' ? 'https' : 'http'
  return `${scheme}://${request.host}/fhir`
}
