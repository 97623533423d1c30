import Type, { type Static } from 'typebox'
import { checker } from '../check.ts'
import { Alarm, AlarmWatch, AudioNow, MonitoringNow, News2Now } from './alarms.ts'
import { BreakGlass } from './break-glass.ts'
import { Bed, Ward } from './patients.ts'
import { CommandRecord, DeviceConfig } from './devices.ts'
import { DeviceStatus, LatestValue, Name, nullable, Problem, Uuid } from './schema.ts'

export * from './live-wire.ts'

/** Client to server. The newest `watch` replaces the one before. */
export const LiveRequest = Type.Union([
  Type.Object({ type: Type.Literal('watch'), wards: Type.Optional(Type.Array(Name, { maxItems: 16 })), devices: Type.Optional(Type.Array(Name, { maxItems: 64 })), waves: Type.Optional(Type.Array(Name, { maxItems: 8, description: 'Devices whose waveforms are wanted' })) }, { additionalProperties: false }),
  Type.Object({ type: Type.Literal('ping'), id: Type.Integer() }, { additionalProperties: false }),
  /** A person has heard the test sound on this screen: it is armed for these wards from now on. */
  Type.Object({ type: Type.Literal('arm'), wards: Type.Array(Name, { minItems: 1, maxItems: 16 }), heard: Type.Literal(true) }, { additionalProperties: false }),
  /** Every `ARMED_BEAT_MS` from an armed screen; `audible` false (suspended audio, sound switched off) or silence disarms it. */
  Type.Object({ type: Type.Literal('armed'), audible: Type.Boolean() }, { additionalProperties: false }),
  Type.Object({ type: Type.Literal('disarm') }, { additionalProperties: false }),
])
export type LiveRequest = Static<typeof LiveRequest>
export const checkLiveRequest = checker(LiveRequest)

/** What changed on one device since the last frame to this client; only the newest value of each signal (conflated). */
export const DeviceDelta = Type.Object({
  device: Name,
  status: Type.Optional(DeviceStatus),
  intervalMs: Type.Optional(Type.Integer()),
  values: Type.Optional(Type.Record(Type.String(), LatestValue)),
})
export type DeviceDelta = Static<typeof DeviceDelta>

/** Server to client. */
export const LiveFrame = Type.Union([
  Type.Object({ type: Type.Literal('hello'), serverTimeMs: Type.Number(), durable: Type.Enum(['ok', 'away']) }),
  Type.Object({ type: Type.Literal('ward'), serverTimeMs: Type.Number(), ward: Ward }),
  Type.Object({ type: Type.Literal('bed'), serverTimeMs: Type.Number(), wardId: Name, bed: Bed }),
  Type.Object({ type: Type.Literal('values'), serverTimeMs: Type.Number(), devices: Type.Array(DeviceDelta) }),
  Type.Object({ type: Type.Literal('command'), serverTimeMs: Type.Number(), command: CommandRecord }),
  Type.Object({ type: Type.Literal('config'), serverTimeMs: Type.Number(), device: Name, config: DeviceConfig }),
  /** At once with each change of one alarm, never waiting for the tick; `cleared` is the last word about it. */
  Type.Object({ type: Type.Literal('alarm'), serverTimeMs: Type.Number(), alarm: Alarm }),
  Type.Object({ type: Type.Literal('audio'), serverTimeMs: Type.Number(), wardId: Type.Optional(Name), stayId: Uuid, audio: AudioNow }),
  Type.Object({ type: Type.Literal('monitoring'), serverTimeMs: Type.Number(), wardId: Type.Optional(Name), stayId: Uuid, monitoring: MonitoringNow }),
  Type.Object({ type: Type.Literal('news2'), serverTimeMs: Type.Number(), wardId: Type.Optional(Name), stayId: Uuid, news2: nullable(News2Now) }),
  /** Whether alarms are watched, and who would hear them; after `arm`, at each change, and with each ward. */
  Type.Object({ type: Type.Literal('alarm_watch'), serverTimeMs: Type.Number(), watch: AlarmWatch }),
  /** Whether this very screen counts as armed. */
  Type.Object({ type: Type.Literal('armed'), serverTimeMs: Type.Number(), armed: Type.Boolean(), wards: Type.Array(Name) }),
  /** Wards opened in an emergency, for whoever is in charge of them; all of them, at each change. */
  Type.Object({ type: Type.Literal('glass'), serverTimeMs: Type.Number(), grants: Type.Array(BreakGlass) }),
  /** The review list of admissions changed; it is asked for by who shows it. */
  Type.Object({ type: Type.Literal('proposals'), serverTimeMs: Type.Number() }),
  Type.Object({ type: Type.Literal('heartbeat'), serverTimeMs: Type.Number(), durable: Type.Enum(['ok', 'away']), pong: Type.Optional(Type.Integer()) }),
  Type.Object({ type: Type.Literal('refused'), serverTimeMs: Type.Number(), problem: Problem }),
])
export type LiveFrame = Static<typeof LiveFrame>
