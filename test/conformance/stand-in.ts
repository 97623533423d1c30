import { once } from 'node:events'
import { chmodSync, writeFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { startPlainBroker } from './plain-broker.ts'

/**
 * Passes its folder and arguments on, and lives as long as its broker is wanted; it ends only when that has ended, as a broker would.
 * A shell starts at once; a Node of its own for every test would not.
 */
const script = (port: number) => `#!/bin/bash
exec 3<>/dev/tcp/127.0.0.1/${port}
printf '%s\\n' "$PWD" "$@" '' >&3
trap 'kill $!; printf "stop\\n" >&3; read -r _ <&3; exit 0' TERM
sleep 90 3>&- &
wait
`

export interface StandIn {
  stop(): Promise<void>
}

/** Puts a program at `path` that looks like Mosquitto to the tests; the brokers it stands for run in this process. */
export async function placeStandIn(path: string): Promise<StandIn> {
  const server = createServer(standFor)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  writeFileSync(path, script(typeof address === 'object' && address ? address.port : 0))
  chmodSync(path, 0o755)
  return {
    async stop() {
      server.close()
      await once(server, 'close')
    },
  }
}

function standFor(socket: Socket): void {
  let said = ''
  let broker: Promise<{ stop(): Promise<void> }> | undefined
  const stop = () => void broker?.then((running) => running.stop()).then(() => socket.end('stopped\n'), () => socket.destroy())
  socket.on('error', () => undefined)
  socket.on('close', stop)
  socket.on('data', (chunk: Buffer) => {
    if (broker) return stop()
    said += chunk.toString()
    if (!said.endsWith('\n\n')) return
    const [folder = '', ...args] = said.trimEnd().split('\n')
    broker = startPlainBroker(args, folder)
    broker.catch(() => socket.destroy())
  })
}
