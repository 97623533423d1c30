import { type SignalName, signalByName } from '../catalogue.ts'

/**
 * Words of the alarm system, after IEC 60601-1-8 and ISO/IEEE 11073-10201. No Node and no schema compiler here: the same
 * files run in the central station, on a board and in a browser.
 */
export const priorities = ['low', 'medium', 'high'] as const
export type Priority = (typeof priorities)[number]

/** Physiological and technical alarms are separate lists. */
export const alarmKinds = ['physiological', 'technical'] as const
export type AlarmKind = (typeof alarmKinds)[number]

/**
 * `pending` waits for its onset delay and is told to nobody; `active` is announced and unanswered; `latched` is a high alarm
 * that was over before anyone saw it ("over, unseen").
 */
export const alarmPhases = ['normal', 'pending', 'active', 'acknowledged', 'latched'] as const
export type AlarmPhase = (typeof alarmPhases)[number]

/** Audio of one stay: `paused` ends by itself or with a new or worse condition; `off` stays until somebody ends it. */
export const audioModes = ['on', 'paused', 'off'] as const
export type AudioMode = (typeof audioModes)[number]

/** Monitoring of one stay: `paused` ends by itself, 60 minutes later at the most. */
export const monitoringModes = ['on', 'paused'] as const
export type MonitoringMode = (typeof monitoringModes)[number]

/** What an alarm is about. */
export const subjectKinds = ['stay', 'device', 'ward', 'site'] as const
export type SubjectKind = (typeof subjectKinds)[number]
export interface Subject {
  readonly kind: SubjectKind
  readonly id: string
}

export function subjectKey({ kind, id }: Subject): string {
  return `${kind}:${id}`
}

/** Kinds of conditions; those with `signal` are written `type:signal`, for example `low:spo2`. */
export const conditionTypes = {
  low: { kind: 'physiological', signal: true },
  high: { kind: 'physiological', signal: true },
  /** Desaturation: a second, lower SpO2 limit with a shorter delay. */
  desat: { kind: 'physiological', signal: true },
  /** Change over a minute; off unless a limit is set. */
  rate: { kind: 'physiological', signal: true },
  apnoea: { kind: 'physiological', signal: false },
  news2: { kind: 'physiological', signal: false },
  /** The patient says that they are unwell; over when somebody answers. */
  patient_call: { kind: 'physiological', signal: false },
  /** A pause of monitoring ends soon: whoever took the patient away, or comes back to the bed, is reminded. */
  pause_ending: { kind: 'technical', signal: false },
  probe_off: { kind: 'technical', signal: true },
  sensor_fault: { kind: 'technical', signal: true },
  poor_signal: { kind: 'technical', signal: true },
  no_data: { kind: 'technical', signal: true },
  device_lost: { kind: 'technical', signal: false },
  /** More than ten devices lost within a minute have one cause. */
  link_lost: { kind: 'technical', signal: false },
  low_battery: { kind: 'technical', signal: false },
  clock_suspect: { kind: 'technical', signal: false },
  buffer_filling: { kind: 'technical', signal: false },
  unassigned_device: { kind: 'technical', signal: false },
  /** Alarms of a monitor itself, told by it; behind the colon which: `source_physiological:e196674m150456`. */
  source_physiological: { kind: 'physiological', signal: false },
  source_technical: { kind: 'technical', signal: false },
  /** A monitor that sends signs of life has stopped. */
  source_silent: { kind: 'technical', signal: false },
  database_away: { kind: 'technical', signal: false },
  no_armed_screen: { kind: 'technical', signal: false },
  bridge_behind: { kind: 'technical', signal: false },
  /** Monitoring path down: the canary sample did not come through. */
  path_down: { kind: 'technical', signal: false },
  /** The alarm engine itself does not answer; raised by whoever notices. */
  engine_away: { kind: 'technical', signal: false },
} as const satisfies Record<string, { kind: AlarmKind; signal: boolean }>

export type ConditionType = keyof typeof conditionTypes

export interface Condition {
  readonly type: ConditionType
  readonly signal: SignalName | undefined
}

/** `low:spo2`, `apnoea`. */
export type ConditionKey = string

export function conditionKey({ type, signal }: { readonly type: ConditionType; readonly signal?: SignalName | undefined }): ConditionKey {
  return signal === undefined ? type : `${type}:${signal}`
}

/** Reads a key; `undefined` for one that names no condition. */
export function parseCondition(key: string): Condition | undefined {
  const [type = '', signal, ...rest] = key.split(':')
  if (!Object.hasOwn(conditionTypes, type) || rest.length > 0) return undefined
  const known = conditionTypes[type as ConditionType]
  if (type === 'source_physiological' || type === 'source_technical') return { type, signal: undefined }
  if (known.signal !== (signal !== undefined)) return undefined
  const name = signal === undefined ? undefined : signalByName(signal)?.name
  return signal !== undefined && name === undefined ? undefined : { type: type as ConditionType, signal: name }
}

export function kindOf(key: ConditionKey): AlarmKind {
  return conditionTypes[(key.split(':')[0] ?? '') as ConditionType].kind
}

export function isPriority(text: string): text is Priority {
  return (priorities as readonly string[]).includes(text)
}

export function isHigher(a: Priority, than: Priority): boolean {
  return priorities.indexOf(a) > priorities.indexOf(than)
}

/** Who acted, and from where; `null` fields when it was a program. */
export interface AlarmActor {
  readonly user: string
  readonly role: string
  readonly origin: string
}
