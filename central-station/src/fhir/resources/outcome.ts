import { type AppError, type ErrorCode, statusOf } from '@vigil/contract'

export interface Issue {
  readonly severity: 'error' | 'warning' | 'information'
  readonly code: string
  readonly details: { readonly coding?: readonly { readonly system: string; readonly code: string }[]; readonly text: string }
  readonly expression?: readonly string[]
}

export interface OperationOutcome {
  readonly resourceType: 'OperationOutcome'
  readonly issue: readonly Issue[]
}

/** FHIR's issue types, where the status alone would be too coarse. */
const ISSUE_TYPES: Readonly<Partial<Record<ErrorCode, string>>> = {
  UNAUTHENTICATED: 'login', SIGN_IN_REFUSED: 'login', TOO_COSTLY: 'too-costly', TOO_MANY_REQUESTS: 'throttled', DATABASE_AWAY: 'transient', NOT_READY: 'transient', MALFORMED_JSON: 'structure', BODY_TOO_LARGE: 'too-long',
}
const BY_STATUS: Readonly<Record<number, string>> = { 400: 'invalid', 401: 'login', 403: 'forbidden', 404: 'not-found', 405: 'not-supported', 406: 'not-supported', 409: 'conflict', 410: 'deleted', 413: 'too-long', 415: 'not-supported', 422: 'processing', 429: 'throttled' }

/** What went wrong, in FHIR's words; our own code stands beside them. */
export function outcomeOf(error: AppError): OperationOutcome {
  const code = ISSUE_TYPES[error.code] ?? BY_STATUS[statusOf(error.code)] ?? 'exception'
  const coding = [{ system: 'urn:vigil:error', code: error.code }]
  const faults = (error.details?.['errors'] ?? []) as readonly { readonly path: string; readonly message: string }[]
  const said: Issue = { severity: 'error', code, details: { coding, text: error.message } }
  return { resourceType: 'OperationOutcome', issue: [said, ...faults.map(({ path, message }): Issue => ({ severity: 'error', code, details: { text: `${path.slice(1)} ${message}`.trim() } }))] }
}

export function warnings(texts: readonly string[]): OperationOutcome {
  return { resourceType: 'OperationOutcome', issue: texts.map((text): Issue => ({ severity: 'warning', code: 'not-supported', details: { text } })) }
}
