import type { Problem } from '@vigil/contract/api/schema'

/** Codes the browser adds to those of the contract, for failures the server never saw. */
export type LocalCode = 'UNREACHABLE' | 'UNREADABLE'

/** A call that did not succeed: stable code, a sentence for a person, and what the server added. */
export class ApiFailure extends Error {
  override readonly name = 'ApiFailure'
  readonly code: string
  readonly status: number
  readonly problem: Problem | undefined

  constructor(code: string, detail: string, options: { status?: number; problem?: Problem; cause?: unknown } = {}) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.status = options.status ?? 0
    this.problem = options.problem
  }
}

/** Turns whatever was thrown into something every screen can show. */
export function asFailure(error: unknown): ApiFailure {
  if (error instanceof ApiFailure) return error
  return new ApiFailure('UNREADABLE' satisfies LocalCode, error instanceof Error ? error.message : String(error), { cause: error })
}

/** The number in an address is of nothing there is, or no number at all: nothing a person could mend in what they entered. */
export const isNobody = (failure: ApiFailure | undefined): boolean => failure?.code === 'NOT_FOUND' || failure?.code === 'INVALID_REQUEST'
