import { type Socket, connect as connectTcp } from 'node:net'
import rhea, { type Connection, type Delivery, type EventContext } from 'rhea'
import { settle as settleDelivery } from '../../src/sources/amqp-settle.ts'
import { signPassword } from '../../src/subscription/signature.ts'

export interface Received {
  readonly topic: string
  readonly messageId: string
  readonly generateTime: number
  readonly qos: number
  readonly body: Record<string, unknown>
  readonly text: string
}

export interface TestConsumer {
  readonly received: Received[]
  /** Deliveries that were not settled, when `settle` is false. */
  readonly held: Delivery[]
  /** Why the server ended it. */
  readonly ended: string | undefined
  readonly joined: boolean
  close(): void
  /** Goes without a word. */
  crash(): void
}

export interface ConsumerOptions {
  readonly port: number
  readonly username: string
  readonly password: string
  readonly credit?: number
  /** What is said of each message; accepted unless told. `undefined` holds it. */
  readonly settle?: (message: Received) => 'accept' | 'release' | 'reject' | undefined
}

export const keyOf = (id: string, groups: readonly string[]) => ({ id, secret: `secret of ${id}`, groups })

/** User name and password as consumers of Alibaba Cloud IoT make them. */
export function signed(group: string, keyId = 'key-1', { at = Date.now(), extra = '' } = {}): { username: string; password: string } {
  const timestamp = String(at)
  return {
    username: `consumer-1|authMode=aksign,signMethod=hmacsha1,timestamp=${timestamp},authId=${keyId},iotInstanceId=,consumerGroupId=${group}${extra}|`,
    password: signPassword({ method: 'hmacsha1', keyId, secret: `secret of ${keyId}`, timestamp }),
  }
}

/** A consumer as the cloud platform's own sample is written: rhea, one receiver without an address, topic from the properties. */
export function consume({ port, username, password, credit = 100, settle = () => 'accept' }: ConsumerOptions): TestConsumer {
  const container = rhea.create_container()
  const received: Received[] = []
  const held: Delivery[] = []
  let ended: string | undefined
  let joined = false
  let socket: Socket | undefined
  for (const event of ['error', 'connection_error', 'session_error', 'sender_error', 'receiver_error', 'receiver_close', 'connection_close', 'disconnected', 'protocol_error']) {
    container.on(event, (context: EventContext & { message?: unknown }) => {
      const error = context.receiver?.error ?? context.connection?.error ?? context.error
      const found = error as { condition?: string; description?: string } | undefined
      ended ??= found?.condition ? `${found.condition}: ${found.description ?? ''}` : event
    })
  }
  const connection: Connection = container.connect({
    host: '127.0.0.1',
    port,
    username,
    password,
    reconnect: false,
    idle_time_out: 60_000,
    connection_details: () => ({ host: '127.0.0.1', port, connect: (_p: number, _h: string, _o: unknown, done: () => void) => (socket = connectTcp({ port, host: '127.0.0.1', noDelay: true }, done)) }),
  })
  // Credit comes back with each message settled: what is held is never more than the credit.
  const receiver = connection.open_receiver({ credit_window: 0, autoaccept: false })
  receiver.on('receiver_open', () => {
    joined = true
    receiver.add_credit(credit)
  })
  receiver.on('message', ({ message, delivery }: EventContext) => {
    if (!message || !delivery) return
    const text = Buffer.from((message.body as { content: Buffer }).content).toString()
    const { topic = '', messageId = '', generateTime = 0, qos = -1 } = (message.application_properties ?? {}) as Record<string, string | number>
    const one: Received = { topic: String(topic), messageId: String(messageId), generateTime: Number(generateTime), qos: Number(qos), text, body: JSON.parse(text) as Record<string, unknown> }
    received.push(one)
    const what = settle(one)
    if (what === undefined) held.push(delivery)
    else {
      settleDelivery(delivery, what)
      receiver.add_credit(1)
    }
  })
  return {
    received,
    held,
    get ended() {
      return ended
    },
    get joined() {
      return joined
    },
    close: () => connection.close(),
    crash: () => socket?.destroy(),
  }
}
