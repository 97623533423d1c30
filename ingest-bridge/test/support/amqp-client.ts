import rhea, { type Connection, type EventContext, type Message } from 'rhea'
import { until } from './until.ts'

const connectTo = (url: string): Connection => {
  const { hostname, port, username, password } = new URL(url)
  const container = rhea.create_container()
  for (const event of ['error', 'connection_error', 'session_error', 'sender_error', 'receiver_error', 'disconnected']) container.on(event, () => undefined)
  return container.connect({ host: hostname, port: Number(port), username, password: decodeURIComponent(password), reconnect: false })
}

async function end(connection: Connection): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    connection.once('connection_close', () => resolve())
    connection.once('disconnected', () => resolve())
  })
  connection.close()
  await closed
}

/** Puts messages into a queue, each accepted by it. */
export async function fill(url: string, queue: string, messages: readonly Message[]): Promise<void> {
  const connection = connectTo(url)
  const sender = connection.open_sender({ target: { address: queue, durable: 1 } })
  let accepted = 0
  let sent = 0
  sender.on('sendable', () => {
    while (sent < messages.length && sender.sendable()) sender.send(messages[sent++] as Message)
  })
  sender.on('accepted', () => accepted++)
  await until(() => accepted === messages.length, `${messages.length} messages to be accepted`)
  await end(connection)
}

/** Takes everything out of a queue: up to a last message of its own, and `least` of them. */
export async function drain(url: string, queue: string, least = 0): Promise<Message[]> {
  const connection = connectTo(url)
  const messages: Message[] = []
  let last = 0
  const receiver = connection.open_receiver({ source: { address: queue, durable: 1 }, credit_window: 100, autoaccept: true })
  receiver.on('message', ({ message }: EventContext) => {
    if (message?.subject === 'last') last++
    else if (message) messages.push(message)
  })
  await until(() => messages.length >= least, `${least} messages in ${queue}`)
  await fill(url, queue, [{ subject: 'last', body: '' }])
  await until(() => last === 1, `the end of ${queue}`)
  await end(connection)
  return messages
}
