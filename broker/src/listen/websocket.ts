// oxlint-disable no-underscore-dangle -- the receiver's bound has such a name
import { createServer, type IncomingMessage } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { Duplex } from 'node:stream'
import type { Socket } from 'node:net'
import { listen } from '@vigil/program'
import { createWebSocketStream, type WebSocket, WebSocketServer } from 'ws'
import { networkOf } from '../guard/network.ts'
import { type Listener, type ListenOptions, stopServer, TLS_OPTIONS, type TlsMaterial } from './listener.ts'

/** The sub-protocol a client has to ask for [MQTT-6.0.0-3]. */
const SUBPROTOCOL = 'mqtt'
/** A frame holds one packet of the largest size, its header, and a little of the next. */
const FRAME_SLACK = 4_096

/** The part of `ws` that bounds a frame. Read per frame, so it can grow after sign-in; tried by test/guards-websocket.test.ts. */
interface Receiver {
  _maxPayload: number
}

/** MQTT over WebSocket, plain or over TLS. For programs: a page from elsewhere is refused by its Origin. */
export async function listenWebSocket(options: ListenOptions & { readonly tls?: TlsMaterial }): Promise<Listener> {
  const { limits, admission, refusals } = options
  const timeouts = { headersTimeout: limits.connectTimeoutMs, requestTimeout: limits.connectTimeoutMs, connectionsCheckingInterval: 1_000, noDelay: true }
  const server = options.tls ? createTlsServer({ ...options.tls, ...TLS_OPTIONS, ...timeouts, handshakeTimeout: limits.connectTimeoutMs }) : createServer(timeouts)
  const webSockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    clientTracking: false,
    maxPayload: limits.packetBytesBeforeSignIn + FRAME_SLACK,
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  })
  server.on('connection', (socket: Socket) => void admission.admit(socket))
  server.on('request', (request, response) => {
    refuse(request, 'not a WebSocket')
    response.writeHead(426, { upgrade: 'websocket', connection: 'close' }).end()
  })
  server.on('tlsClientError', (error: Error, socket: Socket) => {
    refusals.note('tls_handshake', { address: networkOf(socket.remoteAddress), why: error.message })
    socket.destroy()
  })
  server.on('upgrade', (request, socket, head) => {
    // From here on the socket is ours alone, and a reset that nobody listens for would end the process.
    socket.on('error', () => socket.destroy())
    const problem = problemOf(request)
    if (problem) {
      refuse(request, problem)
      socket.end(`HTTP/1.1 ${problem === 'origin' ? '403 Forbidden' : '400 Bad Request'}\r\nconnection: close\r\n\r\n`)
      return
    }
    webSockets.handleUpgrade(request, socket, head, (webSocket) => welcome(webSocket, request))
  })
  return { port: await listen(server, options.port, options.bind, 'VIGIL_MQTT_WS_PORT'), stop: () => stopServer(server) }

  function refuse(request: IncomingMessage, why: string): void {
    refusals.note('websocket', { address: networkOf(request.socket.remoteAddress), why })
  }

  function welcome(webSocket: WebSocket, { socket }: IncomingMessage): void {
    // Without a listener an oversized frame would end the process; the stream reports it as well.
    webSocket.on('error', (error) => refusals.note('websocket', { address: networkOf(socket.remoteAddress), why: error.message }))
    // Text holds no MQTT, whatever it says [MQTT-6.0.0-1]. Heard before the stream takes it.
    webSocket.on('message', (_data, isBinary) => {
      if (isBinary) return
      refusals.note('websocket', { address: networkOf(socket.remoteAddress), why: 'a text frame' })
      stream.destroy()
    })
    const stream: Duplex = createWebSocketStream(webSocket)
    options.welcome(stream, {
      listener: 'ws',
      address: networkOf(socket.remoteAddress),
      queuedBytes: () => stream.writableLength + webSocket.bufferedAmount,
      signedIn() {
        admission.signedIn(socket)
        const { _receiver: receiver } = webSocket as WebSocket & { _receiver?: Receiver }
        if (receiver) receiver._maxPayload = limits.packetBytes + FRAME_SLACK
      },
    })
  }
}

function problemOf({ headers }: IncomingMessage): string | undefined {
  const offered = (headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim())
  if (!offered.includes(SUBPROTOCOL)) return 'sub-protocol'
  return headers.origin !== undefined && hostOf(headers.origin) !== headers.host ? 'origin' : undefined
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined
}
