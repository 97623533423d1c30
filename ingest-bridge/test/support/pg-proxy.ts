import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { systemClock } from '@vigil/program'

export interface PgProxy {
  url(database: string): string
  /** The next COMMIT of the connection of that name reaches the server; its answer never comes back, and the connection is cut. */
  loseNextCommitAnswer(connection?: string): void
  /** As before, but nothing is cut: whoever waits for the answer waits on. */
  holdNextCommitAnswer(connection: string): void
  /** How often that has happened. */
  readonly lost: number
  /** From now on nothing passes in either direction, and nothing is closed: a cable pulled behind a switch. */
  blackHole(on: boolean): void
  /** Each answer of the server comes so much later, ms; 0 as it is. Nothing may be on its way when this is made shorter. */
  slow(byMs: number): void
  /** Cuts every connection. */
  cut(): void
  /** From now on new connections go to another server: a failover. */
  moveTo(port: number): void
  close(): Promise<void>
}

const COMMIT = Buffer.from('commit')

/** What a client calls itself in its startup message. */
function nameIn(startup: Buffer): string | undefined {
  return /application_name\0([^\0]+)\0/.exec(startup.toString('latin1'))?.[1]
}

/** A TCP proxy in front of PostgreSQL that can be told to misbehave. */
export async function proxyTo(serverPort: number, listenPort = 0): Promise<PgProxy> {
  let target = serverPort
  /** Name of the connection whose next COMMIT is to be lost. */
  let lose: string | undefined
  let hold = false
  let lost = 0
  let dark = false
  let slowMs = 0
  const sockets = new Set<Socket>()

  const server = createServer((near) => {
    const far = connect(target, '127.0.0.1')
    let doomed = false
    let name: string | undefined
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        // Half-open: in the dark the other side learns of nothing.
        if (!dark) (socket === near ? far : near).destroy()
      })
    }
    near.on('data', (chunk: Buffer) => {
      if (dark) return
      name ??= nameIn(chunk)
      if (lose !== undefined && lose === name && chunk.includes(COMMIT)) {
        lose = undefined
        doomed = true
      }
      far.write(chunk)
    })
    far.on('data', (chunk: Buffer) => {
      if (dark) return
      if (!doomed) return void (slowMs > 0 ? systemClock.after(slowMs, () => near.write(chunk)) : near.write(chunk))
      // Only once the server has answered is the commit surely done.
      if (chunk.includes(Buffer.from('COMMIT'))) {
        lost++
        if (!hold) near.destroy()
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(listenPort, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    url: (database) => `postgres://vigil@127.0.0.1:${port}/${database}`,
    loseNextCommitAnswer: (connection = 'vigil-bridge') => {
      lose = connection
      hold = false
    },
    holdNextCommitAnswer: (connection) => {
      lose = connection
      hold = true
    },
    get lost() {
      return lost
    },
    blackHole(on) {
      dark = on
    },
    slow(byMs) {
      slowMs = byMs
    },
    cut,
    moveTo(next) {
      target = next
    },
    async close() {
      cut()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}
