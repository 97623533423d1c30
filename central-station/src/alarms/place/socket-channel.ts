import { createHash } from 'node:crypto'
import { chmodSync, rmSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ChannelEnd, EngineEnd, StationEnd } from './channel.ts'

/** A path for a Unix socket holds about 100 bytes; a longer data directory gets a short name elsewhere. */
const LONGEST_PATH = 100
/** A line is an alarm list at most. */
const MOST_LINE_BYTES = 64 * 1024 * 1024

/** Where engine and station of one data directory meet. */
export function socketPath(folder: string): string {
  const name = createHash('sha256').update(folder).digest('hex').slice(0, 16)
  if (process.platform === 'win32') return `\\\\.\\pipe\\vigil-alarms-${name}`
  const own = join(folder, 'alarm.sock')
  return own.length <= LONGEST_PATH ? own : join(tmpdir(), `vigil-alarms-${name}.sock`)
}

/** Listens for stations. A socket file that a killed engine left behind is taken over. */
export function listenForStations(path: string, onStation: (end: EngineEnd) => void): Promise<Server> {
  if (process.platform !== 'win32') rmSync(path, { force: true })
  const server = createServer((socket) => onStation(lines(socket)))
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, () => {
      // Alarms and names pass here: for this user alone.
      if (process.platform !== 'win32') chmodSync(path, 0o600)
      resolve(server)
    })
  })
}

/** `undefined` when no engine answers there. */
export function reachEngine(path: string): Promise<StationEnd | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => resolve(lines(socket)))
    socket.once('error', () => resolve(undefined))
  })
}

function lines<In, Out>(socket: Socket): ChannelEnd<In, Out> {
  const listeners: ((message: In) => void)[] = []
  let pending = ''
  socket.setEncoding('utf8')
  socket.on('data', (text: string) => {
    const parts = (pending + text).split('\n')
    pending = parts.pop() ?? ''
    if (pending.length > MOST_LINE_BYTES) return void socket.destroy()
    for (const part of parts) for (const listener of listeners) listener(JSON.parse(part) as In)
  })
  socket.on('error', () => socket.destroy())
  return {
    send: (message) => void (socket.writable && socket.write(`${JSON.stringify(message)}\n`)),
    onMessage: (listener) => void listeners.push(listener),
    onClose: (listener) => void socket.on('close', listener),
    // One whose process is frozen never answers the end: this side closes all the same, once what was said is out.
    close: () => socket.destroySoon(),
  }
}
