import type { SignalName, WardScope } from '@vigil/contract'

/** The part of a WebSocket the live lane uses. */
export interface ViewerSocket {
  /** Bytes accepted but not yet taken by the network. */
  readonly bufferedAmount: number
  send(data: string | Uint8Array): void
  /** Ends it without waiting for the other side. */
  terminate(): void
  close(code: number, reason: string): void
}

/** Above this a client is behind: it gets nothing until it caught up, then the newest of everything. */
export const BEHIND_BYTES = 256 * 1024
/** Waveforms are dropped earlier: they are worth nothing late. */
export const WAVE_BEHIND_BYTES = 64 * 1024
/** A client that stays behind so long is cut; it reconnects and begins with whole wards. */
export const CUT_AFTER_MS = 30_000
/** Command and configuration frames kept for a client that is behind, newest of each. */
const KEPT_FRAMES = 200

/** What of one device has to be told. */
export interface Dirty {
  readonly signals: Set<SignalName>
  facts: boolean
}

/** What a screen may be told at all. */
export interface Sight {
  /** `null` for all. */
  readonly wards: WardScope
  /** Single devices; a wall is told of its wards alone. */
  readonly mayDevices: boolean
  /** Told when a ward of it is opened in an emergency. */
  readonly inCharge: boolean
}

/**
 * One live screen. While it is behind, only *what* changed is remembered, never the values: memory is bounded by devices
 * times signals, and what is sent after catching up is the newest value, not the oldest.
 */
export class Viewer {
  /** Session or token it was opened with. */
  readonly caller: string
  readonly sight: Sight
  #isVeiled = false
  wards: ReadonlySet<string> = new Set()
  devices: ReadonlySet<string> = new Set()
  waves: ReadonlySet<string> = new Set()
  readonly missedValues = new Map<string, Dirty>()
  readonly missedBeds = new Set<string>()
  readonly missedWards = new Set<string>()
  readonly #missedFrames = new Map<string, string>()
  readonly #socket: ViewerSocket
  #behindSinceMs: number | undefined

  constructor(socket: ViewerSocket, caller: string, sight: Sight, isVeiled = false) {
    this.#socket = socket
    this.caller = caller
    this.sight = sight
    this.#isVeiled = isVeiled
  }

  /** Locked: it is told no names, and of wards alone. */
  get isVeiled(): boolean {
    return this.#isVeiled
  }

  get mayDevices(): boolean {
    return this.sight.mayDevices && !this.#isVeiled
  }

  /** Locked or unlocked. What was kept for it before was told to somebody else. */
  veil(isVeiled: boolean): void {
    this.#isVeiled = isVeiled
    if (isVeiled) this.watch({ wards: [...this.wards], devices: [], waves: [] })
    this.forgetMissed()
    this.#missedFrames.clear()
  }

  /** Whether it takes no more for now. */
  isBehind(nowMs: number): boolean {
    if (this.#socket.bufferedAmount <= BEHIND_BYTES) {
      this.#behindSinceMs = undefined
      return false
    }
    this.#behindSinceMs ??= nowMs
    return true
  }

  hasBeenBehindTooLong(nowMs: number): boolean {
    return this.#behindSinceMs !== undefined && nowMs - this.#behindSinceMs > CUT_AFTER_MS
  }

  send(text: string): void {
    this.#socket.send(text)
  }

  /** What is about something that is gone is not there to be sent. */
  sendKnown(text: string | undefined): void {
    if (text !== undefined) this.send(text)
  }

  /** False when the client is too slow for waveforms now. */
  sendWave(bytes: Uint8Array): boolean {
    if (this.#socket.bufferedAmount > WAVE_BEHIND_BYTES) return false
    this.#socket.send(bytes)
    return true
  }

  /** Remembers a frame for later; a newer one about the same thing takes its place. False when one had to be forgotten. */
  keepFrame(about: string, text: string): boolean {
    this.#missedFrames.delete(about)
    this.#missedFrames.set(about, text)
    if (this.#missedFrames.size <= KEPT_FRAMES) return true
    const [oldest] = this.#missedFrames.keys()
    if (oldest !== undefined) this.#missedFrames.delete(oldest)
    return false
  }

  takeKeptFrames(): string[] {
    const frames = [...this.#missedFrames.values()]
    this.#missedFrames.clear()
    return frames
  }

  missedSomething(): boolean {
    return this.missedValues.size + this.missedBeds.size + this.missedWards.size + this.#missedFrames.size > 0
  }

  /** A new question makes what was missed before meaningless: whole wards follow. */
  watch({ wards, devices, waves }: { wards: readonly string[]; devices: readonly string[]; waves: readonly string[] }): void {
    this.wards = new Set(wards)
    this.devices = new Set(devices)
    this.waves = new Set(waves)
    this.forgetMissed()
  }

  forgetMissed(): void {
    this.missedValues.clear()
    this.missedBeds.clear()
    this.missedWards.clear()
  }

  /** Whether it may be told of what lies in this ward; '' for none. A patient who was moved away takes the device out of sight. */
  sees(wardId: string): boolean {
    return this.sight.wards === null || wardId === '' || this.sight.wards.includes(wardId)
  }

  cut(): void {
    this.#socket.terminate()
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason)
  }
}

export function mergeDirty(into: Map<string, Dirty>, device: string, dirty: Pick<Dirty, 'facts'> & { readonly signals: Iterable<SignalName> }): void {
  const known = into.get(device)
  if (!known) {
    into.set(device, { signals: new Set(dirty.signals), facts: dirty.facts })
    return
  }
  for (const signal of dirty.signals) known.signals.add(signal)
  known.facts ||= dirty.facts
}
