import Type, { type Static } from 'typebox'
import { IsoTime, Name, Uuid } from './schema.ts'

const keyed = Type.Record(Type.String({ maxLength: 64 }), Type.Unknown(), { minProperties: 1, maxProperties: 32 })

/** So many devices, or so many of a hundred of all that were chosen. */
export const RingSize = Type.Union([
  Type.Object({ devices: Type.Integer({ minimum: 1, maximum: 10_000 }) }, { additionalProperties: false }),
  Type.Object({ percent: Type.Integer({ minimum: 1, maximum: 100 }) }, { additionalProperties: false }),
])
export type RingSize = Static<typeof RingSize>

export const NewRollout = Type.Object(
  {
    devices: Type.Optional(Type.Array(Name, { minItems: 1, maxItems: 5_000, uniqueItems: true })),
    wardId: Type.Optional(Name),
    model: Type.Optional(Type.String({ minLength: 1, maxLength: 64, description: 'Hardware, as devices report it' })),
    set: keyed,
    rings: Type.Optional(Type.Array(RingSize, { maxItems: 8, description: 'Sizes one after the other; what is left over is the last ring. Default: one device, then 25 %' })),
    waitS: Type.Optional(Type.Integer({ minimum: 5, maximum: 86_400, description: 'So long a device has to report the new version; default 300' })),
    watchS: Type.Optional(Type.Integer({ minimum: 0, maximum: 86_400, description: 'So long a ring is watched after its last report; default 60' })),
    mostFailed: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000, description: 'Stops when more than so many of a ring fail; default 0' })),
    reason: Type.String({ minLength: 3, maxLength: 500 }),
  },
  { additionalProperties: false, description: 'Change the configuration of many devices ring by ring; exactly one of devices, wardId and model' },
)
export type NewRollout = Static<typeof NewRollout>

/** Which devices, and how they are cut: what `NewRollout` says of both. */
export const RolloutDraft = Type.Pick(NewRollout, ['devices', 'wardId', 'model', 'rings'], { additionalProperties: false, description: 'A change by rings that has not begun' })
export type RolloutDraft = Static<typeof RolloutDraft>

export const RingSizes = Type.Object({ rings: Type.Array(Type.Integer(), { description: 'Devices in each, none of them empty' }) })
export type RingSizes = Static<typeof RingSizes>

export const RolloutState = Type.Enum(['running', 'paused', 'stopped', 'done', 'cancelled', 'putting_back', 'put_back'], { description: 'stopped: by itself, because too many failed' })
export type RolloutState = Static<typeof RolloutState>

export const RolloutDeviceState = Type.Enum(['waiting', 'asking', 'asked', 'done', 'failed', 'back', 'left'], { description: 'back: its settings before were asked again; left: not put back, because somebody changed it since' })
export type RolloutDeviceState = Static<typeof RolloutDeviceState>

export const RolloutFault = Type.Enum(['refused', 'silent', 'no_report', 'overtaken', 'gone'])
export type RolloutFault = Static<typeof RolloutFault>

export const RolloutAct = Type.Enum(['pause', 'resume', 'cancel', 'put_back'])
export type RolloutAct = Static<typeof RolloutAct>

export const RolloutActing = Type.Object(
  { act: RolloutAct, version: Type.Integer({ minimum: 1, description: 'Version this decision was made on; an older one gets 409' }), reason: Type.Optional(Type.String({ maxLength: 500 })) },
  { additionalProperties: false, description: 'Pause, resume, cancel or put back' },
)
export type RolloutActing = Static<typeof RolloutActing>

export const Rollout = Type.Object({
  id: Uuid,
  version: Type.Integer({ description: 'Grows with every decision of a person and every stop' }),
  state: RolloutState,
  set: keyed,
  reason: Type.String(),
  createdAt: IsoTime,
  createdBy: Type.String(),
  waitS: Type.Integer(),
  watchS: Type.Integer(),
  mostFailed: Type.Integer(),
  ring: Type.Integer({ description: 'The ring under way, from 0' }),
  devices: Type.Array(
    Type.Object({
      id: Name,
      ring: Type.Integer(),
      state: RolloutDeviceState,
      version: Type.Optional(Type.Integer({ description: 'Version it was asked for' })),
      fault: Type.Optional(RolloutFault),
      why: Type.Optional(Type.String({ description: 'What the device said' })),
    }),
  ),
})
export type Rollout = Static<typeof Rollout>

/** Newest first. */
export const RolloutList = Type.Object({ rollouts: Type.Array(Rollout) })
export type RolloutList = Static<typeof RolloutList>
