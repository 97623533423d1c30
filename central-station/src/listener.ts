import { readFileSync } from 'node:fs'
import { createServer as createHttp, type RequestListener, type Server } from 'node:http'
import { createServer as createHttps } from 'node:https'
import type { FastifyServerFactory } from 'fastify'
import { AppError, statusOf } from '@vigil/contract'
import { assertSafeBind, listen } from '@vigil/program'
import { retryAfterSeconds, toProblem } from './http/problem.ts'

export interface ListenOptions {
  readonly bind: string
  readonly port: number
  readonly tlsCert?: string | undefined
  readonly tlsKey?: string | undefined
}

/** The port, taken before anything slow begins: a taken port is one clear line at once, and a page that comes early is told to wait. */
export interface Listener {
  readonly url: string
  readonly tls: boolean
  /** Hands the server to Fastify; requests are answered by it after `open`. */
  readonly serverFactory: FastifyServerFactory
  open(): void
  close(): Promise<void>
}

/** @throws AppError UNSAFE_BIND, PORT_TAKEN, START_FAILED */
export async function takePort({ bind, port, tlsCert, tlsKey }: ListenOptions): Promise<Listener> {
  const tls = tlsCert !== undefined && tlsKey !== undefined
  if ((tlsCert === undefined) !== (tlsKey === undefined)) throw new AppError('SETTINGS_INVALID', 'VIGIL_TLS_CERT and VIGIL_TLS_KEY are set together or not at all.')
  assertSafeBind({ bind, tls, signIn: true, what: 'The central station' })
  let answer: RequestListener = notReady
  let handler: RequestListener = notReady
  const listener: RequestListener = (request, response) => answer(request, response)
  const server = tls ? (createHttps({ cert: readPem(tlsCert), key: readPem(tlsKey), minVersion: 'TLSv1.2' }, listener) as unknown as Server) : createHttp(listener)
  const taken = await listen(server, port, bind, 'VIGIL_HTTP_PORT')
  return {
    url: `${tls ? 'https' : 'http'}://${bind.includes(':') ? `[${bind}]` : bind}:${taken}`,
    tls,
    serverFactory: (fastify) => {
      handler = fastify
      return server
    },
    open() {
      answer = handler
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function readPem(path: string | undefined): Buffer {
  try {
    return readFileSync(path ?? '')
  } catch (cause) {
    throw new AppError('SETTINGS_INVALID', `Cannot read ${path}: ${(cause as Error).message}`, { cause })
  }
}

const notReady: RequestListener = (request, response) => {
  // It lives, it only waits: a supervisor must not restart it for that.
  if (request.url === '/health/live') return void response.writeHead(200, { 'content-type': 'application/json' }).end('{"ok":true}')
  const error = new AppError('NOT_READY', 'The central station is starting. Try again in a moment.')
  response.writeHead(statusOf(error.code), { 'content-type': 'application/problem+json', 'retry-after': String(retryAfterSeconds(error)) }).end(JSON.stringify(toProblem(error, '')))
}
