import type { Clock } from '@vigil/contract/clock'
import type { ReportedConfig } from '@vigil/contract/messages/config'
import type { DeviceMode } from '@vigil/contract/messages/state'
import type { I2cBus } from '../bus/i2c.ts'
import type { Indicator } from '../commands/base-commands.ts'
import type { CommandHandler } from '../commands/command-desk.ts'
import type { CommandMemory, CommandResult } from '../commands/command-machine.ts'
import type { DurableDocument } from '../commands/durable-document.ts'
import type { Link, LinkStatus } from '../link/link.ts'
import type { LedControl, SensorDefinition } from '../sensors/define-sensor.ts'
import type { Bedside } from '../panel/bedside.ts'
import type { SpoolSettings, SpoolStatus } from '../spool/protocol.ts'
import type { RollUp } from '../spool/roll-up.ts'
import type { SpoolStore } from '../spool/spool-store.ts'
import type { TimeSource } from './agent-time.ts'
import type { Calibration } from './calibration.ts'
import type { StartBook } from './start-book.ts'
import type { Measurement, VitalSigns } from './measurement.ts'
import type { SensorPlace } from './sensor-station.ts'

/** What the board is, as its birth message tells. */
export interface AgentIdentity {
  readonly mode: DeviceMode
  readonly firmware: string
  readonly hardware: string
  /** Shown with the device, e.g. what feeds an emulated sensor. */
  readonly note?: string
}

/** What the agent remembers over a restart besides its spool. */
export interface AgentDocuments {
  readonly commands: DurableDocument<CommandMemory>
  readonly config: DurableDocument<ReportedConfig>
  readonly sensors: DurableDocument<readonly SensorPlace[]>
}

/** What the platform can do besides measuring; a board without one of these says so when asked. */
export interface BoardControls {
  display?(text: string): void
  /** Ends this run in order and begins another. */
  restart?(): void
  /** Newest lines of the log, oldest first. */
  readLog?(lines: number): readonly string[]
}

export type AgentLog = (event: string, facts: Readonly<Record<string, unknown>>) => void

export interface AgentOptions {
  readonly clock: Clock
  /** Uniform in [0, 1). */
  readonly random: () => number
  readonly bus: I2cBus
  /** How long the bus has been at one transfer; a platform that cannot tell leaves it out. */
  readonly busWaitingMs?: () => number
  readonly registry: readonly SensorDefinition[]
  /** The sensors of the board as a person has said; without it the agent uses what it finds. */
  readonly sensors?: readonly SensorPlace[] | undefined
  readonly store: SpoolStore
  /** What stands for samples that have to make room in a full store; a small board keeps none. */
  readonly rollUp?: RollUp
  /** Dates of earlier starts; a board whose spool ends with its start needs none. */
  readonly starts?: StartBook | undefined
  readonly link: Link
  readonly vitalSigns: VitalSigns
  /** Adjusts the oximeter's light once a second, when there is one. */
  readonly adjustLeds?: (leds: LedControl) => Promise<void>
  readonly documents: AgentDocuments
  readonly indicator: Indicator
  /** Display, buttons, buzzer and the board's own alarm. */
  readonly bedside?: Bedside | undefined
  readonly controls?: BoardControls
  /** What this board can be asked besides the base set. */
  readonly commands?: readonly CommandHandler[] | undefined
  /** A board without one takes no calibration. */
  readonly calibration?: Calibration
  readonly identity: AgentIdentity
  readonly log: AgentLog
  readonly spoolSettings?: Partial<SpoolSettings>
}

export interface AgentStatus {
  readonly link: LinkStatus
  readonly spool: SpoolStatus
  readonly sensors: readonly SensorPlace[]
  readonly faults: readonly (SensorPlace & { readonly why: string })[]
  /** The board's own; absent where it has none. */
  readonly alarms?: Bedside['alarms']
  readonly latest: Measurement
  readonly timeSource: TimeSource
  /** The server has confirmed the time since the start. */
  readonly timeProven: boolean
  readonly config: ReportedConfig
}

export interface Agent {
  start(): Promise<void>
  /** Measures no more; what is recorded still goes out. */
  quiet(): void
  /** Says goodbye, puts the sensors to rest and closes the spool. */
  stop(): Promise<void>
  status(): AgentStatus
  /** Seconds pass through the agent and its sensors answer or fail: it measures, whatever the network does. */
  isAlive(): boolean
  /** Does a command for somebody at the board itself. */
  ask(name: string, args: Readonly<Record<string, unknown>>): Promise<CommandResult>
}
