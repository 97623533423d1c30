import Type, { type Static } from 'typebox'
import { checker } from '../check.ts'
import { Epoch, Sequence, TimeMs, UptimeMs } from './parts.ts'

/** Sensor faults, button presses, local alarms; numbered in the same sequence as telemetry. */
export const DeviceEvent = Type.Object(
  {
    e: Epoch,
    s: Sequence,
    t: Type.Optional(TimeMs),
    up: Type.Optional(UptimeMs),
    ev: Type.String({ pattern: '^[a-z][a-z0-9_]{0,31}$', description: 'What happened, e.g. probe_off' }),
    ph: Type.Enum(['start', 'end', 'once'], { description: 'Phase' }),
    src: Type.Optional(Type.String({ pattern: '^[A-Za-z][A-Za-z0-9_]{0,31}$', description: 'Signal or part concerned' })),
    data: Type.Optional(Type.Record(Type.String({ maxLength: 32 }), Type.Union([Type.Number(), Type.String({ maxLength: 200 }), Type.Boolean()]))),
  },
  { additionalProperties: false, description: 'A device event' },
)
export type DeviceEvent = Static<typeof DeviceEvent>
export const checkDeviceEvent = checker(DeviceEvent)
