import { topicOf } from '@vigil/contract'
import type { Delivery, Settlement } from '../sources/source.ts'
import type { Sender } from './inbox.ts'
import { HL7_EPOCH, type Records } from './records.ts'

/** Numbers the records of one message take. */
export function objectsOf({ samples, events }: Records): number {
  return samples.length + events.length
}

/**
 * The records of one message as deliveries of its device. Only the newest moment is live; what was measured before it fills
 * history. Each has its number, so that giving them again after a restart changes nothing.
 */
export function toDeliveries(records: Records, about: { sender: Sender; firstSeq: number; receivedMs: number }, settle: (outcome: Settlement) => void): readonly Delivery[] {
  const { sender, receivedMs } = about
  let seq = about.firstSeq
  const delivery = (channel: 'tele' | 'backlog' | 'event', body: unknown): Delivery => ({
    source: 'hl7',
    topic: topicOf({ site: sender.site, device: sender.device }, channel),
    payload: Buffer.from(JSON.stringify(body)),
    receivedAt: receivedMs,
    settle,
  })
  const numbered = <T extends object>(object: T) => ({ e: HL7_EPOCH, s: seq++, ...object })
  const older = records.samples.slice(0, -1).map(numbered)
  const newest = records.samples.slice(-1).map(numbered)
  const events = records.events.map(numbered)
  return [
    ...(older.length > 0 ? [delivery('backlog', older)] : []),
    ...newest.map((sample) => delivery('tele', sample)),
    ...events.map((event) => delivery('event', event)),
  ]
}
