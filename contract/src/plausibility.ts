import { type SignalName, signalByName } from './catalogue.ts'
import { absenceReasons, questionReasons, type SampleQuality } from './quality.ts'
import type { TelemetrySample } from './messages/telemetry.ts'

/** A telemetry object after the door: only believable values of known signals, everything else kept apart. */
export interface JudgedSample {
  readonly values: Readonly<Partial<Record<SignalName, number>>>
  readonly quality: SampleQuality
  /** Names the catalogue does not know, kept raw and shown as unmapped. */
  readonly unmapped: Readonly<Record<string, number>> | undefined
  /** Raw numbers outside the plausible range: sentinels, wrong units, broken sensors. Never stored as values. */
  readonly implausible: Readonly<Partial<Record<SignalName, number>>> | undefined
}

const NOTHING: Readonly<Record<string, never>> = Object.freeze({})

/** Sorts the values of one object. A value outside its plausible range becomes an absence, its raw number is kept. */
export function judgeSample(sample: TelemetrySample): JudgedSample {
  const values: Partial<Record<SignalName, number>> = {}
  // Most samples have nothing of these: they are made when there is something to say, since every sample of a house comes through here.
  let unmapped: Record<string, number> | undefined
  let implausible: Partial<Record<SignalName, number>> | undefined
  let x = sample.x && known(sample.x, (r) => oneOf(absenceReasons, r, 'fault'))
  for (const name in sample.m) {
    const value = sample.m[name] as number
    const signal = signalByName(name)
    if (!signal) (unmapped ??= {})[name] = value
    else if (value < signal.plausible[0] || value > signal.plausible[1]) {
      ;(implausible ??= {})[signal.name] = value
      ;(x ??= {})[signal.name] = 'implausible'
    } else values[signal.name] = value
  }
  return { values, quality: qualityOf(sample, x), unmapped, implausible }
}

function qualityOf({ q, sq }: TelemetrySample, x: SampleQuality['x'] = NOTHING): SampleQuality {
  return { q: q ? known(q, (r) => oneOf(questionReasons, r, 'low')) : NOTHING, x, sq: sq ? known(sq, (n) => n) : NOTHING }
}

function known<T, R>(remarks: Readonly<Record<string, T>>, read: (remark: T) => R): Partial<Record<SignalName, R>> {
  const out: Partial<Record<SignalName, R>> = {}
  for (const name in remarks) {
    const signal = signalByName(name)
    if (signal) out[signal.name] = read(remarks[name] as T)
  }
  return out
}

/** A reason of a newer protocol is read as the general one of its kind. */
function oneOf<T extends string>(reasons: readonly T[], reason: string, otherwise: T): T {
  return reasons.find((known) => known === reason) ?? otherwise
}

/** A device clock this far ahead of the server, or before 2020, is not believed. */
export const CLOCK_AHEAD_LIMIT_MS = 10 * 60_000
/** One whose live samples are older than this when they come is behind: they are believed, since old is the safe side, and somebody is told. */
export const CLOCK_BEHIND_LIMIT_MS = 2 * 60_000
export const EARLIEST_BELIEVED_MS = Date.UTC(2020, 0, 1)

export interface JudgedTime {
  /** Milliseconds since the Unix epoch under which the sample is kept. */
  readonly t: number
  /** The device's own claim when it was not believed: the sample is kept under its received time instead. */
  readonly claimedT: number | undefined
}

/**
 * When a sample was taken. A board without a clock sends `up`: dated by `received - (up_now - up)`, where `upNow` is the
 * newest `up` of the same message.
 */
export function judgeTime(object: { t?: number; up?: number }, receivedAtMs: number, upNowMs?: number): JudgedTime {
  const t = object.t ?? receivedAtMs - Math.max(0, (upNowMs ?? object.up ?? 0) - (object.up ?? 0))
  const believed = t >= EARLIEST_BELIEVED_MS && t <= receivedAtMs + CLOCK_AHEAD_LIMIT_MS
  return believed ? { t, claimedT: undefined } : { t: receivedAtMs, claimedT: t }
}
