import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { AppError } from '@vigil/contract'
import type { Message } from 'rhea'
import type { Received } from './amqp-message.ts'

export interface AmqpAddress {
  /** `amqp://user:password@host:port` or `amqps://…`. */
  readonly url: string
  /** Address of the queue as the peer writes it, empty where there is only one: `/amq/queue/vitals` on RabbitMQ 3, `/queues/vitals` on RabbitMQ 4, `vitals` on Artemis and Azure Service Bus. */
  readonly queue: string
  /** PEM of the peer's CA, for `amqps`. */
  readonly ca?: string | undefined
  /** Makes user name and password anew for each connection, instead of those of the URL. */
  readonly signIn?: () => { readonly username: string; readonly password: string }
  /** How long the peer may be silent; 15 s unless told. */
  readonly idleMs?: number
  /** Reads its messages; as any producer writes them, unless told. */
  readonly read?: (message: Message | Buffer, now: number) => Received
}

export interface AmqpPeer {
  readonly secure: boolean
  readonly host: string
  readonly port: number
  readonly username: string | undefined
  readonly password: string | undefined
}

const DEFAULT_PORT = { plain: 5672, tls: 5671 }

/** @throws AppError `SETTINGS_INVALID` for anything but `amqp://` and `amqps://`. */
export function readAmqpUrl(text: string): AmqpPeer {
  const url = URL.parse(text)
  const readable = url && (url.protocol === 'amqp:' || url.protocol === 'amqps:') && url.hostname !== '' && /^\/?$/.test(url.pathname)
  if (!readable) throw new AppError('SETTINGS_INVALID', 'VIGIL_AMQP_URL must look like amqp://user:password@host:5672 or amqps://user:password@host:5671.')
  const secure = url.protocol === 'amqps:'
  return {
    secure,
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port || (secure ? DEFAULT_PORT.tls : DEFAULT_PORT.plain)),
    username: unescaped(url.username),
    password: unescaped(url.password),
  }
}

/** Where the peer is, without the password: for logs and health. */
export function nameOfPeer(text: string): string {
  const { host, port } = readAmqpUrl(text)
  return `${host}:${port}`
}

function unescaped(part: string): string | undefined {
  if (part === '') return undefined
  try {
    return decodeURIComponent(part)
  } catch {
    throw new AppError('SETTINGS_INVALID', 'User name or password in VIGIL_AMQP_URL hold a % that is no escape: write it as %25.')
  }
}

/** Opens the socket and tells when it can be spoken on. */
export function openAmqpSocket({ secure, host, port }: AmqpPeer, ca: string | undefined, onOpen: () => void): Socket {
  const socket = secure ? connectTls({ host, port, servername: host, ...(ca !== undefined && { ca }) }) : connectTcp({ host, port })
  socket.once(secure ? 'secureConnect' : 'connect', () => {
    // Nagle's algorithm and delayed acknowledgement together cost a factor of fifteen at small credit.
    socket.setNoDelay(true)
    onOpen()
  })
  return socket
}
