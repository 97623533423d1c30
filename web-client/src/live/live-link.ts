import { LIVE_SILENCE_LIMIT_MS } from '@vigil/contract/api/live-wire'
import type { LiveFrame, LiveRequest } from '@vigil/contract/api/live'
import type { Clock, Stop } from '@vigil/contract/clock'
import { retryDelayMs } from './retry-delay.ts'
import type { OpenSocket, Socket, SocketHandlers } from './socket.ts'

export type LinkPhase = 'stopped' | 'connecting' | 'open' | 'waiting'

export interface LiveLinkOptions {
  readonly clock: Clock
  readonly openSocket: OpenSocket
  readonly random: () => number
  readonly onFrame: (frame: LiveFrame) => void
  readonly onBytes: (bytes: Uint8Array) => void
  readonly onPhase: (phase: LinkPhase) => void
  /** A connection ended or could not be made: the session may be over. */
  readonly onLost: () => void
}

/**
 * Keeps one WebSocket to the central station. A connection that is open but silent for the limit is as good as gone: it is
 * closed and made anew, because a half-open TCP connection says nothing for minutes.
 */
export class LiveLink {
  readonly #options: LiveLinkOptions
  #phase: LinkPhase = 'stopped'
  #socket: Socket | undefined
  #attempt = 0
  /** Said again after every reconnect. */
  readonly #kept = new Map<LiveRequest['type'], LiveRequest>()
  #stopSilence: Stop = () => undefined
  #stopRetry: Stop = () => undefined

  constructor(options: LiveLinkOptions) {
    this.#options = options
  }

  start(): void {
    if (this.#phase === 'stopped') this.#connect()
  }

  stop(): void {
    this.#stopSilence()
    this.#stopRetry()
    const old = this.#socket
    this.#socket = undefined
    this.#enter('stopped')
    old?.close()
  }

  /** Sent at once when open, and again after every reconnect; the newest of its kind counts. */
  keep(request: LiveRequest): void {
    this.#kept.set(request.type, request)
    this.say(request)
  }

  /** No longer to be said after a reconnect. */
  forget(type: LiveRequest['type']): void {
    this.#kept.delete(type)
  }

  /** Sent once, if the connection is open. */
  say(request: LiveRequest): void {
    if (this.#phase === 'open') this.#socket?.send(JSON.stringify(request))
  }

  /** Tries now instead of at the end of the back-off (the computer is online again, the tab woke). */
  retryNow(): void {
    if (this.#phase === 'waiting') this.#connect()
  }

  #enter(next: LinkPhase): void {
    this.#phase = next
    this.#options.onPhase(next)
  }

  #connect(): void {
    this.#stopRetry()
    this.#enter('connecting')
    this.#heard()
    // A socket that was given up may still speak; only the newest one is listened to.
    const mine: { socket?: Socket } = {}
    const current = () => mine.socket !== undefined && mine.socket === this.#socket
    mine.socket = this.#socket = this.#options.openSocket(this.#handlers(current))
  }

  #handlers(current: () => boolean): SocketHandlers {
    return {
      onOpen: () => {
        if (!current()) return
        this.#enter('open')
        for (const request of this.#kept.values()) this.say(request)
      },
      onText: (text) => {
        if (!current()) return
        this.#attempt = 0
        this.#heard()
        const frame = readFrame(text)
        if (frame) this.#options.onFrame(frame)
      },
      onBytes: (bytes) => {
        if (!current()) return
        this.#heard()
        this.#options.onBytes(bytes)
      },
      onClose: () => {
        if (current()) this.#lost()
      },
    }
  }

  #heard(): void {
    this.#stopSilence()
    this.#stopSilence = this.#options.clock.after(LIVE_SILENCE_LIMIT_MS, () => this.#lost())
  }

  #lost(): void {
    const { clock, random, onLost } = this.#options
    this.#stopSilence()
    const old = this.#socket
    this.#socket = undefined
    this.#enter('waiting')
    old?.close()
    this.#stopRetry = clock.after(retryDelayMs(this.#attempt++, random), () => this.#connect())
    onLost()
  }
}

/** A frame of a type this version does not know is left out by whoever reads it; text that is no frame at all, here. */
function readFrame(text: string): LiveFrame | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && 'type' in value ? (value as LiveFrame) : undefined
  } catch {
    return undefined
  }
}
