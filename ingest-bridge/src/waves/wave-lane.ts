import type { Clock } from '@vigil/contract'
import { addressKey } from '../store/device-registry.ts'
import type { Database } from '../store/connection.ts'
import { createPartitions } from '../store/partitions.ts'
import { verdictOn } from '../store/refusal.ts'
import type { Delivery } from '../sources/source.ts'
import { type KeptWaves, keptDevices } from './kept-devices.ts'
import { createWaveBuffer, type WaveBlock, type WaveDrop } from './wave-buffer.ts'
import { storeWaves } from './wave-store-pg.ts'

export interface WaveLaneOptions {
  readonly database: Database
  readonly keep?: KeptWaves | undefined
  readonly clock: Clock
  readonly onStored: (frames: number) => void
  /** Frames that were there already: the other bridge's, or a redelivery. */
  readonly onKnown: (frames: number) => void
  readonly onDrop: (why: WaveDrop, frames: number) => void
  readonly onFailure: (error: unknown) => void
}

export interface WaveLane {
  take(delivery: Delivery): void
  /** Stores what is due; everything with `Infinity`. */
  storeNow(now?: number): Promise<void>
  stop(): Promise<void>
}

const LOOK_EVERY_MS = 2_000
/** A device that is moved to a ward whose waveforms are kept is noticed within this. */
const ASK_AGAIN_MS = 15_000
/** Blocks of one statement: some 400 KiB. */
const AT_ONCE = 200

/**
 * Waveforms beside the durable lane: they come once, without a number and without a receipt, so they are kept as far as they come, every
 * frame once, and what is let go of is counted. They have a connection of their own and never hold up a sample.
 */
export function createWaveLane({ database, keep = { all: false, devices: [], wards: [] }, clock, onStored, onKnown, onDrop, onFailure }: WaveLaneOptions): WaveLane {
  const buffer = createWaveBuffer({ onDrop })
  const partitions = createPartitions(database, 'waveform')
  let kept: ReadonlyMap<string, number> = new Map()
  let askedAt = Number.NEGATIVE_INFINITY
  let working: Promise<void> | undefined

  const ask = async () => {
    if (clock.monotonic() - askedAt < ASK_AGAIN_MS) return
    kept = await keptDevices(database, keep)
    askedAt = clock.monotonic()
  }
  const store = async (blocks: readonly WaveBlock[]) => {
    const numbered = blocks.flatMap((block) => {
      const deviceNo = kept.get(addressKey(block.address))
      return deviceNo === undefined ? [] : [{ ...block, deviceNo }]
    })
    if (numbered.length === 0) return
    const { stored, known } = await storeWaves(database, partitions, numbered)
    onStored(stored)
    onKnown(known)
  }
  const run = async (now: number) => {
    const due = buffer.takeDue(now)
    let at = 0
    try {
      if (due.length > 0) await ask()
      for (; at < due.length; at += AT_ONCE) await store(due.slice(at, at + AT_ONCE))
    } catch (error) {
      onFailure(error)
      partitions.forget()
      // What the database refuses for itself is let go of, counted; what it was not asked for waits.
      if (verdictOn(error) !== 'away') {
        onDrop('refused', due.slice(at, at + AT_ONCE).reduce((sum, { frames }) => sum + frames.length, 0))
        at += AT_ONCE
      }
      buffer.putBack(due.slice(at))
    }
  }
  const storeNow = async (now = clock.now()) => {
    working = (working ?? Promise.resolve()).then(() => run(now))
    await working
  }
  const stopLooking = clock.every(LOOK_EVERY_MS, () => void storeNow())

  return {
    take(delivery) {
      buffer.add(delivery)
      delivery.settle('stored')
    },
    storeNow,
    async stop() {
      stopLooking()
      await storeNow(Number.POSITIVE_INFINITY)
    },
  }
}
