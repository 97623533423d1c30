import type { Clock } from '@vigil/contract'
import type { Actor, Audit } from './audit.ts'

/**
 * A wall shows the same ward all day: each session's look at a ward, or at one device's live values, is written once an
 * hour, not with every frame.
 */
export const LOOK_EVERY_MS = 60 * 60_000
/** Bound on what is remembered; beyond it the oldest look is forgotten and so written again. */
const REMEMBERED = 10_000

export interface Looks {
  readonly session: string
  readonly wards?: Iterable<string>
  readonly devices?: Iterable<string>
}

export interface WardReads {
  /** Writes the looks that are due; resolves when they are safe on the local disk. */
  look(actor: Actor, looks: Looks): Promise<void>
}

export function createWardReads({ audit, clock, stayOf }: { audit: Pick<Audit, 'record'>; clock: Clock; stayOf: (device: string) => { stayId: string; patientId: string } | undefined }): WardReads {
  const writtenAt = new Map<string, number>()
  const isDue = (key: string): boolean => {
    const last = writtenAt.get(key)
    if (last !== undefined && clock.monotonic() - last < LOOK_EVERY_MS) return false
    writtenAt.delete(key)
    writtenAt.set(key, clock.monotonic())
    const [oldest] = writtenAt.keys()
    if (writtenAt.size > REMEMBERED && oldest !== undefined) writtenAt.delete(oldest)
    return true
  }
  return {
    async look(actor, { session, wards = [], devices = [] }) {
      const writes: Promise<void>[] = []
      for (const wardId of wards) if (isDue(`${session} ward ${wardId}`)) writes.push(audit.record(actor, 'ward.read', { wardId }))
      for (const deviceId of devices) {
        const stay = stayOf(deviceId)
        if (isDue(`${session} device ${deviceId} ${stay?.stayId}`)) writes.push(audit.record(actor, 'device.watch', { deviceId, ...stay }))
      }
      await Promise.all(writes)
    },
  }
}
