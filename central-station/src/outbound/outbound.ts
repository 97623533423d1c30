import type { Outcome } from './outcome.ts'

/** Where something goes by itself. */
export interface Target {
  readonly id: string
  readonly kind: string
  readonly name: string
  readonly settings: Readonly<Record<string, unknown>>
  readonly secret: Buffer | null
  readonly events: readonly string[]
  readonly wards: readonly string[] | null
  readonly enabled: boolean
  readonly createdAtMs: number
  readonly createdBy: string
  readonly awaySinceMs: number | null
  readonly awayTries: number
  readonly nextAtMs: number | null
  readonly why: string | null
}

export interface Delivery {
  readonly no: number
  readonly key: string
  readonly event: string
  readonly subject: string
  readonly body: string
  readonly createdAtMs: number
  readonly tries: number
}

export interface NewDelivery {
  readonly targetId: string
  readonly key: string
  readonly event: string
  readonly subject: string
  readonly body: string
}

/** How one kind of target is spoken to. Never throws. */
export interface Channel {
  send(target: Target, delivery: Delivery): Promise<Outcome>
  /** A target is gone or other than before: whatever stands open to it is let go. */
  forget?(targetId: string): void
  stop?(): void
}

/** Something that happened, with what the database knows of it. */
export type Happening = { readonly key: string; readonly event: string; readonly atMs: number } & (
  | { readonly about: 'alarm'; readonly alarm: AlarmHappening }
  | { readonly about: 'stay'; readonly stay: StayHappening }
  | { readonly about: 'monitoring'; readonly monitoring: MonitoringHappening }
)

export interface AlarmHappening {
  readonly id: string
  readonly n: number
  readonly what: string
  /** State after this step. */
  readonly state: string
  readonly condition: string
  readonly kind: 'physiological' | 'technical'
  readonly priority: 'low' | 'medium' | 'high'
  readonly value: number | null
  readonly limit: number | null
  readonly site: string
  readonly wardId: string | null
  readonly bedId: string | null
  readonly bedLabel: string | null
  readonly stayId: string | null
  readonly deviceId: string | null
  readonly mode: 'real' | 'test' | 'demo'
  readonly by: string | null
  readonly acknowledged: boolean
  readonly patient: PersonOut | null
}

/** The monitoring of a stay is paused, or goes on. */
export interface MonitoringHappening {
  /** Of the pause: the same when it ends. */
  readonly id: string
  readonly mode: 'paused' | 'on'
  readonly untilMs: number | null
  /** Of the list, or as somebody wrote it. */
  readonly reason: string | null
  readonly by: string | null
  readonly wardId: string | null
  readonly bedId: string | null
  readonly bedLabel: string | null
  readonly stayId: string
  readonly deviceId: string | null
  readonly dataMode: 'real' | 'test' | 'demo'
  readonly patient: PersonOut
}

export interface StayHappening {
  readonly id: string
  readonly wardId: string | null
  readonly bedId: string | null
  readonly bedLabel: string | null
  readonly fromBedId: string | null
  readonly mode: 'real' | 'test' | 'demo'
  readonly patient: PersonOut
}

export interface PersonOut {
  readonly id: string
  readonly identifier: string | null
  readonly familyName: string
  readonly givenName: string
}

/** Makes what a target is sent; `undefined` where it wants to know nothing of it. */
export type Compose = (target: Target, happening: Happening) => { readonly subject: string; readonly body: string } | undefined

/** Port: targets, what happened, and the line of deliveries. */
export interface OutboundStore {
  targets(): Promise<Target[]>
  /** Lays out what happened for whoever wants it, all or nothing. Answers how many deliveries came of it. */
  layOut(compose: Compose, nowMs: number): Promise<number>
  put(deliveries: readonly NewDelivery[], nowMs: number): Promise<number>
  /** Targets that have something due and that nobody else is serving; they are this holder's until `untilMs`. */
  lease(holder: string, nowMs: number, untilMs: number): Promise<Target[]>
  release(targetId: string, holder: string): Promise<void>
  due(targetId: string, nowMs: number, limit: number): Promise<Delivery[]>
  /** Writes down what became of a try. */
  settle(targetId: string, no: number, outcome: Settled, nowMs: number): Promise<void>
  away(targetId: string, why: string, nextAtMs: number, nowMs: number): Promise<void>
  /** What a receiver said later of something it got. */
  status(targetId: string, about: { readonly no?: number | undefined; readonly subject?: string | undefined }, status: string, nowMs: number): Promise<void>
  /** Gives up what waited too long and drops what ended long ago. */
  tidy(limits: { readonly waitingBeforeMs: number; readonly deliveredBeforeMs: number; readonly deadBeforeMs: number }, nowMs: number): Promise<{ readonly givenUp: number; readonly dropped: number }>
  waiting(): Promise<number>
}

export type Settled = { readonly state: 'delivered' } | { readonly state: 'dead'; readonly why: string } | { readonly state: 'waiting'; readonly why: string; readonly nextAtMs: number }
