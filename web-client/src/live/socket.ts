/** What the live link needs of a WebSocket; the browser's is adapted below, tests script one. */
export interface SocketHandlers {
  onOpen(): void
  onText(text: string): void
  onBytes(bytes: Uint8Array): void
  onClose(): void
}

export interface Socket {
  send(text: string): void
  close(): void
}

export type OpenSocket = (handlers: SocketHandlers) => Socket

/** Opens the browser's WebSocket on this origin, or on `origin` (`http://…`) when given. */
export function browserSocket(path: string, origin: string = location.origin): OpenSocket {
  return (handlers) => {
    const ws = new WebSocket(origin.replace(/^http/, 'ws') + path)
    ws.binaryType = 'arraybuffer'
    ws.addEventListener('open', () => handlers.onOpen())
    ws.addEventListener('close', () => handlers.onClose())
    ws.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      if (typeof data === 'string') handlers.onText(data)
      else if (data instanceof ArrayBuffer) handlers.onBytes(new Uint8Array(data))
    })
    return {
      send: (text) => {
        if (ws.readyState === WebSocket.OPEN) ws.send(text)
      },
      close: () => ws.close(),
    }
  }
}
