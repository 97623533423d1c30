import type { ErrorCode } from './error-codes.ts'

export interface AppErrorOptions {
  readonly cause?: unknown
  /** Facts a caller can act on (never secrets, never patient names). */
  readonly details?: Readonly<Record<string, unknown>>
}

/** A failure with a stable code and a sentence a nurse or operator can act on. */
export class AppError extends Error {
  override readonly name = 'AppError'
  readonly code: ErrorCode
  readonly details: Readonly<Record<string, unknown>> | undefined

  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.details = options.details
  }
}
