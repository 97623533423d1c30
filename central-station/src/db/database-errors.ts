import { AppError, isAppError } from '@vigil/contract'

/** Errors of Node's sockets and of `pg` itself that mean: PostgreSQL cannot be asked now. */
const AWAY_CODES: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EHOSTUNREACH', 'ENETUNREACH', 'EAI_AGAIN', 'ENOENT'])
const AWAY_WORDS = /Query read timeout|Connection terminated|timeout expired|timeout exceeded|connection error|not queryable|pool after calling end/i

/**
 * SQLSTATE: 08 connection, 53 resources, 57 operator intervention, 58 system, 40 serialisation (the next try is another one),
 * 3D no such database and 42P01 no such table (not migrated yet), 28 sign-in (the password was just rotated).
 */
const AWAY_STATES = /^(08|53|57|58|40|28)|^3D000$|^42P01$/

/** Class 22: the value itself cannot be stored, e.g. a NUL character in text. */
const REFUSED_STATES = /^22/

interface WithCode {
  readonly code?: unknown
}

/** The five-character SQLSTATE of an error PostgreSQL answered with. */
export function sqlState(error: unknown): string | undefined {
  const code = (error as WithCode | undefined)?.code
  // A digit is always in it; EPIPE of the socket has five letters too.
  return typeof code === 'string' && /^(?=.*\d)[0-9A-Z]{5}$/.test(code) ? code : undefined
}

/** Name of the constraint a row would have broken (SQLSTATE class 23). */
export function brokenConstraint(error: unknown): string | undefined {
  const cause = isAppError(error) ? error.cause : error
  return sqlState(cause)?.startsWith('23') ? (cause as { constraint?: string }).constraint : undefined
}

/** Whether another try later can succeed without anything being changed. */
export function isAway(error: unknown): boolean {
  if (isAppError(error)) return error.code === 'DATABASE_AWAY'
  const state = sqlState(error)
  if (state !== undefined) return AWAY_STATES.test(state)
  const code = (error as WithCode | undefined)?.code
  return (typeof code === 'string' && AWAY_CODES.has(code)) || (error instanceof Error && AWAY_WORDS.test(error.message))
}

/** What a caller is told: away and unstorable values get their code, everything else stays what it is (a fault of ours). */
export function asDatabaseError(error: unknown): unknown {
  if (isAppError(error)) return error
  if (isAway(error)) return databaseAway(error)
  if (REFUSED_STATES.test(sqlState(error) ?? '')) {
    return new AppError('INVALID_REQUEST', 'A value holds characters or numbers that cannot be stored.', { cause: error })
  }
  return error
}

export function databaseAway(cause?: unknown): AppError {
  return new AppError('DATABASE_AWAY', 'The database does not answer. Live values go on; try again in a moment.', { cause })
}
