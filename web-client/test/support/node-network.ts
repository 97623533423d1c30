import { request } from 'node:http'
import { WebSocket } from 'ws'
import type { OpenSocket } from '../../src/live/socket.ts'

/** Cookies of one browser. */
export interface CookieJar {
  cookie: string
}

/** `fetch` over Node's own HTTP with a cookie jar: the DOM of the tests has no network of its own. */
export function nodeFetch(jar: CookieJar): typeof fetch {
  return (input, init = {}) =>
    new Promise((resolve, reject) => {
      const url = input instanceof Request ? input.url : input
      const headers = { ...(init.headers as Record<string, string>), ...(jar.cookie && { cookie: jar.cookie }) }
      const call = request(url, { method: init.method ?? 'GET', headers }, (answer) => {
        const chunks: Buffer[] = []
        const [set] = answer.headers['set-cookie'] ?? []
        if (set) jar.cookie = set.split(';')[0] ?? ''
        answer.on('data', (chunk: Buffer) => chunks.push(chunk))
        answer.on('end', () => {
          const status = answer.statusCode ?? 0
          resolve(new Response(status === 204 ? null : Buffer.concat(chunks).toString(), { status, headers: { 'content-type': answer.headers['content-type'] ?? '' } }))
        })
      })
      init.signal?.addEventListener('abort', () => call.destroy())
      call.on('error', reject)
      call.end(init.body as string | undefined)
    })
}

/** The live socket over a real connection, with the cookies of the jar. */
export function nodeSocket(url: string, jar: CookieJar): OpenSocket {
  return (handlers) => {
    const ws = new WebSocket(url.replace(/^http/, 'ws'), { headers: { cookie: jar.cookie } })
    ws.on('open', () => handlers.onOpen())
    ws.on('message', (data: Buffer, binary: boolean) => (binary ? handlers.onBytes(new Uint8Array(data)) : handlers.onText(data.toString())))
    ws.on('error', () => ws.terminate())
    ws.on('close', () => handlers.onClose())
    return { send: (text) => ws.send(text), close: () => ws.close() }
  }
}
