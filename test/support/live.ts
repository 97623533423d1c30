import WebSocket from 'ws'
import type { LiveFrame, LiveRequest } from '@vigil/contract'
import type { Api } from './api.ts'

export interface LiveViewer {
  readonly frames: LiveFrame[]
  readonly waves: Uint8Array[]
  readonly closed: () => boolean
  watch(request: Omit<Extract<LiveRequest, { type: 'watch' }>, 'type'>): void
  /** Anything else a page says. */
  say(request: LiveRequest): void
  close(): void
}

/** An open wall: a signed-in live WebSocket that keeps every frame with its arrival. */
export function openLive(api: Api): Promise<LiveViewer> {
  const socket = new WebSocket(`${api.base.replace('http', 'ws')}/api/v1/live`, { headers: { cookie: api.cookie, origin: api.base } })
  const frames: LiveFrame[] = []
  const waves: Uint8Array[] = []
  socket.on('message', (data: Buffer, isBinary: boolean) => {
    if (isBinary) waves.push(new Uint8Array(data))
    else frames.push(JSON.parse(data.toString()) as LiveFrame)
  })
  const viewer: LiveViewer = {
    frames,
    waves,
    closed: () => socket.readyState >= WebSocket.CLOSING,
    watch: (request) => socket.send(JSON.stringify({ type: 'watch', ...request })),
    say: (request) => { if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(request)) },
    close: () => socket.close(),
  }
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(viewer))
    socket.once('error', reject)
  })
}

/** Newest value of a signal of a device among the frames a viewer has seen, whichever kind brought it. */
export function seenValue(frames: readonly LiveFrame[], device: string, signal: string): number | null | undefined {
  for (const frame of frames.toReversed()) {
    if (frame.type === 'values') {
      const value = frame.devices.find((d) => d.device === device)?.values?.[signal]
      if (value) return value.v
    }
    const beds = frame.type === 'ward' ? frame.ward.beds : frame.type === 'bed' ? [frame.bed] : []
    const latest = beds.find((bed) => bed.device?.id === device)?.latest[signal]
    if (latest) return latest.v
  }
  return undefined
}
