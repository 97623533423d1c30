import type { Clock } from '@vigil/contract'
import type { Actor, Audit } from './audit.ts'
import { createOnceAnHour } from './once-an-hour.ts'

export interface Looks {
  readonly session: string
  readonly wards?: Iterable<string>
  readonly devices?: Iterable<string>
}

/**
 * A wall shows the same ward all day: each session's look at a ward, or at one device's live values, is written once an
 * hour, not with every frame.
 */
export interface WardReads {
  /** Writes the looks that are due; resolves when they are safe on the local disk. */
  look(actor: Actor, looks: Looks): Promise<void>
}

export function createWardReads({ audit, clock, stayOf }: { audit: Pick<Audit, 'record'>; clock: Clock; stayOf: (device: string) => { stayId: string; patientId: string } | undefined }): WardReads {
  const isDue = createOnceAnHour(clock)
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
