import { createHmac } from 'node:crypto'
import { request as plainRequest } from 'node:http'
import { request as secureRequest } from 'node:https'
import type { AddressGuard } from './address-guard.ts'
import { delivered, type Outcome } from './outcome.ts'

export interface Post {
  readonly url: string
  /** POST unless told. */
  readonly method?: 'POST' | 'PUT'
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
  /** Without one any address is spoken to: the operator wrote it into a file. */
  readonly guard?: AddressGuard | undefined
  readonly timeoutMs?: number
}

const TIMEOUT_MS = 10_000
/** Of an answer nobody reads more than its status. */
const MOST_ANSWER_BYTES = 64 * 1024
const AWAY: ReadonlySet<number> = new Set([408, 425, 429, 502, 503, 504])
/** The request itself is wrong, and stays so. */
const NEVER: ReadonlySet<number> = new Set([400, 405, 406, 410, 413, 414, 415, 422])

/**
 * Headers of a signed body: `t=<seconds>,v1=<hex HMAC-SHA-256 of "<seconds>.<body>">`, so that the other side can refuse what is
 * not ours and what is old.
 */
export function signed(body: string, secret: string, nowMs: number): Record<string, string> {
  const t = Math.floor(nowMs / 1_000)
  return { 'x-vigil-signature': `t=${t},v1=${createHmac('sha256', secret).update(`${t}.${body}`).digest('hex')}` }
}

/** Posts once. Redirects are not followed: whoever may name the first address did not name the second. Never throws. */
export async function post(what: Post): Promise<Outcome> {
  try {
    return toOutcome(await statusOf(what))
  } catch (error) {
    return { kind: 'away', why: reasonOf(error) }
  }
}

function toOutcome(status: number): Outcome {
  if (status >= 200 && status < 300) return delivered
  const why = status >= 300 && status < 400 ? `the answer was ${status}; redirects are not followed` : `the answer was ${status}`
  if (AWAY.has(status)) return { kind: 'away', why }
  return { kind: NEVER.has(status) || (status >= 300 && status < 400) ? 'never' : 'later', why }
}

async function statusOf({ url, method = 'POST', body, headers, guard, timeoutMs = TIMEOUT_MS }: Post): Promise<number> {
  const at = new URL(url)
  // Looked up here and connected to by number, so that a name cannot mean something else the second time.
  const address = guard && (await guard.resolve(at.hostname))
  const send = at.protocol === 'https:' ? secureRequest : plainRequest
  return new Promise((resolve, reject) => {
    const call = send(at, {
      method,
      headers: { ...headers, 'content-length': Buffer.byteLength(body) },
      agent: false,
      signal: AbortSignal.timeout(timeoutMs),
      ...(address && { lookup: (_host: string, options: { all?: boolean | undefined }, done: (error: null, found: never, family?: number) => void) => (options.all ? done(null, [address] as never) : done(null, address.address as never, address.family)) }),
    })
    call.on('error', reject)
    call.on('response', (answer) => {
      let size = 0
      answer.on('error', reject)
      answer.on('data', (chunk: Buffer) => {
        size += chunk.length
        if (size > MOST_ANSWER_BYTES) answer.destroy()
      })
      answer.on('close', () => resolve(answer.statusCode ?? 0))
    })
    call.end(body)
  })
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'no reason given'
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return 'no answer in time'
  const { code } = error as NodeJS.ErrnoException
  return error.message || code || 'no reason given'
}
