import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { AppError } from '@vigil/contract'

export interface MqttAddress {
  /** `mqtt://host:port` or `mqtts://host:port`. */
  readonly url: string
  /** PEM of the broker's CA, for `mqtts`. */
  readonly ca?: string | undefined
}

const DEFAULT_PORT = { plain: 1883, tls: 8883 }

/** Opens the socket and tells when it can be spoken on. */
export function openMqttSocket({ url, ca }: MqttAddress, onOpen: () => void): Socket {
  const { secure, host, port } = readMqttUrl(url)
  const socket = secure ? connectTls({ host, port, servername: host, ...(ca !== undefined && { ca }) }) : connectTcp({ host, port })
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
