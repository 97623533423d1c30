import type { AppError } from './app-error.ts'
import { errorCodes } from './error-codes.ts'

// The table apart from the class: a small board carries the errors it throws, not every code of the house.
export * from './app-error.ts'
export * from './error-codes.ts'

/** True for an `AppError`, also one made by another copy of this package. */
export function isAppError(error: unknown): error is AppError {
  return error instanceof Error && error.name === 'AppError' && 'code' in error && String(error.code) in errorCodes
}
