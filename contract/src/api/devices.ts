import Type, { type Static } from 'typebox'
import { Capabilities } from '../messages/state.ts'
import { DeviceStatus, IsoTime, Mode, Name, Uuid, nullable } from './schema.ts'

const Identifier = Type.String({ pattern: '^[A-Za-z][A-Za-z_]{0,30}$', description: 'Name in the thing model' })

/** What a device made for Alibaba Cloud is called there, and what its thing model offers to the centre. */
export const AlinkDevice = Type.Object(
  {
    productKey: Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$' }),
    deviceName: Type.String({ pattern: '^[A-Za-z0-9_.@:-]{1,64}$' }),
    services: Type.Optional(Type.Array(Identifier, { maxItems: 32, description: 'Services it has: each becomes a command' })),
    settings: Type.Optional(Type.Array(Identifier, { maxItems: 32, description: 'Properties the centre may set: each becomes a setting' })),
  },
  { additionalProperties: false, description: 'A device that speaks Alink' },
)
export type AlinkDevice = Static<typeof AlinkDevice>

const AlinkSecret = Type.String({ pattern: '^[\\x21-\\x7e]{16,128}$', description: 'The device secret it signs with; stored sealed, never told again' })

export const NewAlinkDevice = Type.Object(
  { ...AlinkDevice.properties, secret: Type.Optional(AlinkSecret) },
  { additionalProperties: false, description: 'A device that speaks Alink; without a secret one is made' },
)
export type NewAlinkDevice = Static<typeof NewAlinkDevice>

export const NewDevice = Type.Object(
  { id: Name, alink: Type.Optional(NewAlinkDevice), site: Type.Optional(Name), label: Type.Optional(Type.String({ maxLength: 100 })), mode: Type.Optional(Mode), note: Type.Optional(Type.String({ maxLength: 500 })) },
  { additionalProperties: false, description: 'Register a device' },
)
export type NewDevice = Static<typeof NewDevice>

/** The secret is shown this once and stored only as a keyed hash. */
export const DeviceCreated = Type.Object({ id: Name, site: Name, secret: Type.String() })
export type DeviceCreated = Static<typeof DeviceCreated>

export const DeviceChange = Type.Object(
  { label: Type.Optional(Type.String({ maxLength: 100 })), note: Type.Optional(Type.String({ maxLength: 500 })), mode: Type.Optional(Mode) },
  { additionalProperties: false, description: 'Change a device' },
)
export type DeviceChange = Static<typeof DeviceChange>

export const SecretRotation = Type.Object(
  {
    previousValidForMs: Type.Optional(Type.Integer({ minimum: 0, maximum: 604_800_000, description: 'How long the secret before is still taken, so that the board can be told; default one day, 0 ends it at once' })),
    reason: Type.Optional(Type.String({ maxLength: 500 })),
  },
  { additionalProperties: false, description: 'Give a device a new secret' },
)
export type SecretRotation = Static<typeof SecretRotation>

export const SecretRotated = Type.Object({ ...DeviceCreated.properties, previousUntil: Type.Optional(IsoTime) })
export type SecretRotated = Static<typeof SecretRotated>

export const Revocation = Type.Object({ reason: Type.String({ minLength: 1, maxLength: 500 }) }, { additionalProperties: false, description: 'End every secret of a device at once, e.g. because the board was stolen' })
export type Revocation = Static<typeof Revocation>

export const Replacement = Type.Object(
  { newDevice: Name, reason: Type.String({ minLength: 1, maxLength: 500 }) },
  { additionalProperties: false, description: 'Another device goes on watching the same stay, from the same instant' },
)
export type Replacement = Static<typeof Replacement>

/** What the device may sign in with, without the secret itself. */
export const DeviceCredentials = Type.Object({
  since: IsoTime,
  previousUntil: Type.Optional(Type.String({ description: 'The secret before is taken until then' })),
  revokedAt: Type.Optional(Type.String({ description: 'Set while the device has no valid secret; enrol it anew or rotate' })),
})
export type DeviceCredentials = Static<typeof DeviceCredentials>

export const DeviceNotice = Type.Object({ kind: Type.String(), firstAt: IsoTime, lastAt: IsoTime, count: Type.Integer(), detail: Type.Optional(Type.Record(Type.String(), Type.Unknown())) })
export type DeviceNotice = Static<typeof DeviceNotice>

/** Versions of the configuration; absent where neither side named any. */
export const ConfigVersions = Type.Object({
  desired: Type.Integer({ description: '0: nothing was asked' }),
  reported: Type.Integer({ description: '0: the device has not said' }),
  refused: Type.Array(Type.String(), { description: 'Keys the device refused' }),
})
export type ConfigVersions = Static<typeof ConfigVersions>

