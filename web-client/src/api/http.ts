import type { Problem } from '@vigil/contract/api/schema'
import { ApiFailure, type LocalCode } from './api-failure.ts'

/** A server that has not answered by then is treated as away; the person is told and can try again. */
const ANSWER_WITHIN_MS = 15_000

export interface Http {
  get<T>(url: string, signal?: AbortSignal): Promise<T>
  post<T>(url: string, body?: unknown, signal?: AbortSignal): Promise<T>
  put<T>(url: string, body: unknown): Promise<T>
  patch<T>(url: string, body: unknown): Promise<T>
  delete<T>(url: string): Promise<T>
}

export interface HttpOptions {
  readonly fetch: typeof fetch
  /** Put before every path; empty in the browser, an origin in tests. */
  readonly origin?: string
  /** Called when the server no longer knows the session. */
  readonly onUnauthenticated?: () => void
  /** Called for each call that succeeded. */
  readonly onDone?: (method: string, url: string, body: unknown) => void
}

/** Calls to the central station. Every failure is thrown as `ApiFailure`; an answer without a body is `undefined`. */
export function createHttp({ fetch, origin = '', onUnauthenticated, onDone }: HttpOptions): Http {
  async function call<T>(method: string, url: string, body?: unknown, signal?: AbortSignal): Promise<T> {
    const response = await reach(fetch, origin + url, request(method, body, signal))
    if (response.ok) {
      const answer = (await readBody(response)) as T
      onDone?.(method, url, body)
      return answer
    }
    const failure = await readProblem(response)
    if (failure.code === 'UNAUTHENTICATED') onUnauthenticated?.()
    throw failure
  }
  return {
    get: (url, signal) => call('GET', url, undefined, signal),
    post: (url, body, signal) => call('POST', url, body ?? {}, signal),
    put: (url, body) => call('PUT', url, body),
    patch: (url, body) => call('PATCH', url, body),
    delete: (url) => call('DELETE', url),
  }
}

function request(method: string, body: unknown, signal: AbortSignal | undefined): RequestInit {
  const timeout = AbortSignal.timeout(ANSWER_WITHIN_MS)
  return {
    method,
    credentials: 'same-origin',
    headers: { accept: 'application/json', ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }
}

async function reach(doFetch: typeof fetch, url: string, init: RequestInit): Promise<Response> {
  try {
    return await doFetch(url, init)
  } catch (cause) {
    throw new ApiFailure('UNREACHABLE' satisfies LocalCode, 'The central station did not answer', { cause })
  }
}

async function readBody(response: Response): Promise<unknown> {
  const text = await response.text()
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new ApiFailure('UNREADABLE' satisfies LocalCode, 'The answer could not be read', { status: response.status, cause })
  }
}

async function readProblem(response: Response): Promise<ApiFailure> {
  const { status } = response
  const problem = (await response.json().catch(() => undefined)) as Problem | undefined
  if (problem && typeof problem.code === 'string') return new ApiFailure(problem.code, problem.detail, { status, problem })
  return new ApiFailure('UNREADABLE' satisfies LocalCode, `The central station answered ${status}`, { status })
}
