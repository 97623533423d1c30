import Type, { type Static } from 'typebox'
import { Alarm, AlarmWatch, AudioNow, LimitNote, MonitoringNow, News2Now } from './alarms.ts'
import { PatientSummary, Sex } from './person.ts'
import { IsoTime, LatestValue, DeviceStatus, Mode, Name, Uuid } from './schema.ts'

export * from './person.ts'

const person = {
  identifier: Type.Optional(Type.String({ minLength: 1, maxLength: 64, description: 'Hospital number' })),
  familyName: Type.String({ minLength: 1, maxLength: 100 }),
  givenName: Type.Optional(Type.String({ maxLength: 100 })),
  title: Type.Optional(Type.String({ maxLength: 20 })),
  birthDate: Type.Optional(Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$', description: 'YYYY-MM-DD' })),
  sex: Type.Optional(Sex),
  note: Type.Optional(Type.String({ maxLength: 2000 })),
  mode: Type.Optional(Mode),
}

export const NewPatient = Type.Object(person, { additionalProperties: false, description: 'A new patient' })
export type NewPatient = Static<typeof NewPatient>

export const PatientChange = Type.Object(
  { ...Object.fromEntries(Object.entries(person).map(([k, v]) => [k, Type.Optional(v)])) as unknown as { [K in keyof typeof person]: ReturnType<typeof Type.Optional<(typeof person)[K]>> }, version: Type.Integer({ minimum: 1 }) },
  { additionalProperties: false, description: 'A change; version as last read' },
)
export type PatientChange = Static<typeof PatientChange>

export const Patient = Type.Object({ ...person, id: Uuid, version: Type.Integer(), createdAt: IsoTime })
export type Patient = Static<typeof Patient>

export const PatientList = Type.Object({ patients: Type.Array(Patient) })
export type PatientList = Static<typeof PatientList>

export const MonitoringInterval = Type.Object({ id: Uuid, deviceId: Name, from: IsoTime, to: Type.Optional(IsoTime) })
export type MonitoringInterval = Static<typeof MonitoringInterval>

export const Stay = Type.Object({
  id: Uuid,
  patient: PatientSummary,
  bedId: Type.Optional(Name),
  wardId: Type.Optional(Name),
  deviceId: Type.Optional(Name),
  reason: Type.String(),
  admittedAt: IsoTime,
  dischargedAt: Type.Optional(IsoTime),
  version: Type.Integer(),
  monitoring: Type.Array(MonitoringInterval),
})
export type Stay = Static<typeof Stay>

export const NewStay = Type.Object(
  {
    patientId: Uuid,
    bedId: Name,
    deviceId: Type.Optional(Name),
    reason: Type.Optional(Type.String({ maxLength: 500 })),
    admittedAt: Type.Optional(Type.String({ maxLength: 40, description: 'ISO 8601, when the stay really began, if that was earlier; the device counts as linked from then on. Not in the future, at most 30 days ago' })),
  },
  { additionalProperties: false, description: 'Admit a patient to a bed' },
)
export type NewStay = Static<typeof NewStay>

export const StayChange = Type.Object(
  {
    /** Links this device; `null` unlinks. A device linked elsewhere is refused (`DEVICE_IN_USE`) and the answer says where. */
    deviceId: Type.Optional(Type.Union([Name, Type.Null()])),
    reason: Type.Optional(Type.String({ maxLength: 500 })),
    version: Type.Optional(Type.Integer({ minimum: 1 })),
  },
  { additionalProperties: false, description: 'Link or unlink a device, or change the reason' },
)
export type StayChange = Static<typeof StayChange>

export const Transfer = Type.Object(
  { bedId: Name, swap: Type.Optional(Type.Boolean({ description: 'If somebody is in that bed, they take this one in the same moment; without it an occupied bed is refused' })) },
  { additionalProperties: false, description: 'Move to another bed' },
)
export type Transfer = Static<typeof Transfer>

/** A discharge can be taken back for this long: a slip of the finger must not split a stay in two. */
export const REOPEN_WITHIN_MS = 300_000

export const BedDevice = Type.Object({
  id: Name,
  label: Type.String(),
  mode: Mode,
  status: DeviceStatus,
  lastSeen: Type.Optional(IsoTime),
  intervalMs: Type.Integer({ description: 'Interval the device reports with; freshness follows from it' }),
})
export type BedDevice = Static<typeof BedDevice>

/** A cuff's own value stands among the newest values of its device; this one somebody read and wrote. */
export const TypedPressure = Type.Object({
  sys: Type.Number({ description: 'mm[Hg]' }),
  dia: Type.Optional(Type.Number({ description: 'mm[Hg]; of the same measurement' })),
  t: Type.Number({ description: 'When measured, as it was typed in; ms since the Unix epoch' }),
})
export type TypedPressure = Static<typeof TypedPressure>

export const Bed = Type.Object({
  id: Name,
  label: Type.String(),
  stay: Type.Optional(Type.Object({ id: Uuid, admittedAt: IsoTime, reason: Type.String(), patient: PatientSummary })),
  device: Type.Optional(BedDevice),
  latest: Type.Record(Type.String(), LatestValue, { description: 'By signal; only values measured in this stay' }),
  freshness: Type.Record(Type.String(), Type.String(), { description: 'live, late, stale or never by signal, at the time of the answer' }),
  /** Newest blood pressure that somebody typed in, of this stay and of the last 12 hours. */
  typedPressure: Type.Optional(TypedPressure),
  /** Open alarms of this stay and its device, highest priority first. */
  alarms: Type.Optional(Type.Array(Alarm)),
  audio: Type.Optional(AudioNow),
  monitoring: Type.Optional(MonitoringNow),
  news2: Type.Optional(News2Now),
  /** Conditions that are switched off or whose limit was changed, in force now: shown in words on every screen. */
  limitNotes: Type.Optional(Type.Array(LimitNote)),
})
export type Bed = Static<typeof Bed>

export const Ward = Type.Object({
  id: Name,
  name: Type.String(),
  site: Name,
  mode: Mode,
  soundFloor: Type.Optional(Type.Integer({ description: 'Screens that listen to it are not set quieter than this; percent' })),
  beds: Type.Array(Bed),
  /** Open alarms about the ward or the site itself, not about one bed. */
  alarms: Type.Optional(Type.Array(Alarm)),
  alarmWatch: Type.Optional(AlarmWatch),
  serverTimeMs: Type.Number(),
})
export type Ward = Static<typeof Ward>

/** How quiet a screen that listens to the ward may be at most. */
export const SoundFloor = Type.Object({ percent: Type.Integer({ minimum: 0, maximum: 100 }) }, { additionalProperties: false, description: 'Least volume of the screens of a ward; 0 for none' })
export type SoundFloor = Static<typeof SoundFloor>

export const WardList = Type.Object({ wards: Type.Array(Ward) })
export type WardList = Static<typeof WardList>
