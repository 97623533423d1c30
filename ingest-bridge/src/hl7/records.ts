import type { DeviceEvent, TelemetrySample } from '@vigil/contract'
import { type Message, messageType, type Observation, type PatientResult, readObservations, readSourceAlarms, type RowRefusal, type SourceAlarm, type SourceProfile } from '@vigil/contract/hl7/index'

/** Name of the sequence of what came over HL7; numbers are given by the inbox. */
export const HL7_EPOCH = 'hl7'

/** What a message becomes, before it has numbers. */
export interface Records {
  /** One object per moment, newest last. */
  readonly samples: readonly { readonly t: number; readonly m: TelemetrySample['m'] }[]
  readonly events: readonly Omit<DeviceEvent, 'e' | 's'>[]
  readonly findings: readonly Finding[]
}

export interface Finding {
  readonly row: number
  readonly code: string
  readonly why: RowRefusal | 'UNMAPPED' | Observation['warnings'][number]
}

export interface ReadOptions extends SourceProfile {
  readonly receivedMs: number
}

/** What is wrong with a source shows in these; the message itself is kept whole. */
const MOST_FINDINGS = 1_000

/** Reads a message into what the durable lane stores. Pure: the same bytes give the same records, also after a restart. */
export function toRecords(message: Message, options: ReadOptions): Records {
  const results = readObservations(message, options)
  const alarms = messageType(message).event === 'R40' ? readSourceAlarms(message, options) : []
  return {
    samples: samplesOf(results),
    events: [...results.flatMap(withdrawals), ...alarms.map(alarmEvent)],
    findings: results.flatMap(findingsOf).slice(0, MOST_FINDINGS),
  }
}

function samplesOf(results: readonly PatientResult[]): Records['samples'] {
  const byTime = new Map<number, Moment>()
  const at = (t: number): Moment => {
    const there = byTime.get(t) ?? { m: {}, next: new Map() }
    byTime.set(t, there)
    return there
  }
  for (const { observations, unmapped } of results) {
    for (const { signal, value, timeMs, channel } of observations) {
      const moment = at(timeMs)
      // A second value of the same moment has a channel, or is a repetition: kept under a name of its own, never mixed.
      moment.m[signal.name in moment.m ? freeName(moment, signal.name, channel ?? 'again') : signal.name] = value
    }
    for (const { code, value, timeMs } of unmapped) {
      const moment = at(timeMs)
      moment.m[freeName(moment, 'hl7', code.name || code.code)] = value
    }
  }
  return [...byTime].sort(([a], [b]) => a - b).map(([t, { m }]) => ({ t, m }))
}

/** What was measured at one time, and from which number on a name that is taken is free. */
interface Moment {
  readonly m: Record<string, number>
  readonly next: Map<string, number>
}

const LONGEST_NAME = 32

/** A wire name nobody has yet: letters, digits and `_`, 32 at most. */
function freeName({ m, next }: Moment, first: string, second: string): string {
  const plain = `${first}_${second.slice(0, LONGEST_NAME)}`.slice(0, LONGEST_NAME - 3).replace(/[^A-Za-z0-9_]/g, '_')
  if (!(plain in m)) return plain
  for (let n = next.get(plain) ?? 2; ; n++) {
    const number = `_${n}`
    const name = plain.slice(0, LONGEST_NAME - number.length) + number
    if (name in m) continue
    next.set(plain, n + 1)
    return name
  }
}

function withdrawals({ withdrawn }: PatientResult): readonly Omit<DeviceEvent, 'e' | 's'>[] {
  return withdrawn.map(({ signal, timeMs, code }) => ({
    t: timeMs,
    ev: 'result_withdrawn',
    ph: 'once' as const,
    ...(signal && { src: signal.name }),
    data: { code: short(code.code) },
  }))
}

const PHASES: Readonly<Record<string, DeviceEvent['ph']>> = { start: 'start', end: 'end', reset: 'end' }

function alarmEvent(alarm: SourceAlarm): Omit<DeviceEvent, 'e' | 's'> {
  const { id, event, phase, state, inactivation, priority, type, source, value, text, timeMs } = alarm
  const said = { id: id.join('^'), event, text, phase, state, inactivation: inactivation.join('~'), priority, type, source }
  const data = Object.fromEntries(Object.entries(said).flatMap(([key, part]) => (part === undefined || part === '' ? [] : [[key, short(part)]])))
  return { t: timeMs, ev: 'source_alarm', ph: PHASES[phase] ?? 'once', data: value === undefined ? data : { ...data, value } }
}

function short(text: string): string {
  return text.replaceAll('\0', '').toWellFormed().slice(0, 200)
}

function findingsOf({ refused, unmapped, observations }: PatientResult): readonly Finding[] {
  const found: readonly (Omit<Finding, 'code'> & { readonly code: { readonly code: string } })[] = [
    ...refused,
    ...unmapped.map(({ row, code }) => ({ row, code, why: 'UNMAPPED' as const })),
    ...observations.flatMap(({ row, code, warnings }) => warnings.map((why) => ({ row, code, why }))),
  ]
  return found.map(({ row, code, why }) => ({ row, code: short(code.code), why })).sort((a, b) => a.row - b.row)
}
