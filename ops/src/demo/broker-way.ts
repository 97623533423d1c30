import { connect, createServer, type Server, type Socket } from 'node:net'
import type { Clock } from '@vigil/contract'

/** The way of all demo boards to their broker, which can be cut: sockets end without a goodbye, as when the broker dies. */
export interface BrokerWay {
  /** What the boards connect to. */
  readonly url: string
  readonly cut: (forMs: number) => void
  close(): Promise<void>
}

/**
 * Only for a broker without TLS: a certificate is for the broker's own name, which this way does not have.
 * Answers nothing for any other, and the boards then go straight to it.
 */
export async function openBrokerWay(brokerUrl: string, clock: Clock): Promise<BrokerWay | undefined> {
  const target = new URL(brokerUrl)
  if (target.protocol !== 'mqtt:') return undefined
  const sockets = new Set<Socket>()
  let closedUntilMs = 0
  const server = createServer((board) => {
    if (clock.monotonic() < closedUntilMs) return void board.destroy()
    const broker = connect({ host: target.hostname.replace(/^\[|\]$/g, ''), port: Number(target.port || 1883), noDelay: true })
    board.setNoDelay(true)
    join(board, broker)
    join(broker, board)
  })

  function join(from: Socket, to: Socket): void {
    sockets.add(from)
    from.on('error', () => to.destroy())
    from.on('close', () => {
      sockets.delete(from)
      to.destroy()
    })
    from.pipe(to)
  }

  const endAll = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  const port = await listening(server)
  return {
    url: `mqtt://127.0.0.1:${port}`,
    cut(forMs) {
      closedUntilMs = clock.monotonic() + forMs
      endAll()
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        endAll()
      }),
  }
}

function listening(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    })
  })
}
