import { decodeWaveFrame, type DeviceAddress, LONGEST_WAVE_FRAME_MS, parseTopic, storedWaveChannels, WAVE_BLOCK_MS } from '@vigil/contract'

/** Why a waveform frame was not kept; label of `vigil_bridge_waves_dropped_total`. */
export const waveDrops = ['not_a_frame', 'too_long', 'clock', 'full', 'refused'] as const
export type WaveDrop = (typeof waveDrops)[number]

export interface HeldFrame {
  /** Microseconds since the Unix epoch of its first sample. */
  readonly t0Us: number
  readonly bytes: Buffer
}

/** Frames of one device and channel that begin in the same ten seconds. */
export interface WaveBlock {
  readonly address: DeviceAddress
  /** As stored: the place in `storedWaveChannels`. */
  readonly channel: number
  /** Start of the ten seconds, ms since the Unix epoch. */
  readonly t: number
  readonly frames: HeldFrame[]
}

export interface WaveBuffer {
  add(message: { readonly topic: string; readonly payload: Buffer; readonly receivedAt: number }): void
  /** Takes out the blocks whose time is over at `now`; all of them with `Infinity`. */
  takeDue(now: number): WaveBlock[]
  /** Puts back what could not be stored. */
  putBack(blocks: readonly WaveBlock[]): void
  readonly bytes: number
}

/** Half an hour of one channel at 100 Hz of 25 devices; a database that is away longer costs the oldest, counted. */
const MOST_BYTES = 16 * 1024 * 1024
/** How long after its end a block waits for the last of its frames. */
const GRACE_MS = 2_000
/** Waveforms are sent once, as they are measured: a time further off than this is a wrong clock. */
const BEHIND_MS = 60 * 60_000
const AHEAD_MS = 10_000

/** Gathers frames into blocks, in bounded memory. Pure but for its own memory. */
export function createWaveBuffer({ onDrop, mostBytes = MOST_BYTES }: { onDrop: (why: WaveDrop, frames: number) => void; mostBytes?: number }): WaveBuffer {
  const blocks = new Map<string, WaveBlock>()
  let bytes = 0

  const letGoOfOldest = () => {
    while (bytes > mostBytes) {
      const [oldest] = [...blocks.values()].sort((a, b) => a.t - b.t)
      if (!oldest) return
      blocks.delete(keyOf(oldest))
      bytes -= bytesOf(oldest)
      onDrop('full', oldest.frames.length)
    }
  }
  const hold = (block: Omit<WaveBlock, 'frames'>, frames: readonly HeldFrame[]) => {
    const key = keyOf(block)
    const known = blocks.get(key) ?? { ...block, frames: [] }
    blocks.set(key, known)
    for (const frame of frames) {
      // The same again within a block: a publisher that repeats itself.
      if (known.frames.some(({ t0Us }) => t0Us === frame.t0Us)) continue
      known.frames.push(frame)
      bytes += frame.bytes.length
    }
  }

  return {
    add({ topic, payload, receivedAt }) {
      const address = parseTopic(topic)
      const channel = storedWaveChannels.findIndex((name) => address?.channel === `wave/${name}`)
      const frame = decodeWaveFrame(payload)
      if (!address || channel < 0 || !frame || frame.samples.length === 0) return onDrop('not_a_frame', 1)
      if ((frame.samples.length / frame.hz) * 1_000 > LONGEST_WAVE_FRAME_MS) return onDrop('too_long', 1)
      const t = frame.t0Us / 1_000
      if (t < receivedAt - BEHIND_MS || t > receivedAt + AHEAD_MS) return onDrop('clock', 1)
      // A copy: the message is a piece of what the socket read, and would keep all of it.
      hold({ address, channel, t: Math.floor(t / WAVE_BLOCK_MS) * WAVE_BLOCK_MS }, [{ t0Us: frame.t0Us, bytes: Buffer.from(payload) }])
      letGoOfOldest()
    },
    takeDue(now) {
      const due = [...blocks.values()].filter(({ t }) => t + WAVE_BLOCK_MS + GRACE_MS <= now)
      for (const block of due) {
        blocks.delete(keyOf(block))
        bytes -= bytesOf(block)
      }
      return due
    },
    putBack(back) {
      for (const { frames, ...block } of back) hold(block, frames)
      letGoOfOldest()
    },
    get bytes() {
      return bytes
    },
  }
}

function keyOf({ address, channel, t }: Omit<WaveBlock, 'frames'>): string {
  return `${address.site}/${address.device}/${channel}/${t}`
}

function bytesOf({ frames }: WaveBlock): number {
  return frames.reduce((sum, frame) => sum + frame.bytes.length, 0)
}
