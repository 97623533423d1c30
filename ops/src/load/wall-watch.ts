import type { Clock, LiveFrame, LiveRequest } from '@vigil/contract'

/** How long values took from the sensor to a screen. */
export interface WallWatch {
  /** Delays seen so far, ms, in no order. */
  delays(): readonly number[]
  /** Values as the screen has them: newest time by device. */
  heard(): number
  /** Times a screen lost its connection. */
  cuts(): number
  stop(): void
}

export interface WallWatchOptions {
  readonly httpUrl: string
  readonly token: string
  readonly devices: readonly string[]
  readonly clock: Clock
}

/** The contract lets one screen watch so many devices by name. */
const DEVICES_PER_SCREEN = 64
const RECONNECT_MS = 1_000

/** Opens as many live screens as are needed to see every device, and takes the time of each new pulse rate. */
export function watchWall({ httpUrl, token, devices, clock }: WallWatchOptions): WallWatch {
  const delays: number[] = []
  const newest = new Map<string, number>()
  const sockets = new Set<WebSocket>()
  let cuts = 0
  let stopped = false

  function hear(frame: LiveFrame): void {
    if (frame.type !== 'values') return
    for (const { device, values } of frame.devices) {
      const t = values?.['pr']?.t
      const before = newest.get(device)
      if (t === undefined || (before !== undefined && t <= before)) continue
      newest.set(device, t)
      // The first one is what was there before the screen opened.
      if (before !== undefined) delays.push(clock.now() - t)
    }
  }

  function open(watched: readonly string[]): void {
    const socket = new WebSocket(`${httpUrl.replace(/^http/, 'ws')}/api/v1/live`, { headers: { authorization: `Bearer ${token}` } })
    sockets.add(socket)
    const request: LiveRequest = { type: 'watch', devices: [...watched] }
    socket.addEventListener('open', () => socket.send(JSON.stringify(request)))
    socket.addEventListener('message', ({ data }) => {
      if (typeof data === 'string') hear(JSON.parse(data) as LiveFrame)
    })
    socket.addEventListener('error', () => {})
    socket.addEventListener('close', () => {
      sockets.delete(socket)
      if (stopped) return
      cuts += 1
      clock.after(RECONNECT_MS, () => stopped || open(watched))
    })
  }

  for (let i = 0; i < devices.length; i += DEVICES_PER_SCREEN) open(devices.slice(i, i + DEVICES_PER_SCREEN))
  return {
    delays: () => delays,
    heard: () => newest.size,
    cuts: () => cuts,
    stop() {
      stopped = true
      for (const socket of sockets) socket.close()
    },
  }
}
