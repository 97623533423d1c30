import Type, { type Static } from 'typebox'
import { checker } from '../check.ts'
import { Bed, Ward } from './patients.ts'
import { CommandRecord, DeviceConfig } from './devices.ts'
import { DeviceStatus, LatestValue, Name, Problem } from './schema.ts'

export * from './live-wire.ts'

/** Client to server. The newest `watch` replaces the one before. */
export const LiveRequest = Type.Union([
  Type.Object({ type: Type.Literal('watch'), wards: Type.Optional(Type.Array(Name, { maxItems: 16 })), devices: Type.Optional(Type.Array(Name, { maxItems: 64 })), waves: Type.Optional(Type.Array(Name, { maxItems: 8, description: 'Devices whose waveforms are wanted' })) }, { additionalProperties: false }),
  Type.Object({ type: Type.Literal('ping'), id: Type.Integer() }, { additionalProperties: false }),
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
  Type.Object({ type: Type.Literal('heartbeat'), serverTimeMs: Type.Number(), durable: Type.Enum(['ok', 'away']), pong: Type.Optional(Type.Integer()) }),
  Type.Object({ type: Type.Literal('refused'), serverTimeMs: Type.Number(), problem: Problem }),
])
export type LiveFrame = Static<typeof LiveFrame>
