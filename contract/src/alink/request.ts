/** Codes of Alink's replies. */
export const AlinkCode = { OK: 200, FAILED: 400, TOO_FAST: 429, PARAMETERS: 460, TOO_MANY: 6106 } as const
export type AlinkCode = (typeof AlinkCode)[keyof typeof AlinkCode]

export interface AlinkRequest {
  /** Its own number for the message, as it wrote it; the firmware of some boards sends none. */
  readonly id: string | undefined
  /** `"sys":{"ack":0}` asks for silence. */
  readonly wantsReply: boolean
}

/** Why a message is not kept; `reason` is what it is counted under, `why` what the device is told. */
export interface Refused extends AlinkRequest {
  readonly ok: false
  readonly code: AlinkCode
  readonly reason: 'malformed' | 'too_many' | 'no_value' | 'time'
  readonly why: string
  readonly told?: Readonly<Record<string, string>>
}

export interface Opened extends AlinkRequest {
  readonly ok: true
  readonly params: Readonly<Record<string, unknown>>
}

/** Ids are whole numbers of 32 bits, as text; some boards write a number. */
const ID = /^[\x20-\x7e]{1,64}$/

/** Opens a message of a device as far as every one of them is alike. */
export function readRequest(payload: string): Opened | Refused {
  const body = parsed(payload)
  if (!body) return { id: undefined, wantsReply: true, ok: false, code: AlinkCode.PARAMETERS, reason: 'malformed', why: 'not a JSON object' }
  const request = { id: idOf(body['id']), wantsReply: (body['sys'] as { ack?: unknown } | null | undefined)?.ack !== 0 }
  const params = body['params']
  if (!isRecord(params)) return { ...request, ok: false, code: AlinkCode.PARAMETERS, reason: 'malformed', why: 'params is not an object' }
  return { ...request, ok: true, params }
}

export interface AlinkAnswer {
  readonly id: string | undefined
  readonly code: number
  readonly message: string | undefined
  readonly data: Readonly<Record<string, unknown>>
}

/** A device's answer to something it was asked: `{"id":"7","code":200,"data":{}}`. Some boards send a code and no more. */
export function readAnswer(payload: string): AlinkAnswer | undefined {
  const body = parsed(payload)
  if (!body || typeof body['code'] !== 'number') return undefined
  const { message, data } = body
  return { id: idOf(body['id']), code: body['code'], message: typeof message === 'string' ? message.slice(0, 200) : undefined, data: isRecord(data) ? data : {} }
}

/** What the platform answers. */
export function replyText(id: string | undefined, code: AlinkCode, method: string, { message, data = {} }: { message?: string; data?: Readonly<Record<string, string>> } = {}): string {
  return JSON.stringify({ code, data, id: id ?? '0', message: message ?? (code === AlinkCode.OK ? 'success' : 'request parameter error'), method, version: '1.0' })
}

/** What the platform asks. */
export function requestText(id: string, method: string, params: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ method, id, params, version: '1.0' })
}

function idOf(id: unknown): string | undefined {
  if (typeof id === 'number') return String(id)
  return typeof id === 'string' && ID.test(id) ? id : undefined
}

function parsed(payload: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(payload)
    return isRecord(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
