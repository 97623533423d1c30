import type { Clock, Stop } from '@vigil/contract'
import type { Log } from '@vigil/program'
import { type Sleep, watchSleep } from './sleep.ts'

/** Another engine of the site, as PostgreSQL last heard of it. */
export interface Peer {
  readonly id: string
  readonly name: string
  readonly duty: boolean
  readonly seenMsAgo: number
  readonly armed: Readonly<Record<string, number>>
}

export type Lock = 'mine' | 'another' | 'free' | 'away'

export interface Round {
  readonly lock: Lock
  readonly peers: readonly Peer[]
  /** Somebody else has been on duty since this engine last was. */
  readonly otherSince: boolean
}

/** Port: the lock that one engine of a site holds, and the list of engines. */
export interface DutyBoard {
  /** Says that this engine lives, and asks for the lock if it should. Never fails: PostgreSQL away is an answer. */
  round(me: { readonly take: boolean; readonly armed: Readonly<Record<string, number>> }): Promise<Round>
  /** Gives the lock back, so that another may take it at once. */
  release(): Promise<void>
  stop(): Promise<void>
}

/** `none` until the first answer of PostgreSQL. */
export type DutyState = 'none' | 'duty' | 'standby'

export interface Duty {
  state(): DutyState
  /**
   * Whether this engine may speak for the site now: on duty, and not just awake again after a time in which another may have taken
   * over. Known again after the next round.
   */
  maySpeak(): boolean
  /** Engines that were heard lately, this one left out. */
  peers(): readonly Peer[]
  /** `stale`: somebody else has judged since this engine last did, so what it holds open itself counts no more. */
  onChange(listener: (state: 'duty' | 'standby', why: { readonly stale: boolean }) => void): Stop
  stop(): Promise<void>
}

export interface DutyOptions {
  readonly board: DutyBoard
  readonly armed: () => Readonly<Record<string, number>>
  /** When the canary of the engine on duty was last heard from the broker; `undefined` while the broker is not heard at all. */
  readonly canaryHeardMs: () => number | undefined
  /** Whether this engine was on duty when it last ran: with PostgreSQL away nobody else can say. */
  readonly wasOnDuty: boolean
  readonly clock: Clock
  readonly log: Log
}

export const ROUND_MS = 500
/**
 * After PostgreSQL was away, or at the start, the engine that was on duty comes first: a standby leaves it this long. One that is
 * killed gives its lock up at once, and a standby that has been listening takes over with its next round.
 */
export const PATIENCE_MS = 5_000
/** A start without PostgreSQL goes by who was on duty before; there is nobody to ask. */
export const AWAY_AT_START_MS = 1_000
/** An engine that was not heard for so long does not count as there. */
export const PEER_LOST_MS = 10_000
/** The server keeps the lock of an engine that says nothing for so long; of one that is frozen the connection stays. */
export const LOCK_KEPT_MS = 10_000
/** Rounds that come so late were slept through. Half of what the lock is kept for, so that no two engines speak at once. */
export const FROZEN_MS = LOCK_KEPT_MS / 2
/** Three canaries: with PostgreSQL away, an engine on duty is known to live by its canary alone. */
export const CANARY_SILENT_MS = 16_000

/** Decides by rounds which engine judges. One that is on duty stays so while PostgreSQL is away: alarms do not wait for it. */
export function watchDuty({ board, armed, canaryHeardMs, wasOnDuty, clock, log }: DutyOptions): Duty {
  const startedMs = clock.monotonic()
  const sleep = watchSleep(clock, FROZEN_MS)
  const listeners = new Set<(state: 'duty' | 'standby', why: { stale: boolean }) => void>()
  let state: DutyState = 'none'
  let peers: readonly Peer[] = []
  let hasAnswered = false
  let answeringSinceMs: number | undefined
  let answeredMs = startedMs

  const become = (next: 'duty' | 'standby', why: string, stale: boolean) => {
    if (state === next) return
    log[state === 'none' ? 'info' : 'warn']({ from: state, to: next, why }, 'alarm_duty.changed')
    state = next
    for (const listener of listeners) listener(next, { stale })
  }
  /** Whether the lock may be asked for: at once by who is on duty or was last, later by a standby. */
  const mayTake = (): boolean => {
    if (state === 'duty' || !hasAnswered) return state === 'duty'
    const another = peers.some((peer) => peer.duty)
    return !another || (answeringSinceMs !== undefined && clock.monotonic() - answeringSinceMs >= PATIENCE_MS)
  }
  const round = async () => {
    const answer = await board.round({ take: mayTake(), armed: armed() })
    if (answer.lock === 'away') return whileAway()
    peers = answer.peers
    answeredMs = clock.monotonic()
    hasAnswered = true
    answeringSinceMs ??= clock.monotonic()
    if (answer.lock === 'another') become('standby', state === 'duty' ? 'another engine took over meanwhile' : 'another engine is on duty', true)
    else if (answer.lock === 'mine' && answer.otherSince && state === 'duty') become('standby', 'another engine was on duty meanwhile', true)
    else if (answer.lock === 'mine') become('duty', 'the lock is mine', state === 'standby' || answer.otherSince)
  }
  const whileAway = () => {
    answeringSinceMs = undefined
    if (state === 'none' && clock.monotonic() - startedMs >= AWAY_AT_START_MS) become(wasOnDuty ? 'duty' : 'standby', 'PostgreSQL is away', false)
    // Nobody can be asked whether another judges: it stands by, and takes over again when it hears no canary.
    if (state === 'duty' && sleep.unexplainedMs() >= LOCK_KEPT_MS) return become('standby', 'frozen while PostgreSQL is away', false)
    const heardMs = canaryHeardMs()
    if (state === 'standby' && heardMs !== undefined && clock.monotonic() - heardMs > CANARY_SILENT_MS) become('duty', 'PostgreSQL is away and the engine on duty is not heard', true)
  }
  const stop = keepAsking(round, sleep, clock)
  return {
    state: () => state,
    maySpeak: () => state === 'duty' && sleep.unexplainedMs() === 0,
    peers: () => peers.filter(({ seenMsAgo }) => seenMsAgo + clock.monotonic() - answeredMs < PEER_LOST_MS),
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async stop() {
      await stop()
      await board.release()
      await board.stop()
    },
  }
}

/** One round after the other. After a sleep what was asked before it tells nothing of it. */
function keepAsking(round: () => Promise<void>, sleep: Sleep, clock: Clock): () => Promise<void> {
  let running: Promise<void> | undefined
  const run = async () => {
    const slept = sleep.unexplainedMs() > 0
    if (slept) await running
    running ??= round().finally(() => { running = undefined })
    await running
    if (slept) sleep.explained()
  }
  const stop = clock.every(ROUND_MS, () => void run())
  void run().then(run)
  return async () => {
    stop()
    await running
  }
}
