import type { Measurement } from './measurement.ts'

/** What happens to a patient or a probe and is told as an event, besides the values. */
export interface PatientEvent {
  readonly ev: string
  readonly ph: 'start' | 'end'
  readonly src: string
}

export type Second = Measurement & { readonly apnoea?: boolean }

/** Tells when something came off the patient or breathing stopped, and when that is over. */
export interface PatientEvents {
  /** Once a second. */
  after(second: Second): PatientEvent[]
}

interface Watched {
  readonly ev: string
  readonly src: string
  readonly holds: (second: Second) => boolean
}

const watched: readonly Watched[] = [
  { ev: 'probe_off', src: 'spo2', holds: ({ x }) => x['spo2'] === 'off' || x['pr'] === 'off' },
  { ev: 'mask_off', src: 'paw', holds: ({ x }) => x['rr'] === 'off' || x['paw'] === 'off' },
  { ev: 'apnoea', src: 'rr', holds: ({ apnoea }) => apnoea === true },
]
/** A finger that is only shifted is no event. */
const AFTER_SECONDS = 2

export function createPatientEvents(): PatientEvents {
  const told = new Set<string>()
  const differsFor = new Map<string, number>()

  function judge({ ev, src, holds }: Watched, second: Second): PatientEvent | undefined {
    const is = holds(second)
    const seconds = is === told.has(ev) ? 0 : (differsFor.get(ev) ?? 0) + 1
    differsFor.set(ev, seconds)
    if (seconds < AFTER_SECONDS) return undefined
    differsFor.set(ev, 0)
    if (is) told.add(ev)
    else told.delete(ev)
    return { ev, ph: is ? 'start' : 'end', src }
  }

  return { after: (second) => watched.flatMap((one) => judge(one, second) ?? []) }
}
