import type { Socket } from 'node:net'
import { createFramer, type FramingFault, messagesIn, toFrame } from '@vigil/contract/hl7/index'

/** Messages of one peer that may wait for their answer before its socket is no longer read. */
const UNANSWERED = 1_000
/** Silence after which the system asks whether the peer is still there. Monitors may be quiet for hours; that ends nothing. */
const KEEPALIVE_MS = 30_000

export interface MllpConnectionOptions {
  readonly socket: Socket
  readonly answer: (inbound: Uint8Array) => Promise<Uint8Array | undefined>
  readonly onFault: (fault: FramingFault) => void
  readonly limitBytes?: number
}

/** One peer: messages in any portions, answers in their order. What is wrong with it concerns this connection alone. */
export function serveMllp({ socket, answer, onFault, limitBytes }: MllpConnectionOptions): void {
  const framer = createFramer({ onFault, ...(limitBytes !== undefined && { limitBytes }) })
  let unanswered = 0
  let turn: Promise<void> = Promise.resolve()
  let ready: Uint8Array[] = []

  /** Messages of one commit are answered together: one write for all of them. */
  const write = (): void => {
    const frames = ready
    ready = []
    if (socket.writable) socket.write(frames.length === 1 ? (frames[0] as Uint8Array) : Buffer.concat(frames))
  }

  const take = (inbound: Uint8Array): void => {
    unanswered++
    if (unanswered >= UNANSWERED) socket.pause()
    const answered = answer(inbound)
    turn = turn.then(async () => {
      const bytes = await answered
      if (bytes) {
        if (ready.length === 0) process.nextTick(write)
        ready.push(toFrame(bytes))
      }
      unanswered--
      if (unanswered < UNANSWERED / 2 && socket.isPaused()) socket.resume()
    })
  }

  socket.setNoDelay(true)
  socket.setKeepAlive(true, KEEPALIVE_MS)
  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk: Buffer) => {
    const { frames, close } = framer.push(chunk)
    for (const frame of frames) for (const inbound of messagesIn(frame)) take(inbound)
    if (close) void turn.then(() => process.nextTick(() => socket.destroy()))
  })
  socket.on('end', () => {
    framer.end()
    // The peer may have closed its half only: it still gets its answers.
    void turn.then(() => process.nextTick(() => socket.end()))
  })
}
