import { createServer, type AddressInfo, type Socket } from 'node:net'
import { Aedes } from 'aedes'
import { type DeviceAddress, topicOf } from '@vigil/contract/topics'
import { modelServer } from '../test/support/model-server.ts'

export interface ReceiptingBroker {
  readonly url: string
  /** Objects stored of any epoch. */
  stored(): number
  /** Why objects were refused; none as a rule. */
  readonly refused: readonly string[]
  stop(): Promise<void>
}

/** A broker with a bridge that receipts everything it hears from one device, in this process. */
export async function receiptingBroker(address: DeviceAddress): Promise<ReceiptingBroker> {
  const aedes = await Aedes.createBroker()
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
    aedes.handle(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const bridge = modelServer()
  const epochs = new Set<string>()
  const receipt = (value: unknown): void => aedes.publish({ cmd: 'publish', topic: topicOf(address, 'receipt'), payload: JSON.stringify(value), qos: 1, retain: false, dup: false }, () => {})
  aedes.on('publish', ({ topic, payload }, client) => {
    const channel = topic.split('/').slice(4).join('/')
    if (!client || channel.startsWith('wave/')) return
    const text = payload.toString()
    if (channel === 'tele' || channel === 'backlog' || channel === 'event') {
      bridge.receive(channel, text)
      const [first] = [JSON.parse(text) as { e: string } | { e: string }[]].flat()
      if (first) epochs.add(first.e)
      if (first) receipt(bridge.receiptFor(first.e))
    } else if (channel === 'state') {
      const { e, upto = 0, st } = JSON.parse(text) as { e: string; upto?: number; st: string }
      if (st === 'online') receipt(bridge.answerOnline(e, upto))
    }
  })
  return {
    url: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stored: () => [...epochs].reduce((sum, epoch) => sum + bridge.stored(epoch).size, 0),
    refused: bridge.counts.refused,
    async stop() {
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
      await new Promise<void>((resolve) => aedes.close(() => resolve()))
    },
  }
}
