import { WebSocket } from 'ws'
import { type ByteStream, type StreamEvents, type StreamOptions } from './byte-stream.ts'

/** MQTT over WebSocket (MQTT 3.1.1, section 6): binary frames, whose borders mean nothing. */
export function openWebSocketStream({ url, ca }: StreamOptions, events: StreamEvents): ByteStream {
  const socket = new WebSocket(url, 'mqtt', { perMessageDeflate: false, ...(ca !== undefined && { ca }) })
  let error: Error | undefined
  socket.binaryType = 'nodebuffer'
  socket.once('open', () => events.open())
  socket.on('message', (bytes) => events.data(bytes as Buffer))
  socket.on('error', (cause) => {
    error = cause
  })
  socket.once('close', () => events.ended(error))
  return { write: (bytes) => socket.send(bytes), waitingBytes: () => socket.bufferedAmount, end: () => socket.close(), destroy: () => socket.terminate() }
}
