import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, onTestFinished } from 'vitest'
import { eventually } from './eventually.ts'

// What systemd listens on: datagrams on a Unix path, which Node cannot hear.
const LISTEN = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print("listening", flush=True)
while True: print(s.recv(4096).decode().replace("\\n", " "), flush=True)
`

/** Listens where systemd would, and answers what it has heard so far, a line each. */
export async function listenAsSystemd(socket: string): Promise<() => readonly string[]> {
  const systemd = spawn('/usr/bin/python3', ['-c', LISTEN, socket], { stdio: ['ignore', 'pipe', 'inherit'] })
  const closed = once(systemd, 'close')
  onTestFinished(async () => {
    systemd.kill('SIGKILL')
    await closed
  })
  let said = ''
  systemd.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
  await eventually(() => expect(said).toContain('listening'), 20_000)
  return () => said.split('\n').slice(0, -1)
}
