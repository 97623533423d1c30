import WebSocket from 'ws'
import type { LiveFrame, LiveRequest, LatestValue } from '@vigil/contract'
import type { TestApi } from './api.ts'
import { until } from '@vigil/ops/testing'

export interface TestScreen {
  readonly frames: LiveFrame[]
  readonly waves: Uint8Array[]
  readonly socket: WebSocket
  watch(request: Omit<Extract<LiveRequest, { type: 'watch' }>, 'type'>): void
  sees<T extends LiveFrame['type']>(type: T, fits?: (frame: Extract<LiveFrame, { type: T }>) => boolean, withinMs?: number): Promise<Extract<LiveFrame, { type: T }>>
  /** Newest value of a signal, whichever frame brought it. */
  value(device: string, signal: string): LatestValue | undefined
  close(): void
}

/** An open live page. */
export function openScreen(api: Pick<TestApi, 'http' | 'cookie'>, headers: Record<string, string> = {}): Promise<TestScreen> {
  const socket = new WebSocket(`${api.http.replace('http', 'ws')}/api/v1/live`, { headers: { cookie: api.cookie, origin: api.http, ...headers } })
  const frames: LiveFrame[] = []
  const waves: Uint8Array[] = []
  socket.on('message', (data: Buffer, isBinary: boolean) => {
    if (isBinary) waves.push(new Uint8Array(data))
    else frames.push(JSON.parse(data.toString()) as LiveFrame)
  })
  const screen: TestScreen = {
    frames,
    waves,
    socket,
    watch: (request) => socket.send(JSON.stringify({ type: 'watch', ...request })),
    sees: <T extends LiveFrame['type']>(type: T, fits: (frame: Extract<LiveFrame, { type: T }>) => boolean = () => true, withinMs = 5_000) =>
      until(`a ${type} frame`, withinMs, () => frames.find((f): f is Extract<LiveFrame, { type: T }> => f.type === type && fits(f as Extract<LiveFrame, { type: T }>))),
    value(device, signal) {
      for (const frame of frames.toReversed()) {
        const found = valueIn(frame, device, signal)
        if (found) return found
      }
      return undefined
    },
    close: () => socket.close(),
  }
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(screen))
    socket.once('error', reject)
    socket.once('unexpected-response', (_request, response) => {
      let text = ''
      response.on('data', (chunk: Buffer) => { text += chunk.toString() })
      response.on('end', () => reject(Object.assign(new TypeError(text), { status: response.statusCode })))
    })
  })
}

function valueIn(frame: LiveFrame, device: string, signal: string): LatestValue | undefined {
  if (frame.type === 'values') return frame.devices.find((d) => d.device === device)?.values?.[signal]
  const beds = frame.type === 'ward' ? frame.ward.beds : frame.type === 'bed' ? [frame.bed] : []
  return beds.find((bed) => bed.device?.id === device)?.latest[signal]
}
