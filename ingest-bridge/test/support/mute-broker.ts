import { createServer, type AddressInfo, type Socket } from 'node:net'
import { generate, parser as createParser, type Packet } from 'mqtt-packet'

export type Answer = (packet: Packet) => Packet | undefined

export interface MuteBroker {
  readonly url: string
  readonly packets: Packet[]
  readonly connections: number
  /** Sends to every client. */
  say(packet: Packet): void
  sayRaw(bytes: Buffer): void
  close(): Promise<void>
}

/** A broker worked by hand: hears packets, and answers only what `answer` says. */
export async function muteBroker(answer: Answer): Promise<MuteBroker> {
  const sockets = new Set<Socket>()
  const packets: Packet[] = []
  let connections = 0
  const server = createServer((socket) => {
    connections++
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
    const parser = createParser({ protocolVersion: 4 })
    parser.on('packet', (packet) => {
      packets.push(packet)
      const reply = answer(packet)
      if (reply) socket.write(generate(reply))
    })
    socket.on('data', (chunk) => parser.parse(chunk))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`,
    packets,
    get connections() {
      return connections
    },
    say(packet) {
      for (const socket of sockets) socket.write(generate(packet))
    },
    sayRaw(bytes) {
      for (const socket of sockets) socket.write(bytes)
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

/** Answers as a well-meaning broker does. */
export function politeAnswer(packet: Packet): Packet | undefined {
  if (packet.cmd === 'connect') return { cmd: 'connack', returnCode: 0, sessionPresent: false }
  if (packet.cmd === 'subscribe') return { cmd: 'suback', messageId: packet.messageId as number, granted: packet.subscriptions.map(() => 1) }
  if (packet.cmd === 'unsubscribe') return { cmd: 'unsuback', messageId: packet.messageId as number, granted: [] }
  if (packet.cmd === 'pingreq') return { cmd: 'pingresp' }
  return undefined
}
