import { type SignalName, signalByName } from '../catalogue.ts'
import { sourceSentence } from './source-condition.ts'
import { type ConditionKey, type ConditionType, parseCondition } from './vocabulary.ts'

const short: Readonly<Partial<Record<SignalName, string>>> = {
  spo2: 'SpO2', pr: 'PR', hr: 'HR', rr: 'RR', temp: 'Temperature', tcore: 'Core temperature', tskin: 'Skin temperature', paw: 'Airway pressure',
  pip: 'Airway peak pressure', peep: 'PEEP', etco2: 'EtCO2', batt: 'Battery',
}
const plainUnits: Readonly<Record<string, string>> = { '/min': '/min', '%': '%', Cel: 'Cel', 'cm[H2O]': 'cmH2O', 'mm[Hg]': 'mmHg' }

const technical: Readonly<Partial<Record<ConditionType, string>>> = {
  probe_off: 'probe off', sensor_fault: 'sensor fault', poor_signal: 'poor signal', no_data: 'no data', device_lost: 'Device lost', link_lost: 'Link lost',
  low_battery: 'Battery low', clock_suspect: 'Device clock is wrong', buffer_filling: 'Device cannot deliver, its buffer is filling',
  unassigned_device: 'Device sends data but watches nobody', database_away: 'Database away: history waits on the disk', no_armed_screen: 'No screen of this ward will be heard',
  pause_ending: 'Monitoring is paused, and goes on soon: is everything back in place?', source_silent: 'The monitor gives no sign of life',
  bridge_behind: 'Storage is behind', path_down: 'Monitoring path down', engine_away: 'Alarms are not being watched',
}

export interface SentenceParts {
  readonly condition: ConditionKey
  readonly value?: number | null | undefined
  readonly limit?: number | null | undefined
  readonly questionable?: boolean
  readonly members?: number | undefined
}

/** What is the matter, in English and without the patient: "SpO2 84 %, below 90". */
export function alarmSentence(parts: SentenceParts): string {
  const condition = parseCondition(parts.condition)
  if (!condition) return parts.condition
  if (condition.type === 'source_physiological' || condition.type === 'source_technical') return sourceSentence(parts.condition.split(':')[1] ?? '')
  const text = physiological(condition.type, condition.signal, parts) ?? technicalSentence(condition.type, condition.signal, parts)
  return parts.questionable === true ? `${text} (questionable signal)` : text
}

function physiological(type: ConditionType, signal: SignalName | undefined, { value, limit }: SentenceParts): string | undefined {
  const what = signal && `${nameOf(signal)} ${withUnit(value, signal)}`
  switch (type) {
    case 'low': return `${what}, below ${limit}`
    case 'high': return `${what}, above ${limit}`
    case 'desat': return `Desaturation: ${what}, below ${limit}`
    case 'rate': return `${signal && nameOf(signal)} changed by ${withUnit(value, signal)} within a minute`
    case 'apnoea': return `No breath for ${limit} s`
    case 'news2': return `NEWS2 ${value}, from ${limit} on`
    case 'patient_call': return 'The patient feels unwell and calls'
    default: return undefined
  }
}

function technicalSentence(type: ConditionType, signal: SignalName | undefined, { value, members }: SentenceParts): string {
  const text = technical[type] ?? type
  if (signal !== undefined) return `${nameOf(signal)}: ${text}`
  if (type === 'low_battery' && typeof value === 'number') return `${text}: ${Math.round(value)} %`
  return type === 'link_lost' ? `${text}: ${members ?? value ?? 'many'} beds` : text
}

function nameOf(signal: SignalName): string {
  return short[signal] ?? signalByName(signal)?.display ?? signal
}

function withUnit(value: number | null | undefined, signal: SignalName | undefined): string {
  const known = signal && signalByName(signal)
  if (value === null || value === undefined) return '--'
  return `${value.toFixed(known?.decimals ?? 0)} ${plainUnits[known?.ucum ?? ''] ?? known?.ucum ?? ''}`.trim()
}
