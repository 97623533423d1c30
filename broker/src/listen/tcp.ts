import { createServer, type Socket } from 'node:net'
import { createServer as createTlsServer, type TLSSocket } from 'node:tls'
import { listen } from '@vigil/program'
import { networkOf, plainAddress } from '../guard/network.ts'
import type { Peer } from '../session.ts'
import { type Listener, type ListenOptions, stopServer, TLS_OPTIONS, type TlsMaterial } from './listener.ts'

/** MQTT over TCP. Without Nagle's delay: an acknowledgement took 40 ms and more with it. */
export async function listenTcp(options: ListenOptions): Promise<Listener> {
  const server = createServer({ noDelay: true }, (socket) => {
    if (options.admission.admit(socket)) options.welcome(socket, peerOf(socket, 'mqtt', options))
  })
  return { port: await listen(server, options.port, options.bind, 'VIGIL_MQTT_PORT'), stop: () => stopServer(server) }
}

/**
 * MQTT over TCP for devices that speak Alink and know no TLS: they sign, and never send their secret, but what they measure goes in clear. So
 * only listed addresses may call, and nobody signs in here any other way.
 */
export async function listenAlink(options: ListenOptions & { readonly isAllowed: (address: string) => boolean }): Promise<Listener> {
  const server = createServer({ noDelay: true }, (socket) => {
    if (!options.isAllowed(plainAddress(socket.remoteAddress ?? ''))) {
      options.refusals.note('alink_address', { address: networkOf(socket.remoteAddress) })
      socket.destroy()
    } else if (options.admission.admit(socket)) options.welcome(socket, peerOf(socket, 'alink', options))
  })
  return { port: await listen(server, options.port, options.bind, 'VIGIL_ALINK_PORT'), stop: () => stopServer(server) }
}

/** MQTT over TLS. A connection counts as a stranger's from its first packet, before the handshake costs anything. */
export async function listenTls(options: ListenOptions & { readonly tls: TlsMaterial }): Promise<Listener> {
  const server = createTlsServer({ ...options.tls, ...TLS_OPTIONS, noDelay: true, handshakeTimeout: options.limits.connectTimeoutMs })
  server.on('connection', (socket) => void options.admission.admit(socket))
  server.on('secureConnection', (socket) => options.welcome(socket, peerOf(socket, 'mqtts', options)))
  server.on('tlsClientError', (error, socket) => {
    options.refusals.note('tls_handshake', { address: networkOf(socket.remoteAddress), why: error.message })
    socket.destroy()
  })
  return { port: await listen(server, options.port, options.bind, 'VIGIL_MQTTS_PORT'), stop: () => stopServer(server) }
}

function peerOf(socket: Socket | TLSSocket, listener: Peer['listener'], { admission }: ListenOptions): Peer {
  return {
    listener,
    address: networkOf(socket.remoteAddress),
    queuedBytes: () => socket.writableLength,
    signedIn: () => admission.signedIn(socket),
  }
}
