import { connect, type Socket } from 'node:net'
import { createFramer, latin1, latin1Bytes, toFrame } from '@vigil/contract/hl7/index'

export interface MllpClient {
  /** Resolves with the code of the answer (`AA`, `CA`, …), or rejects when the connection ends before it. */
  send(message: string): Promise<string>
  close(): void
}

/** Sends HL7 messages over one connection, without waiting for one answer before the next message. Answers come in order. */
export async function connectMllp(host: string, port: number): Promise<MllpClient> {
  const socket = await open(host, port)
  const waiting: { resolve: (code: string) => void; reject: (error: Error) => void }[] = []
  const framer = createFramer({ onFault: () => undefined })
  socket.on('data', (chunk: Buffer) => {
    for (const frame of framer.push(chunk).frames) waiting.shift()?.resolve(/[\r\n]MSA.(\w\w)/.exec(latin1(frame))?.[1] ?? '??')
  })
  const lost = (error: Error) => {
    for (const { reject } of waiting.splice(0)) reject(error)
  }
  socket.on('error', lost)
  socket.on('close', () => lost(Object.assign(new RangeError('The connection ended before the answer.'), { code: 'ECONNRESET' })))
  return {
    send: (message) =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject })
        socket.write(toFrame(latin1Bytes(message)))
      }),
    close: () => void socket.destroy(),
  }
}

function open(host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true })
    socket.once('connect', () => resolve(socket)).once('error', reject)
  })
}
