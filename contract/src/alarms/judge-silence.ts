import type { SignalName } from '../catalogue.ts'
import { lasting, type Tell } from './judge-sample.ts'
import { continuousSignals } from './continuous.ts'
import { leaderOf, NO_DATA_MS, technicalRule } from './rules.ts'
import { type Machine, machineOf, type SubjectFile } from './subject-file.ts'

export interface SilenceOptions {
  /**
   * Nothing of this subject counts as silent before this: nobody was listening, or its device was away as a whole. `undefined`: the silence of
   * the device itself is being judged, and that of its signals is no second alarm.
   */
  readonly hearsSinceMs: (subject: string) => number | undefined
  /** How long silence may last for a subject whose device reports seldom; at least `NO_DATA_MS` counts. */
  readonly patienceMs: (subject: string) => number
}

/** Signals of one subject that were there and stopped, whatever the transport says. */
export function judgeSilence(file: SubjectFile, key: string, { atMs, hearsSinceMs, patienceMs }: SilenceOptions & { readonly atMs: number }, tell: Tell): void {
  // The silence of a lost device has one alarm already, its own or a wider one.
  if (file.heard.size === 0 || isThere(file.machines.get('device_lost'))) return
  const sinceMs = hearsSinceMs(key)
  if (sinceMs === undefined) return
  const patience = Math.max(NO_DATA_MS, patienceMs(key))
  for (const signal of continuousSignals) silenceOf(file, signal, { atMs, sinceMs, patienceMs: patience }, tell)
}

function silenceOf(file: SubjectFile, signal: SignalName, { atMs, sinceMs: hearsSinceMs, patienceMs }: { atMs: number; sinceMs: number; patienceMs: number }, tell: Tell): void {
  const heard = file.heard.get(signal)
  if (heard === undefined) return
  const key = `no_data:${signal}`
  const known = file.machines.get(key)
  // What is put back after a pause of monitoring gets its time; what was missing before is missing still.
  const sinceMs = isThere(known) ? hearsSinceMs : Math.max(hearsSinceMs, file.monitoring.sinceMs ?? 0)
  const silentMs = atMs - Math.max(heard, sinceMs)
  if (silentMs < patienceMs && !isThere(known)) return
  const leader = leaderOf(signal)
  const leaderHeard = leader === signal ? undefined : file.heard.get(leader)
  const led = leaderHeard !== undefined && atMs - Math.max(leaderHeard, sinceMs) >= patienceMs
  if ((led && !isThere(known)) || file.watched.off.has(key)) return
  const machine = known ?? machineOf(file, key, technicalRule('no_data', file.watched.rules))
  tell(file, machine, lasting(machine, silentMs >= patienceMs, atMs, Math.round(silentMs / 1_000)))
}

function isThere(machine: Machine | undefined): boolean {
  return machine !== undefined && machine.state.phase !== 'normal'
}
