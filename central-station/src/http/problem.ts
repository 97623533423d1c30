import type { FastifyError } from 'fastify'
import { AppError, type ErrorCode, errorCodes, isAppError, type Problem, statusOf } from '@vigil/contract'

/** What Fastify calls its own refusals, in our words. */
const FASTIFY_CODES: Readonly<Record<string, { code: ErrorCode; detail: string }>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: { code: 'BODY_TOO_LARGE', detail: 'The body is larger than 1 MiB.' },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: { code: 'UNSUPPORTED_MEDIA_TYPE', detail: 'Send JSON, with the content type application/json.' },
  FST_ERR_CTP_EMPTY_JSON_BODY: { code: 'MALFORMED_JSON', detail: 'The body is empty although its content type says JSON.' },
  FST_ERR_CTP_INVALID_JSON_BODY: { code: 'MALFORMED_JSON', detail: 'The body is not JSON.' },
  FST_ERR_BAD_URL: { code: 'INVALID_REQUEST', detail: 'The address cannot be read.' },
  FST_ERR_NOT_FOUND: { code: 'NOT_FOUND', detail: 'There is nothing at this address.' },
}

/** Any failure as an `AppError`: nothing else ever leaves the server. */
export function asAppError(error: unknown): AppError {
  if (isAppError(error)) return error
  const { code, validation, statusCode = 500, message } = error as Partial<FastifyError>
  if (validation) return invalid(validation)
  const known = FASTIFY_CODES[code ?? '']
  if (known) return new AppError(known.code, known.detail, { cause: error })
  if (error instanceof SyntaxError && statusCode === 400) return new AppError('MALFORMED_JSON', 'The body is not JSON.', { cause: error })
  if (statusCode >= 400 && statusCode < 500) return new AppError('INVALID_REQUEST', message ?? 'The request cannot be read.', { cause: error })
  return new AppError('INTERNAL', 'Something went wrong here. It was written down; give your operator the request id.', { cause: error })
}

interface ValidationFault {
  readonly instancePath?: string
  readonly message?: string
}

function invalid(validation: readonly ValidationFault[]): AppError {
  const errors = validation.map((fault) => ({ path: fault.instancePath ?? '', message: fault.message ?? 'does not fit' }))
  const [first] = errors
  return new AppError('INVALID_REQUEST', `The request does not fit: ${first?.path.slice(1) || 'it'} ${first?.message}.`, { details: { errors } })
}

/** RFC 9457. The sentence is for people, the code for programs. */
export function toProblem(error: AppError, requestId: string): Problem {
  const { errors, ...details } = (error.details ?? {}) as { errors?: Problem['errors'] } & Record<string, unknown>
  return {
    type: `urn:vigil:error:${error.code}`,
    title: titleOf(error.code),
    status: statusOf(error.code),
    code: error.code,
    detail: error.message,
    requestId,
    ...(errors ? { errors } : {}),
    ...(Object.keys(details).length === 0 ? {} : { details }),
  }
}

/** Seconds after which trying again makes sense. */
export function retryAfterSeconds(error: AppError): number | undefined {
  if (!errorCodes[error.code].retry) return undefined
  const asked = error.details?.['retryAfterMs']
  return typeof asked === 'number' ? Math.ceil(asked / 1_000) : 2
}

function titleOf(code: ErrorCode): string {
  const words = code.toLowerCase().replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}
