import type { ByteStream, StreamEvents, StreamOptions } from './byte-stream.ts'

/** MQTT over WebSocket (MQTT 3.1.1, section 6): binary frames, whose borders mean nothing. */
export async function openWebSocketStream({ url, ca }: StreamOptions, events: StreamEvents): Promise<ByteStream> {
  // Loaded here, also in the agent of one file: 14 MB for the few boards behind a proxy that lets nothing else through.
  const { WebSocket } = await import('ws')
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
