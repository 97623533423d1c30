import { connect as connectTcp, type OnReadOpts, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { AppError } from '@vigil/contract'

export interface MqttAddress {
  /** `mqtt://host:port` or `mqtts://host:port`. */
  readonly url: string
  /** PEM of the broker's CA, for `mqtts`. */
  readonly ca?: string | undefined
}

const DEFAULT_PORT = { plain: 1883, tls: 8883 }

export interface SocketListeners {
  /** It can be spoken on. */
  readonly onOpen: () => void
  /** Bytes as they came; whoever keeps a part of them keeps the whole slab in memory. */
  readonly onData: (chunk: Buffer) => void
}

/** Opens the socket. */
export function openMqttSocket({ url, ca }: MqttAddress, { onOpen, onData }: SocketListeners): Socket {
  const { secure, host, port } = readMqttUrl(url)
  const socket = secure ? connectTls({ host, port, servername: host, ...(ca !== undefined && { ca }) }) : connectTcp({ host, port, onread: readIntoSlabs(onData) })
  if (secure) socket.on('data', onData)
  socket.once(secure ? 'secureConnect' : 'connect', () => {
    // Nagle's algorithm and delayed acknowledgement together cost 40 ms a message.
    socket.setNoDelay(true)
    socket.setKeepAlive(true)
    onOpen()
  })
  return socket
}

/** @throws AppError `SETTINGS_INVALID` for anything but `mqtt://` and `mqtts://`. */
export function readMqttUrl(text: string): { secure: boolean; host: string; port: number } {
  const url = URL.parse(text)
  if (!url || (url.protocol !== 'mqtt:' && url.protocol !== 'mqtts:')) {
    throw new AppError('SETTINGS_INVALID', 'VIGIL_MQTT_URL must look like mqtt://host:1883 or mqtts://host:8883.')
  }
  const secure = url.protocol === 'mqtts:'
  return { secure, host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port || (secure ? DEFAULT_PORT.tls : DEFAULT_PORT.plain)) }
}

const SLAB_BYTES = 256 * 1024
const LEAST_ROOM_BYTES = 32 * 1024

/**
 * Reads side by side into large slabs. Left to itself, Node takes 64 KB anew for each read; a broker that writes packet by packet makes a
 * read of every one, and the garbage collector then takes a sixth of the program's time.
 */
function readIntoSlabs(onData: (chunk: Buffer) => void): OnReadOpts {
  let slab = Buffer.allocUnsafeSlow(SLAB_BYTES)
  let at = 0
  return {
    buffer: () => slab.subarray(at),
    callback(read) {
      const chunk = slab.subarray(at, at + read)
      at += read
      if (slab.length - at < LEAST_ROOM_BYTES) {
        slab = Buffer.allocUnsafeSlow(SLAB_BYTES)
        at = 0
      }
      onData(chunk)
      return true
    },
  }
}
