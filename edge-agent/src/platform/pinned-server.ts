import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isIP, type Socket } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { AppError } from '@vigil/contract/errors'
import { whyNotConnected } from '../link/link-errors.ts'

export interface ServerIdentity {
  /** SHA-256 of the certificate, as `openssl x509 -fingerprint -sha256` shows it. */
  readonly fingerprint: string
  /** Why the authorities of this system do not vouch for it; `undefined` when they do. */
  readonly distrust: string | undefined
}

export interface JsonAnswer {
  readonly status: number
  readonly body: unknown
}

const PATIENCE_MS = 15_000
const MOST_BYTES = 256 * 1024
const LOOPBACK = /^(127\.\d+\.\d+\.\d+|\[::1\]|localhost)$/

/**
 * A central station, and who it is. What is sent goes over the very connection that was looked at, so nobody can step in between
 * the look and the word. Without TLS only this computer itself is spoken to.
 *
 * @throws AppError `SETTINGS_INVALID` for an address that will not do, `SERVER_AWAY`.
 */
export async function openServer(url: string): Promise<PinnedServer> {
  const address = URL.parse(url)
  if (!address || !['http:', 'https:'].includes(address.protocol)) throw new AppError('SETTINGS_INVALID', `--url must look like https://ward.example:8080, not "${url}".`)
  if (address.protocol === 'http:') {
    if (LOOPBACK.test(address.hostname)) return new PinnedServer(address, undefined)
    throw new AppError('SETTINGS_INVALID', 'The secret of a board never crosses a network unencrypted: use an https:// address. On the server, set VIGIL_TLS_CERT and VIGIL_TLS_KEY.')
  }
  return new PinnedServer(address, await handshake(address))
}

export class PinnedServer {
  readonly #address: URL
  readonly #socket: TLSSocket | undefined

  constructor(address: URL, socket: TLSSocket | undefined) {
    this.#address = address
    this.#socket = socket
  }

  /** `undefined` on this computer itself, without TLS. */
  identity(): ServerIdentity | undefined {
    const socket = this.#socket
    if (!socket) return undefined
    return { fingerprint: socket.getPeerCertificate().fingerprint256, distrust: socket.authorized ? undefined : String(socket.authorizationError) }
  }

  /** One call. @throws AppError `SERVER_AWAY` */
  post(path: string, body: unknown): Promise<JsonAnswer> {
    const text = JSON.stringify(body)
    const socket = this.#socket
    const { hostname, port, host } = this.#address
    const options: RequestOptions = {
      method: 'POST',
      path,
      host: bare(hostname),
      port,
      timeout: PATIENCE_MS,
      headers: { host, 'content-type': 'application/json', 'content-length': Buffer.byteLength(text), connection: 'close' },
      ...(socket && { createConnection: (): Socket => socket }),
    }
    return new Promise((resolve, reject) => {
      const request = (socket ? httpsRequest : httpRequest)(options, (response) => {
        readAnswer(response).then(resolve, (error: unknown) => reject(away(this.#address, error)))
      })
      request.on('timeout', () => request.destroy(noAnswer()))
      request.on('error', (error) => reject(away(this.#address, error)))
      request.end(text)
    })
  }

  close(): void {
    this.#socket?.destroy()
  }
}

function handshake(address: URL): Promise<TLSSocket> {
  const host = bare(address.hostname)
  return new Promise((resolve, reject) => {
    const socket = connectTls({ host, port: Number(address.port || 443), ...(isIP(host) === 0 && { servername: host }), rejectUnauthorized: false, minVersion: 'TLSv1.2' }, () => {
      socket.setTimeout(0)
      socket.removeAllListeners('timeout')
      resolve(socket)
    })
    socket.setTimeout(PATIENCE_MS, () => socket.destroy(noAnswer()))
    socket.once('error', (error) => reject(away(address, error)))
  })
}

async function readAnswer(response: IncomingMessage): Promise<JsonAnswer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > MOST_BYTES) throw new AppError('SERVER_AWAY', 'The answer is far too long: this is no Vigil server.')
    chunks.push(chunk)
  }
  try {
    return { status: response.statusCode ?? 0, body: JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown }
  } catch (cause) {
    throw new AppError('SERVER_AWAY', `The answer (status ${response.statusCode}) is not JSON: this is no Vigil server.`, { cause })
  }
}

/** As the network says it after a longer wait. */
const noAnswer = (): Error => Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })
const bare = (hostname: string): string => hostname.replaceAll(/[[\]]/g, '')

function away(address: URL, error: unknown): AppError {
  if (error instanceof AppError) return error
  const why = error instanceof Error ? whyNotConnected(error, 'server') : String(error)
  return new AppError('SERVER_AWAY', `${why} (--url, ${address.host}).`, { cause: error })
}
