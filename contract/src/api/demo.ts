import Type, { type Static } from 'typebox'
import { CommandState } from './devices.ts'
import { IsoTime, Name, Uuid } from './schema.ts'

/** What can be made to happen in the demo ward; `calm` ends whatever is playing. */
export const demoScenarios = ['desaturation', 'apnoea', 'fever', 'probe_off', 'broker_down', 'calm'] as const
export const DemoScenario = Type.Enum([...demoScenarios], { description: 'What the simulated patient or the network is to do' })
export type DemoScenario = Static<typeof DemoScenario>

/** The command simulated boards offer for it; no real board has it. */
export const DEMO_COMMAND = 'demo_scenario'

/** Seconds each scenario lasts unless told: long enough for its alarm to come, be answered and end. */
export const demoSeconds: Readonly<Record<DemoScenario, number>> = { desaturation: 90, apnoea: 75, fever: 240, probe_off: 120, broker_down: 60, calm: 1 }

/** A simulated board with the bed it stands at and what it can play now. */
export const DemoBoard = Type.Object({
  deviceId: Name,
  wardId: Type.Optional(Name),
  bed: Type.String({ description: 'Label of the bed; empty when the board watches nobody' }),
  stayId: Type.Optional(Uuid),
  scenarios: Type.Array(DemoScenario),
})
export type DemoBoard = Static<typeof DemoBoard>

/** A scenario that was asked for and is not long over. */
export const DemoRun = Type.Object({
  id: Uuid,
  scenario: DemoScenario,
  deviceId: Name,
  by: Type.String(),
  from: IsoTime,
  until: IsoTime,
  /** How far the board is with it: `done` means it plays. */
  state: CommandState,
  why: Type.Optional(Type.String()),
})
export type DemoRun = Static<typeof DemoRun>

/** Without a demo ward both lists are empty. */
export const Demo = Type.Object({ boards: Type.Array(DemoBoard), runs: Type.Array(DemoRun) })
export type Demo = Static<typeof Demo>

export const DemoStart = Type.Object(
  { scenario: DemoScenario, deviceId: Type.Optional(Name), seconds: Type.Optional(Type.Integer({ minimum: 5, maximum: 600 })) },
  { additionalProperties: false, description: 'Play a scenario at a demo board; without `deviceId` at the first that can' },
)
export type DemoStart = Static<typeof DemoStart>

/** A removal that takes longer than an answer: it goes on, whoever looks, until it is done or says why it is not. */
export const DemoRemovalUnderWay = Type.Object({
  state: Type.Enum(['running', 'failed']),
  since: IsoTime,
  by: Type.String(),
  why: Type.Optional(Type.String({ description: 'Why it failed; nothing of it was removed then, and it may be asked for again' })),
})
export type DemoRemovalUnderWay = Static<typeof DemoRemovalUnderWay>

/** What there is of the demo: what would go, and what stays because something of a real patient hangs on it. */
export const DemoContents = Type.Object({
  patients: Type.Integer(),
  devices: Type.Integer(),
  wards: Type.Integer(),
  kept: Type.Integer({ description: 'Devices and wards of the demo that stay: a real patient was in them' }),
  removal: Type.Optional(DemoRemovalUnderWay),
})
export type DemoContents = Static<typeof DemoContents>

/** What a person types, so that it is no slip of the hand. */
export const DEMO_REMOVAL_WORD = 'DEMO'
export const DemoRemoval = Type.Object({ typed: Type.Literal(DEMO_REMOVAL_WORD) }, { additionalProperties: false })
export type DemoRemoval = Static<typeof DemoRemoval>

/** What went, and what stayed; with `removal` it is still under way. */
export const DemoRemoved = DemoContents
export type DemoRemoved = Static<typeof DemoRemoved>
