import { createServer, type AddressInfo, type Socket } from 'node:net'
import { Aedes } from 'aedes'

export interface TestBroker {
  readonly url: string
  readonly port: number
  /** Client ids connected now. */
  clients(): string[]
  /** Cuts every connection; clients come back by themselves. */
  cut(): void
  close(): Promise<void>
}

/** A plain Aedes on a free port: a broker without any of our own rules. */
export async function startBroker(port = 0, setup: (broker: Aedes) => void = () => {}): Promise<TestBroker> {
  const broker = await Aedes.createBroker({ concurrency: 0 })
  setup(broker)
  const sockets = new Set<Socket>()
  const connected = new Set<string>()
  broker.on('client', (client) => connected.add(client.id))
  broker.on('clientDisconnect', (client) => connected.delete(client.id))
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
    broker.handle(socket)
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const at = (server.address() as AddressInfo).port
  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    url: `mqtt://127.0.0.1:${at}`,
    port: at,
    clients: () => [...connected],
    cut,
    async close() {
      cut()
      await new Promise<void>((resolve) => broker.close(() => resolve()))
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}
