import Type, { type Static } from 'typebox'
import { checker } from '../check.ts'
import { Epoch } from './parts.ts'

export const DeviceMode = Type.Enum(['real', 'test', 'demo'], { description: 'Marks everything from the device' })
export type DeviceMode = Static<typeof DeviceMode>

/** A command the device offers; `args` is a JSON Schema the app draws its form from. */
export const CommandOffer = Type.Object(
  {
    name: Type.String({ pattern: '^[a-z][a-z_]{0,31}$' }),
    risk: Type.Enum(['low', 'high']),
    args: Type.Optional(Type.Record(Type.String({ maxLength: 64 }), Type.Unknown())),
  },
  { additionalProperties: false, description: 'A command the device offers' },
)
export type CommandOffer = Static<typeof CommandOffer>

/** What a device can do, said in its birth message. */
export const Capabilities = Type.Object(
  {
    receipts: Type.Optional(Type.Boolean({ description: 'The device keeps its objects until a receipt covers them' })),
    commands: Type.Optional(Type.Array(CommandOffer, { maxItems: 64 })),
    signals: Type.Optional(Type.Array(Type.String({ maxLength: 32 }), { maxItems: 64 })),
    waves: Type.Optional(Type.Array(Type.String({ maxLength: 32 }), { maxItems: 8 })),
    config: Type.Optional(Type.Record(Type.String({ maxLength: 64 }), Type.Unknown(), { description: 'JSON Schema per configuration key' })),
    sensors: Type.Optional(Type.Array(Type.Object({ model: Type.String({ maxLength: 32 }), address: Type.Integer({ minimum: 0, maximum: 127 }), place: Type.Optional(Type.String({ maxLength: 32 })) }), { maxItems: 16 })),
    note: Type.Optional(Type.String({ maxLength: 300, description: 'Free text shown with the device, e.g. what feeds an emulated sensor' })),
  },
  { additionalProperties: true, description: 'Capabilities of a device' },
)
export type Capabilities = Static<typeof Capabilities>

/** Retained birth message; its `lost` form is the last will. */
export const DeviceState = Type.Object(
  {
    st: Type.Enum(['online', 'lost', 'sleeping', 'off'], { description: 'Presence' }),
    e: Type.Optional(Epoch),
    upto: Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description: 'Last receipt the device remembers' })),
    mode: Type.Optional(DeviceMode),
    fw: Type.Optional(Type.String({ maxLength: 64 })),
    hw: Type.Optional(Type.String({ maxLength: 64 })),
    caps: Type.Optional(Capabilities),
    cfgv: Type.Optional(Type.Integer({ minimum: 0 })),
    unsent: Type.Optional(Type.Integer({ minimum: 0, description: 'Objects waiting in the spool' })),
    dropped: Type.Optional(Type.Integer({ minimum: 0, description: 'Objects given up in this epoch' })),
  },
  { additionalProperties: true, description: 'Presence and birth of a device' },
)
export type DeviceState = Static<typeof DeviceState>
export const checkDeviceState = checker(DeviceState)
