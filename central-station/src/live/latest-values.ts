import type { JudgedSample, LatestValue, SignalName } from '@vigil/contract'

/** `tele` is what is measured now; `backlog` fills history and never replaces a newer value. */
export type Lane = 'tele' | 'backlog'

export interface SampleKey {
  readonly lane: Lane
  /** When measured, ms since the Unix epoch, never later than received. */
  readonly t: number
  readonly epoch: string
  readonly seq: number
}

interface Entry {
  readonly value: LatestValue
  readonly epoch: string
  readonly seq: number
}

export interface LatestValues {
  /** Takes what is newer than what is known; answers the signals that changed. */
  take(sample: JudgedSample, key: SampleKey): SignalName[]
  /**
   * Newest value per signal measured at `sinceMs` or later. A value of the patient before is not shown as this one's,
   * nor is it what a missing value "was".
   */
  since(sinceMs: number): Partial<Record<SignalName, LatestValue>>
  one(signal: SignalName, sinceMs: number): LatestValue | undefined
}

export function createLatestValues(): LatestValues {
  const entries = new Map<SignalName, Entry>()

  const put = (signal: SignalName, key: SampleKey, make: (before: LatestValue | undefined) => LatestValue): boolean => {
    const before = entries.get(signal)
    if (before && !replaces(before, key)) return false
    entries.set(signal, { value: make(before?.value), epoch: key.epoch, seq: key.seq })
    return true
  }
  const one = (signal: SignalName, sinceMs: number): LatestValue | undefined => {
    const value = entries.get(signal)?.value
    if (!value || value.t < sinceMs) return undefined
    if (!value.was || value.was.t >= sinceMs) return value
    const { was: _, ...rest } = value
    return rest
  }

  return {
    take({ values, quality: { q = {}, x = {}, sq = {} } }, key) {
      const changed: SignalName[] = []
      for (const [name, v] of Object.entries(values)) {
        const signal = name as SignalName
        const remarks = { ...(q[signal] ? { q: q[signal] } : {}), ...(sq[signal] === undefined ? {} : { sq: sq[signal] }) }
        if (put(signal, key, () => ({ v, t: key.t, ...remarks }))) changed.push(signal)
      }
      for (const [name, reason] of Object.entries(x)) {
        const signal = name as SignalName
        if (values[signal] !== undefined) continue
        if (put(signal, key, (before) => ({ v: null, t: key.t, x: reason, ...lastThere(before) }))) changed.push(signal)
      }
      return changed
    },
    since(sinceMs) {
      const out: Partial<Record<SignalName, LatestValue>> = {}
      for (const signal of entries.keys()) {
        const value = one(signal, sinceMs)
        if (value) out[signal] = value
      }
      return out
    },
    one,
  }
}

function lastThere(before: LatestValue | undefined): { was?: { v: number; t: number } } {
  if (!before) return {}
  if (before.v !== null) return { was: { v: before.v, t: before.t } }
  return before.was ? { was: before.was } : {}
}

/**
 * Within one epoch the device's own count decides, also when its clock was set back. Between epochs, and always for the
 * backlog, the time of measurement does.
 */
function replaces(before: Entry, key: SampleKey): boolean {
  if (before.epoch === key.epoch && key.seq <= before.seq) return false
  if (before.epoch === key.epoch && key.lane === 'tele') return true
  return key.lane === 'tele' ? key.t >= before.value.t : key.t > before.value.t
}
