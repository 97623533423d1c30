import type { CommandRecord, CommandState, NewCommand } from '@vigil/contract'
import { field, iso } from '../iso.ts'

/** A command as the central station keeps it; times are ms since the Unix epoch. */
export interface CommandFact {
  readonly id: string
  readonly deviceId: string
  /** Whom the device watched when it was asked for; `null`: nobody. */
  readonly stayId: string | null
  readonly name: string
  readonly args: Readonly<Record<string, unknown>>
  readonly reason: string
  readonly askedBy: string
  readonly retryOf: string | null
  readonly createdAtMs: number
  readonly expiresAtMs: number
  readonly state: CommandState
  readonly updatedAtMs: number
  readonly progress: number | null
  readonly data: Readonly<Record<string, unknown>> | null
  readonly why: string | null
  readonly steps: readonly { readonly atMs: number; readonly state: string }[]
}

/** One step, as it travels through the journal. `n` orders steps of one command within a millisecond. */
export interface CommandStep {
  readonly id: string
  readonly commandId: string
  readonly n: number
  readonly atMs: number
  readonly state: CommandState
  readonly progress: number | null
  readonly data: Readonly<Record<string, unknown>> | null
  readonly why: string | null
}

/** Port: commands and their steps as PostgreSQL keeps them. */
export interface CommandStore {
  /** @throws AppError DATABASE_AWAY: a command that is not stored is not sent */
  add(command: CommandFact, accountId: string | null, step: CommandStep): Promise<void>
  /** Those that wait for something, oldest first. */
  open(): Promise<readonly CommandFact[]>
  /** Newest first. */
  list(deviceId: string, limit: number): Promise<readonly CommandFact[]>
  find(id: string): Promise<CommandFact | undefined>
}

const DEFAULT_EXPIRY_MS = 60_000

/** A command that was just asked for. */
export function factOf(deviceId: string, asked: NewCommand, { id, nowMs, by, stayId }: { readonly id: string; readonly nowMs: number; readonly by: string; readonly stayId: string | null }): CommandFact {
  return {
    id,
    deviceId,
    stayId,
    name: asked.do,
    args: asked.args ?? {},
    reason: asked.reason ?? '',
    askedBy: by,
    retryOf: asked.retryOf ?? null,
    createdAtMs: nowMs,
    expiresAtMs: nowMs + (asked.expiresInMs ?? DEFAULT_EXPIRY_MS),
    state: 'queued',
    updatedAtMs: nowMs,
    progress: null,
    data: null,
    why: null,
    steps: [{ atMs: nowMs, state: 'queued' }],
  }
}

export function toRecord(fact: CommandFact): CommandRecord {
  return {
    id: fact.id,
    deviceId: fact.deviceId,
    do: fact.name,
    args: { ...fact.args },
    state: fact.state,
    reason: fact.reason,
    askedBy: fact.askedBy,
    createdAt: iso(fact.createdAtMs),
    expiresAt: iso(fact.expiresAtMs),
    updatedAt: iso(fact.updatedAtMs),
    steps: fact.steps.filter(({ state }, i) => i === 0 || state !== 'queued').map(({ atMs, state }) => ({ at: iso(atMs), state })),
    ...field('progress', fact.progress),
    ...field('data', fact.data),
    ...field('why', fact.why),
  }
}
