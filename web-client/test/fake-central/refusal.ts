import { errorCodes, type ErrorCode } from '@vigil/contract/errors'
import type { FakeCentral } from './fake-central.ts'

/** Refused, as the central station refuses. */
export class Refusal extends Error {
  readonly code: ErrorCode
  readonly details: Readonly<Record<string, unknown>> | undefined
  constructor(code: ErrorCode, detail: string, details?: Readonly<Record<string, unknown>>) {
    super(detail)
    this.code = code
    this.details = details
  }
  get status(): number {
    return errorCodes[this.code].status
  }
  /** As it is answered: `errors` stand beside the other details. */
  get problem(): object {
    const { errors, ...details } = this.details ?? {}
    return { type: 'about:blank', title: this.code, status: this.status, code: this.code, detail: this.message, requestId: 'r-1', ...(errors !== undefined && { errors }), ...(this.details && { details }) }
  }
}

export interface Asked {
  readonly params: readonly string[]
  readonly url: URL
  readonly body: unknown
  readonly user: string
}

type Handler = (central: FakeCentral, asked: Asked) => unknown
/** Method, path with `*` for one part, right it needs, what it does. */
export type Route = readonly [method: string, path: string, right: string | undefined, handle: Handler]
