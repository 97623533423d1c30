import { connect, type Socket } from 'node:net'
import { AppError } from '@vigil/contract/errors'
import type { ByteStream, StreamEvents, StreamOptions } from './byte-stream.ts'

const MQTT_PORT = 1_883
const MQTTS_PORT = 8_883

/** Opens a way to the broker. TLS and WebSocket are loaded only by a board that uses them. */
export function openByteStream({ url, ca }: StreamOptions, events: StreamEvents): ByteStream {
  const { protocol, hostname, port } = new URL(url)
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  if (protocol === 'mqtt:') return ofSocket(connect({ host, port: Number(port || MQTT_PORT) }), 'connect', events)
  if (protocol === 'mqtts:') {
    return later(events, async (heard) => {
      const { connect: connectTls } = await import('node:tls')
      return ofSocket(connectTls({ host, port: Number(port || MQTTS_PORT), ...(ca !== undefined && { ca }), ...(isName(host) && { servername: host }) }), 'secureConnect', heard)
    })
  }
  return later(events, async (heard) => (await import('./web-socket-stream.ts')).openWebSocketStream({ url, ca }, heard))
}

/** The server name indication takes no addresses (RFC 6066, section 3). */
const isName = (host: string): boolean => !/^[\d.]+$|:/.test(host)

function ofSocket(socket: Socket, opened: 'connect' | 'secureConnect', events: StreamEvents): ByteStream {
  let error: Error | undefined
  // Nagle's algorithm would delay every second message by 40 ms.
  socket.setNoDelay(true)
  socket.once(opened, () => events.open())
  socket.on('data', (bytes) => events.data(bytes))
  socket.on('error', (cause) => {
    error = cause
  })
  socket.once('close', () => events.ended(error))
  return { write: (bytes) => void socket.write(bytes), waitingBytes: () => socket.writableLength, end: () => void socket.end(), destroy: () => void socket.destroy() }
}

/** A stream whose kind is still being loaded; nobody writes before it is open. */
function later(events: StreamEvents, open: (heard: StreamEvents) => Promise<ByteStream>): ByteStream {
  let stream: ByteStream | undefined
  let given = true
  open(events).then(
    (opened) => {
      stream = opened
      if (!given) opened.destroy()
    },
    (cause: unknown) => events.ended(cause instanceof Error ? cause : new AppError('INTERNAL', String(cause))),
  )
  return {
    write: (bytes) => stream?.write(bytes),
    waitingBytes: () => stream?.waitingBytes() ?? 0,
    end: () => stream?.end(),
    destroy: () => {
      given = false
      stream?.destroy()
    },
  }
}
