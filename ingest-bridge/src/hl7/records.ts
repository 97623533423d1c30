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

/** Reads a message into what the durable lane stores. Pure: the same bytes give the same records, also after a restart. */
export function toRecords(message: Message, options: ReadOptions): Records {
  const results = readObservations(message, options)
  const alarms = messageType(message).event === 'R40' ? readSourceAlarms(message, options) : []
  return {
    samples: samplesOf(results),
    events: [...results.flatMap(withdrawals), ...alarms.map(alarmEvent)],
    findings: results.flatMap(findingsOf),
  }
}

function samplesOf(results: readonly PatientResult[]): Records['samples'] {
  const byTime = new Map<number, Record<string, number>>()
  const at = (t: number): Record<string, number> => {
    const there = byTime.get(t) ?? {}
    byTime.set(t, there)
    return there
  }
  for (const { observations, unmapped } of results) {
    for (const { signal, value, timeMs, channel } of observations) {
      const m = at(timeMs)
      // A second value of the same moment has a channel, or is a repetition: kept under a name of its own, never mixed.
      m[signal.name in m ? freeName(m, `${signal.name}_${channel ?? 'again'}`) : signal.name] = value
    }
    for (const { code, value, timeMs } of unmapped) {
      const m = at(timeMs)
      m[freeName(m, `hl7_${code.name || code.code}`)] = value
    }
  }
  return [...byTime].sort(([a], [b]) => a - b).map(([t, m]) => ({ t, m }))
}

/** A wire name nobody has yet: letters, digits and `_`, 32 at most. */
function freeName(taken: Readonly<Record<string, unknown>>, wanted: string): string {
  const plain = wanted.replace(/[^A-Za-z0-9_]/g, '_').replace(/^(?![A-Za-z])/, 'x').slice(0, 29)
  if (!(plain in taken)) return plain
  for (let n = 2; ; n++) if (!(`${plain}_${n}` in taken)) return `${plain}_${n}`.slice(0, 32)
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
  return [
    ...refused.map(({ row, code, why }) => ({ row, code: code.code, why })),
    ...unmapped.map(({ row, code }) => ({ row, code: code.code, why: 'UNMAPPED' as const })),
    ...observations.flatMap(({ row, code, warnings }) => warnings.map((why) => ({ row, code: code.code, why }))),
  ].sort((a, b) => a.row - b.row)
}
