import Type, { type Static } from 'typebox'
import { IsoTime, Uuid } from './schema.ts'
import { WardScope } from './tokens.ts'

/** What targets may be told of. `alarm.*` and `stay.*` are all of a family. */
export const outboundEvents = [
  'alarm.*', 'alarm.announced', 'alarm.worsened', 'alarm.re_alarmed', 'alarm.recurred', 'alarm.escalated', 'alarm.acknowledged', 'alarm.over_unseen', 'alarm.cleared', 'alarm.withdrawn',
  'alarm.monitoring_paused', 'alarm.monitoring_resumed',
  'stay.*', 'stay.admitted', 'stay.transferred', 'stay.discharged',
] as const

const TargetName = Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}$', description: 'What people call it' })
const Events = Type.Array(Type.Enum([...outboundEvents]), { maxItems: outboundEvents.length, uniqueItems: true, description: 'What it is told of' })
const Url = Type.String({ pattern: '^https?://[^\\s]+$', maxLength: 500 })
const Host = Type.String({ pattern: '^[A-Za-z0-9.:\\[\\]-]{1,255}$', description: 'Host name or address' })
const Port = Type.Integer({ minimum: 1, maximum: 65_535 })
const Names = Type.Boolean({ description: 'Whether patients\' names and numbers leave the house; default false' })
const EveryS = Type.Integer({ minimum: 0, maximum: 86_400, description: 'Newest values of every monitored stay every so many seconds; 0 for never' })
const Hl7Name = Type.String({ maxLength: 60 })

export const NewWebhook = Type.Object(
  { kind: Type.Literal('webhook'), name: TargetName, url: Url, events: Events, wards: Type.Optional(WardScope), names: Type.Optional(Names) },
  { additionalProperties: false, description: 'An HTTP address that is told of events, signed' },
)

export const NewHl7Receiver = Type.Object(
  {
    kind: Type.Literal('hl7'), name: TargetName, host: Host, port: Port, events: Events,
    tls: Type.Optional(Type.Boolean()), ca: Type.Optional(Type.String({ maxLength: 20_000, description: 'PEM of the authority its certificate is from' })),
    application: Type.Optional(Hl7Name), facility: Type.Optional(Hl7Name), receivingApplication: Type.Optional(Hl7Name), receivingFacility: Type.Optional(Hl7Name),
    observationsEveryS: Type.Optional(EveryS), wards: Type.Optional(WardScope), names: Type.Optional(Names),
  },
  { additionalProperties: false, description: 'An HL7 v2 receiver: alarms as PCD-04, observations as PCD-01, over MLLP' },
)

export const NewOutboundTarget = Type.Union([NewWebhook, NewHl7Receiver], { description: 'Where something goes by itself' })
export type NewOutboundTarget = Static<typeof NewOutboundTarget>

export const OutboundTargetChange = Type.Object(
  {
    enabled: Type.Optional(Type.Boolean()), url: Type.Optional(Url), host: Type.Optional(Host), port: Type.Optional(Port), events: Type.Optional(Events),
    wards: Type.Optional(WardScope), names: Type.Optional(Names), observationsEveryS: Type.Optional(EveryS),
  },
  { additionalProperties: false, minProperties: 1, description: 'What changes of a target' },
)
export type OutboundTargetChange = Static<typeof OutboundTargetChange>

export const OutboundTarget = Type.Object({
  id: Uuid,
  kind: Type.String(),
  name: Type.String(),
  settings: Type.Record(Type.String(), Type.Unknown()),
  events: Type.Array(Type.String()),
  wards: WardScope,
  enabled: Type.Boolean(),
  createdAt: IsoTime,
  createdBy: Type.String(),
  state: Type.Enum(['ok', 'away', 'off']),
  awaySince: Type.Optional(IsoTime),
  nextTryAt: Type.Optional(IsoTime),
  why: Type.Optional(Type.String()),
  waiting: Type.Integer(),
  delivered: Type.Integer({ description: 'Of the last seven days' }),
  dead: Type.Integer({ description: 'Given up, in the last ninety days' }),
  oldestWaitingAt: Type.Optional(IsoTime),
})
export type OutboundTarget = Static<typeof OutboundTarget>

export const OutboundTargetList = Type.Object({ targets: Type.Array(OutboundTarget) })
export type OutboundTargetList = Static<typeof OutboundTargetList>

export const OutboundTargetCreated = Type.Object({ ...OutboundTarget.properties, secret: Type.Optional(Type.String({ description: 'Key of the signatures; in this answer and nowhere else' })) })
export type OutboundTargetCreated = Static<typeof OutboundTargetCreated>

export const deliveryStates = ['waiting', 'delivered', 'dead'] as const

/** One thing on its way to a target. What is in it stays inside. */
export const OutboundDelivery = Type.Object({
  no: Type.Integer(),
  event: Type.String(),
  subject: Type.String({ description: 'Id of the alarm or stay it is about' }),
  state: Type.Enum([...deliveryStates]),
  tries: Type.Integer(),
  createdAt: IsoTime,
  nextTryAt: Type.Optional(IsoTime),
  endedAt: Type.Optional(IsoTime),
  why: Type.Optional(Type.String()),
  status: Type.Optional(Type.String({ description: 'What the receiver said later of an alarm (IHE PCD-05)' })),
  statusAt: Type.Optional(IsoTime),
})
export type OutboundDelivery = Static<typeof OutboundDelivery>

export const OutboundDeliveryList = Type.Object({ deliveries: Type.Array(OutboundDelivery) })
export type OutboundDeliveryList = Static<typeof OutboundDeliveryList>

export const OutboundDeliveryQuery = Type.Object(
  { state: Type.Optional(Type.Enum([...deliveryStates])), before: Type.Optional(Type.Integer({ minimum: 1, description: 'Only smaller numbers: the next page' })), limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, description: 'Default 100' })) },
  { additionalProperties: false },
)
export type OutboundDeliveryQuery = Static<typeof OutboundDeliveryQuery>
