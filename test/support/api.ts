import { AppError, type Problem } from '@vigil/contract'

export interface Answer<T> {
  readonly status: number
  readonly body: T
}

export interface Api {
  readonly base: string
  readonly cookie: string
  get<T = unknown>(path: string): Promise<T>
  post<T = unknown>(path: string, body?: unknown): Promise<T>
  put<T = unknown>(path: string, body: unknown): Promise<T>
  /** The answer whatever its status. */
  ask<T = Problem>(method: string, path: string, body?: unknown): Promise<Answer<T>>
}

/** Signs in to the central station as a browser would and speaks `/api/v1`. */
export async function signIn(http: string, username: string, password: string): Promise<Api> {
  const response = await fetch(`${http}/api/v1/session`, { method: 'POST', headers: { 'content-type': 'application/json', origin: http }, body: JSON.stringify({ username, password }) })
  if (!response.ok) throw new AppError('SIGN_IN_REFUSED', `Sign-in answered ${response.status}: ${await response.text()}`)
  const cookie = (response.headers.getSetCookie()[0] ?? '').split(';')[0] ?? ''
  return apiWith(http, cookie)
}

function apiWith(http: string, cookie: string): Api {
  const ask = async <T>(method: string, path: string, body?: unknown): Promise<Answer<T>> => {
    const response = await fetch(`${http}/api/v1${path}`, {
      method,
      headers: { cookie, origin: http, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    const isJson = (response.headers.get('content-type') ?? '').includes('json')
    return { status: response.status, body: (isJson && text !== '' ? JSON.parse(text) : text) as T }
  }
  const must = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const answer = await ask<T>(method, path, body)
    if (answer.status >= 300) throw new AppError('INTERNAL', `${method} ${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`)
    return answer.body
  }
  return { base: http, cookie, ask, get: (path) => must('GET', path), post: (path, body = {}) => must('POST', path, body), put: (path, body) => must('PUT', path, body) }
}