export const Device = Type.Object({
  id: Name,
  site: Name,
  label: Type.String(),
  mode: Mode,
  note: Type.String(),
  status: DeviceStatus,
  lastSeen: nullable(IsoTime),
  createdAt: IsoTime,
  retiredAt: Type.Optional(IsoTime),
  credentials: DeviceCredentials,
  firmware: Type.Optional(Type.String()),
  hardware: Type.Optional(Type.String()),
  epoch: Type.Optional(Type.String()),
  unsent: Type.Optional(Type.Integer({ description: 'Objects waiting on the device' })),
  dropped: Type.Optional(Type.Integer()),
  clockOffMs: Type.Optional(Type.Integer({ description: 'How far its clock is ahead of the server\'s by the least delayed of its last live messages, ms; negative: behind. Absent for a device without a clock' })),
  battery: Type.Optional(Type.Number({ description: 'Last it said, percent' })),
  rssi: Type.Optional(Type.Number({ description: 'Last it said, dBm' })),
  config: Type.Optional(ConfigVersions),
  firmwareDesired: Type.Optional(Type.String({ description: 'What its hardware model should run, by decision of an operator' })),
  othersRun: Type.Optional(Type.String({ description: 'While nothing is decided: newest firmware seen on other devices of the same hardware, when it is newer than this one' })),
  capabilities: Type.Optional(Capabilities),
  alink: Type.Optional(AlinkDevice),
  intervalMs: Type.Integer(),
  stay: Type.Optional(Type.Object({ id: Uuid, bedId: Type.Optional(Name), wardId: Type.Optional(Name) })),
  notices: Type.Array(DeviceNotice),
})
export type Device = Static<typeof Device>

export const DeviceList = Type.Object({ devices: Type.Array(Device) })
export type DeviceList = Static<typeof DeviceList>

export const Ledger = Type.Object({
  epochs: Type.Array(
    Type.Object({
      epoch: Type.String(),
      upto: Type.Integer({ description: 'Unbroken from 1 up to here' }),
      received: Type.Integer(),
      missing: Type.Integer({ description: 'Numbers below the highest received that are not in PostgreSQL' }),
      lost: Type.Integer({ description: 'Of the missing, those the device said it gave up' }),
      duplicates: Type.Integer({ description: 'Rows stored more than once; always 0 unless something is broken' }),
      ranges: Type.Array(Type.Tuple([Type.Integer(), Type.Integer()])),
      firstAt: IsoTime,
      lastAt: IsoTime,
    }),
  ),
})
export type Ledger = Static<typeof Ledger>

/** Completeness by day of measurement, oldest first; a day without anything expects 0. */
export const Completeness = Type.Object({
  zone: Type.String({ description: 'IANA time zone whose days these are' }),
  days: Type.Array(
    Type.Object({
      day: Type.String({ description: 'YYYY-MM-DD' }),
      expected: Type.Integer({ description: 'Numbers the device gave, up to the last one measured that day that arrived' }),
      received: Type.Integer(),
      missing: Type.Integer({ description: 'Numbers not in PostgreSQL; those around midnight count for the day in which the next one that arrived was measured' }),
      lost: Type.Integer({ description: 'Of the missing, those the device said it gave up' }),
    }),
  ),
})
export type Completeness = Static<typeof Completeness>

export const CommandState = Type.Enum(['queued', 'sent', 'accepted', 'running', 'done', 'failed', 'refused', 'expired', 'cancelled', 'unknown'],
)
export type CommandState = Static<typeof CommandState>

export const NewCommand = Type.Object(
  {
    do: Type.String({ pattern: '^[a-z][a-z_]{0,31}$' }),
    args: Type.Optional(Type.Record(Type.String({ maxLength: 64 }), Type.Unknown())),
    expiresInMs: Type.Optional(Type.Integer({ minimum: 1_000, maximum: 86_400_000, description: 'Default 60 s' })),
    reason: Type.Optional(Type.String({ maxLength: 500 })),
    retryOf: Type.Optional(Uuid),
  },
  { additionalProperties: false, description: 'Ask a device to do something' },
)
export type NewCommand = Static<typeof NewCommand>

export const CommandAccepted = Type.Object({ id: Uuid, state: CommandState })
export type CommandAccepted = Static<typeof CommandAccepted>

export const CommandRecord = Type.Object({
  id: Uuid,
  deviceId: Name,
  do: Type.String(),
  args: Type.Record(Type.String(), Type.Unknown()),
  state: CommandState,
  progress: Type.Optional(Type.Number()),
  data: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  why: Type.Optional(Type.String()),
  reason: Type.String(),
  askedBy: Type.String(),
  createdAt: IsoTime,
  expiresAt: IsoTime,
  updatedAt: IsoTime,
  steps: Type.Array(Type.Object({ at: IsoTime, state: Type.String() })),
})
export type CommandRecord = Static<typeof CommandRecord>

/** Newest first. */
export const CommandList = Type.Object({ commands: Type.Array(CommandRecord) })
export type CommandList = Static<typeof CommandList>

const keyed = Type.Record(Type.String(), Type.Unknown())

/** Asked beside reported: equal versions and values mean the device runs what was asked. */
export const DeviceConfig = Type.Object({
  desired: Type.Object({ version: Type.Integer(), set: keyed, at: Type.Optional(IsoTime), by: Type.Optional(Type.String()) }),
  reported: Type.Object({ version: Type.Integer(), set: keyed, errors: Type.Record(Type.String(), Type.String()), at: Type.Optional(IsoTime) }),
})
export type DeviceConfig = Static<typeof DeviceConfig>

export const DeviceConfigChange = Type.Object(
  { version: Type.Integer({ minimum: 0, description: 'Desired version this edit started from; an older one gets 409' }), set: keyed, reason: Type.Optional(Type.String({ maxLength: 500 })) },
  { additionalProperties: false, description: 'Change the desired configuration' },
)
export type DeviceConfigChange = Static<typeof DeviceConfigChange>
