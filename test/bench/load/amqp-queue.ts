import type { AddressInfo } from 'node:net'
import { systemClock } from '@vigil/program'
import rhea, { type EventContext, type Message, type Sender } from 'rhea'

/** A queue that hands out what it is given, as fast as credit allows, and knows when all of it is accepted. */
export interface AmqpQueue {
  readonly port: number
  /** Seconds from the first message out to the last one accepted. */
  handOut(messages: readonly Message[]): Promise<number>
  stop(): Promise<void>
}

const TROUBLES = ['error', 'connection_error', 'session_error', 'sender_error', 'receiver_error', 'disconnected', 'protocol_error']

export async function startAmqpQueue(): Promise<AmqpQueue> {
  const container = rhea.create_container({ id: 'bench-queue' })
  for (const event of TROUBLES) container.on(event, () => undefined)
  let sender: Sender | undefined
  let waiting: readonly Message[] = []
  let [sent, accepted] = [0, 0]
  let done: (() => void) | undefined
  const pump = (): void => {
    while (sent < waiting.length && sender?.sendable()) sender.send(waiting[sent++] as Message)
  }
  container.on('sender_open', (context: EventContext) => (sender = context.sender))
  container.on('sendable', pump)
  container.on('accepted', () => {
    if (++accepted === waiting.length) done?.()
    pump()
  })
  const server = container.listen({ port: 0, host: '127.0.0.1' })
  await new Promise((resolve) => server.once('listening', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    async handOut(messages) {
      const all = new Promise<void>((resolve) => (done = resolve))
      waiting = messages
      sent = 0
      accepted = 0
      const beganAt = systemClock.monotonic()
      pump()
      await all
      return (systemClock.monotonic() - beganAt) / 1_000
    },
    stop: () => new Promise<void>((resolve) => void server.close(() => resolve())),
  }
}
