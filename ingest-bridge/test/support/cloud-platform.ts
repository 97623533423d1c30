import { createHmac } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import rhea, { type Connection, type Delivery, type EventContext, type Sender } from 'rhea'

export interface CloudMessage {
  readonly topic: string
  readonly messageId: string
  readonly generateTime: number
  readonly body: unknown
}

export interface CloudPlatform {
  readonly url: string
  /** User names of all that signed in rightly, and why others were refused. */
  readonly signedIn: string[]
  readonly refused: string[]
  /** What became of each message, by its id. */
  readonly outcomes: Map<string, string[]>
  send(message: CloudMessage): void
  /** Ends every connection; what was not settled comes again. */
  cut(): void
  close(): Promise<void>
}

const SIGNED_WITHIN_MS = 60_000

/**
 * Alibaba Cloud IoT as its documentation describes it: signed user names that must be fresh and never come twice, an idle time
 * between 30 and 300 s, one receiving link and no sending one, the properties `topic`, `messageId`, `generateTime`, at least once.
 */
export async function cloudPlatform({ keyId, secret, group }: { keyId: string; secret: string; group: string }): Promise<CloudPlatform> {
  const container = rhea.create_container({ id: 'cloud' })
  for (const event of ['error', 'connection_error', 'session_error', 'receiver_error', 'sender_error', 'protocol_error']) container.on(event, () => undefined)
  const [signedIn, refused]: [string[], string[]] = [[], []]
  const outcomes = new Map<string, string[]>()
  const waiting: CloudMessage[] = []
  const held = new Map<Delivery, CloudMessage>()
  const connections = new Set<Connection>()
  let sender: Sender | undefined

  const problemOf = (username: string, password: string): string | undefined => {
    const [, , method, timestamp, key, , consumerGroup] = /^([^|]{1,64})\|authMode=aksign,signMethod=(hmacsha1),timestamp=(\d{13}),authId=([^,]+),iotInstanceId=([^,]*),consumerGroupId=([^|]+)\|$/.exec(username) ?? []
    if (method === undefined || key !== keyId || consumerGroup !== group) return 'user name'
    if (password !== createHmac('sha1', secret).update(`authId=${key}&timestamp=${timestamp}`).digest('base64')) return 'signature'
    if (Math.abs(Date.now() - Number(timestamp)) > SIGNED_WITHIN_MS) return 'stale signature'
    return signedIn.includes(username) ? 'the same signature twice' : undefined
  }
  const mechanisms = container.sasl_server_mechanisms as { enable_plain(check: (user: string, password: string) => boolean): void }
  mechanisms.enable_plain((username, password) => {
    const problem = problemOf(username, password)
    ;(problem === undefined ? signedIn : refused).push(problem ?? username)
    return problem === undefined
  })

  const pump = (): void => {
    while (sender?.sendable() && waiting.length > 0) {
      const message = waiting.shift() as CloudMessage
      const { topic, messageId, generateTime, body } = message
      const content = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
      held.set(sender.send({ message_id: messageId, application_properties: { topic, messageId, generateTime: rhea.types.wrap_long(generateTime), qos: 1 }, body: rhea.message.data_section(content) }), message)
    }
  }
  container.on('connection_open', ({ connection }: EventContext) => {
    connections.add(connection)
    const idle = (connection as Connection & { remote: { open: { idle_time_out?: number } } }).remote.open.idle_time_out ?? 0
    if (idle < 30_000 || idle > 300_000) {
      refused.push(`idle time of ${idle} ms`)
      connection.close({ condition: 'amqp:invalid-field', description: 'idle-time-out' })
    }
  })
  container.on('receiver_open', ({ receiver }: EventContext) => receiver?.close({ condition: 'amqp:not-allowed', description: 'no sender link' }))
  container.on('sender_open', (context: EventContext) => (sender = context.sender))
  container.on('sendable', pump)
  for (const outcome of ['accepted', 'released', 'rejected'] as const) {
    container.on(outcome, ({ delivery }: EventContext) => {
      const message = delivery && held.get(delivery)
      if (!message) return
      held.delete(delivery)
      outcomes.set(message.messageId, [...(outcomes.get(message.messageId) ?? []), outcome])
      if (outcome === 'released') waiting.push(message)
      pump()
    })
  }
  container.on('disconnected', ({ connection }: EventContext) => {
    connections.delete(connection)
    sender = undefined
    waiting.unshift(...held.values())
    held.clear()
  })
  const server = container.listen({ port: 0, host: '127.0.0.1' })
  await new Promise((resolve) => server.once('listening', resolve))
  const cut = () => {
    for (const connection of connections) (connection as Connection & { socket: { destroy(error: Error): void } }).socket.destroy(new Error('cut'))
  }
  return {
    url: `amqp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    signedIn,
    refused,
    outcomes,
    send(message) {
      waiting.push(message)
      pump()
    },
    cut,
    async close() {
      cut()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
