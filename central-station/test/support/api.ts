import { AppError, type Problem } from '@vigil/contract'

export interface Answer<T> {
  readonly status: number
  readonly body: T
  readonly headers: Headers
}

export interface TestApi {
  readonly http: string
  readonly cookie: string
  /** The answer whatever its status. */
  ask<T = Problem>(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer<T>>
  get<T>(path: string): Promise<T>
  post<T>(path: string, body?: unknown): Promise<T>
  put<T>(path: string, body: unknown): Promise<T>
  patch<T>(path: string, body: unknown): Promise<T>
}

/** Signs in as a browser does. */
export async function signIn(http: string, username: string, password: string): Promise<TestApi> {
  const response = await fetch(`${http}/api/v1/session`, { method: 'POST', headers: { 'content-type': 'application/json', origin: http }, body: JSON.stringify({ username, password }) })
  if (!response.ok) throw new AppError('SIGN_IN_REFUSED', `${response.status} ${await response.text()}`)
  return apiWith(http, (response.headers.getSetCookie()[0] ?? '').split(';')[0] ?? '')
}

export function apiWith(http: string, cookie: string): TestApi {
  const ask = async <T>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer<T>> => {
    const response = await fetch(path.startsWith('http') ? path : `${http}${path.startsWith('/health') || path.startsWith('/metrics') ? '' : '/api/v1'}${path}`, {
      method,
      headers: { ...(cookie === '' ? {} : { cookie }), origin: http, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    const isJson = /[/+]json\b/.test(response.headers.get('content-type') ?? '')
    return { status: response.status, headers: response.headers, body: (isJson && text !== '' ? JSON.parse(text) : text) as T }
  }
  const must = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const answer = await ask<T>(method, path, body)
    if (answer.status >= 300) throw new AppError('INTERNAL', `${method} ${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`)
    return answer.body
  }
  return {
    http,
    cookie,
    ask,
    get: (path) => must('GET', path),
    post: (path, body = {}) => must('POST', path, body),
    put: (path, body) => must('PUT', path, body),
    patch: (path, body) => must('PATCH', path, body),
  }
}
