import { AppError, errorCodes, isAppError, type Clock, type ErrorCode, type Problem, type SessionInfo } from '@vigil/contract'
import { pause } from '@vigil/program'

export interface StationClient {
  /** @throws AppError with the code of the answer, or `START_FAILED` when nobody answers. */
  get<T>(path: string): Promise<T>
  send<T>(method: 'POST' | 'PATCH' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<T>
  /** Bearer token, for the live stream. */
  readonly token: string
  signOut(): Promise<void>
}

export interface StationClientOptions {
  /** Where the central station listens, e.g. `http://127.0.0.1:8080`. */
  readonly url: string
  readonly username: string
  readonly password: string
  readonly clock: Clock
  /** How long to wait for a central station that does not answer yet, ms. */
  readonly patienceMs?: number
}

const RETRY_FIRST_MS = 250
const RETRY_MOST_MS = 5_000
const CALL_LIMIT_MS = 20_000

/** Signs in as a program and calls the API with its token; what may pass by itself is tried again. */
export async function signInToStation({ url, username, password, clock, patienceMs = 30_000 }: StationClientOptions): Promise<StationClient> {
  const call = <T>(method: string, path: string, body: unknown, bearer?: string): Promise<T> =>
    patiently(clock, patienceMs, () => callStation<T>({ url, method, path, body, token: bearer }))
  const { token } = await call<SessionInfo>('POST', '/session', { username, password, kind: 'program' })
  if (token === undefined) throw new AppError('SIGN_IN_REFUSED', 'The central station gave no token to this program.')
  return {
    token,
    get: (path) => call('GET', path, undefined, token),
    send: (method, path, body) => call(method, path, body, token),
    signOut: () => callStation({ url, method: 'DELETE', path: '/session', body: undefined, token }),
  }
}

async function callStation<T>({ url, method, path, body, token }: { url: string; method: string; path: string; body: unknown; token: string | undefined }): Promise<T> {
  const response = await fetch(`${url}/api/v1${path}`, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
    signal: AbortSignal.timeout(CALL_LIMIT_MS),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }).catch((cause: unknown) => {
    throw new AppError('START_FAILED', `The central station does not answer at ${url}.`, { cause })
  })
  const text = await response.text()
  if (response.ok) return (text === '' ? undefined : JSON.parse(text)) as T
  throw problemOf(text, `${method} ${path}: ${response.status}`)
}

function problemOf(text: string, what: string): AppError {
  try {
    const { code, detail, details } = JSON.parse(text) as Problem
    if (code in errorCodes) return new AppError(code as ErrorCode, detail, { details: { ...details, what } })
  } catch {
    // Not the central station's own answer: something stands in between.
  }
  return new AppError('INTERNAL', `The central station answered what it should not (${what}).`)
}

async function patiently<T>(clock: Clock, patienceMs: number, attempt: () => Promise<T>): Promise<T> {
  const endsAt = clock.monotonic() + patienceMs
  for (let delayMs = RETRY_FIRST_MS; ; delayMs = Math.min(2 * delayMs, RETRY_MOST_MS)) {
    try {
      return await attempt()
    } catch (error) {
      const mayPass = isAppError(error) && errorCodes[error.code].retry
      if (!mayPass || clock.monotonic() + delayMs > endsAt) throw error
    }
    await pause(clock, delayMs)
  }
}
