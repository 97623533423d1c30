import { type AbsenceReason } from '@vigil/contract/quality'
import { type Measurement } from './measurement.ts'

export interface AbsenceEvent {
  readonly ev: string
  readonly ph: 'start' | 'end'
  readonly src: string
}

/** Tells when something came off the patient and when it is back. */
export interface AbsenceEvents {
  /** Once a second. */
  after(measurement: Measurement): AbsenceEvent[]
}

interface Watched {
  readonly ev: string
  readonly src: string
  readonly signals: readonly string[]
  readonly reason: AbsenceReason
}

const watched: readonly Watched[] = [
  { ev: 'probe_off', src: 'spo2', signals: ['spo2', 'pr'], reason: 'off' },
  { ev: 'mask_off', src: 'paw', signals: ['paw'], reason: 'off' },
]
/** A finger that is only shifted is no event. */
const AFTER_SECONDS = 2

export function createAbsenceEvents(): AbsenceEvents {
  const told = new Set<string>()
  const differsFor = new Map<string, number>()

  function judge({ ev, src, signals, reason }: Watched, { x }: Measurement): AbsenceEvent | undefined {
    const isOff = signals.some((signal) => x[signal] === reason)
    const seconds = isOff === told.has(ev) ? 0 : (differsFor.get(ev) ?? 0) + 1
    differsFor.set(ev, seconds)
    if (seconds < AFTER_SECONDS) return undefined
    differsFor.set(ev, 0)
    if (isOff) told.add(ev)
    else told.delete(ev)
    return { ev, ph: isOff ? 'start' : 'end', src }
  }

  return { after: (measurement) => watched.flatMap((one) => judge(one, measurement) ?? []) }
}
