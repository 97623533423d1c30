import { connect, type Socket } from 'node:net'
import { AppError, type Clock, retryDelayMs, type Stop } from '@vigil/contract'

/** A monitor that listens and sends to whoever connects. */
export interface DialTarget {
  readonly host: string
  readonly port: number
}

export interface Dialler {
  start(): void
  /** Calls nobody up any more; connections that stand are left to their holder. */
  stop(): void
  /** `, 2 of 3 called up`, or nothing where there is nobody to call. */
  words(): string
}

export interface DiallerOptions {
  readonly targets: readonly DialTarget[]
  readonly clock: Clock
  readonly random: () => number
  readonly serve: (socket: Socket) => void
  readonly onOutcome: (outcome: 'dialled' | 'dial_failed') => void
}

const BACKOFF = { leastMs: 1_000, firstMs: 1_000, longestMs: 60_000 }
const CONNECT_WITHIN_MS = 10_000
/** A connection that lasted this long was a good one: the next loss is the first again. */
const GOOD_AFTER_MS = 30_000

/** Keeps a connection to every monitor of the list, each by itself; one that is away is called again with growing, jittered pauses. */
export function createDialler({ targets, clock, random, serve, onOutcome }: DiallerOptions): Dialler {
  const waits = new Set<Stop>()
  const connecting = new Set<Socket>()
  let connected = 0
  let stopped = false

  const again = (target: DialTarget, failures: number): void => {
    if (stopped) return
    const stop = clock.after(retryDelayMs(failures, BACKOFF, random), () => {
      waits.delete(stop)
      dial(target, failures + 1)
    })
    waits.add(stop)
  }

  const dial = (target: DialTarget, failures: number): void => {
    const socket = connect({ ...target, allowHalfOpen: true })
    let since: number | undefined
    connecting.add(socket)
    const giveUp = clock.after(CONNECT_WITHIN_MS, () => socket.destroy())
    socket.on('error', () => socket.destroy())
    socket.once('connect', () => {
      giveUp()
      connecting.delete(socket)
      connected++
      since = clock.monotonic()
      onOutcome('dialled')
      serve(socket)
    })
    socket.once('close', () => {
      giveUp()
      connecting.delete(socket)
      if (since === undefined) onOutcome('dial_failed')
      else connected--
      const wasGood = since !== undefined && clock.monotonic() - since >= GOOD_AFTER_MS
      again(target, wasGood ? 0 : failures)
    })
  }

  return {
    start() {
      for (const target of targets) dial(target, 0)
    },
    stop() {
      stopped = true
      for (const stop of waits) stop()
      for (const socket of connecting) socket.destroy()
    },
    words: () => (targets.length === 0 ? '' : `, ${connected} of ${targets.length} called up`),
  }
}

/** @throws AppError SETTINGS_INVALID for anything but `host:port`, an IPv6 address in brackets. */
export function readTarget(text: string): DialTarget {
  const url = URL.parse(`mllp://${text}`)
  const port = Number(url?.port)
  if (!url || url.hostname === '' || !Number.isInteger(port) || port < 1 || url.host !== text.toLowerCase()) {
    throw new AppError('SETTINGS_INVALID', `VIGIL_MLLP_DIAL must list monitors as host:port, separated by commas; ${JSON.stringify(text)} is not that.`)
  }
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port }
}
