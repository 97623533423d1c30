import { type Clock, healthTopic } from '@vigil/contract'
import { digestOf } from '@vigil/program'
import type { Voice } from '../voice.ts'
import type { BrokerLimits } from '../limits.ts'
import { type Due, dueNow, takeDue } from '../puback/again.ts'
import type { PhoneRoom } from './phone-room.ts'

/** An export that waits for its commit. */
export interface WaitingExport extends Due {
  readonly phone: string
  readonly payload: Buffer
  /** Told when nothing of it can be lost any more: one for each time it was said. */
  readonly acknowledged: (() => void)[]
}

export interface ExportQueue {
  /** The export as it waits, whether it is new or said again; `undefined` when too much waits. */
  take(phone: string, payload: Buffer): WaitingExport | undefined
  /** Takes it out of the queue unless it is to be said again. `undefined`: it does not wait, or not any more. */
  answered(phone: string, digest: string, again: boolean): WaitingExport | undefined
  /** Says the next one, when its time has come and none is out. */
  offer(): void
  /** Everything is due: who heard what was out may be gone. */
  startOver(): void
  readonly size: number
}

export interface ExportQueueOptions {
  readonly limits: Pick<BrokerLimits, 'phoneExports'>
  readonly room: PhoneRoom
  readonly voice: Pick<Voice, 'deliver'>
  readonly clock: Clock
}

/** One at a time goes out, so that the station's link never holds more than one, and those of one phone in their order: the later export wins. */
export function createExportQueue({ limits, room, voice, clock }: ExportQueueOptions): ExportQueue {
  const waiting = new Map<string, WaitingExport>()
  let out: WaitingExport | undefined

  return {
    take(phone, payload) {
      const key = `${phone} ${digestOf(payload)}`
      const same = waiting.get(key)
      if (same) return same
      if (countOf(phone, waiting.values()) >= limits.phoneExports || !room.take(payload.length)) return undefined
      const entry = { phone, payload: Buffer.from(payload), acknowledged: [], ...dueNow(clock.monotonic()) }
      waiting.set(key, entry)
      return entry
    },
    answered(phone, digest, again) {
      const key = `${phone} ${digest}`
      const entry = waiting.get(key)
      if (!entry) return undefined
      if (out === entry) out = undefined
      if (again) return entry
      waiting.delete(key)
      room.give(entry.payload.length)
      return entry
    },
    offer() {
      const now = clock.monotonic()
      if (out && out.dueAt > now) return
      out = firstOfEach(waiting.values()).find((entry) => takeDue([entry], now).length > 0)
      // Nobody there: it goes out as soon as somebody listens.
      if (out && voice.deliver(healthTopic(out.phone), out.payload) === 0) out = undefined
    },
    startOver() {
      out = undefined
      for (const entry of waiting.values()) entry.dueAt = clock.monotonic()
    },
    get size() {
      return waiting.size
    },
  }
}

/** The oldest export of each phone. */
function firstOfEach(entries: Iterable<WaitingExport>): WaitingExport[] {
  const first = new Map<string, WaitingExport>()
  for (const entry of entries) if (!first.has(entry.phone)) first.set(entry.phone, entry)
  return [...first.values()]
}

function countOf(phone: string, entries: Iterable<WaitingExport>): number {
  return [...entries].filter((entry) => entry.phone === phone).length
}
