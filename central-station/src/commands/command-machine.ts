import type { CommandReply, CommandState } from '@vigil/contract'

/** What can happen to a command. Times are judged by the caller; the machine knows none. */
export type CommandEvent =
  /** The broker took it for the device. */
  | { readonly kind: 'published' }
  | { readonly kind: 'reply'; readonly st: CommandReply['st'] }
  /** A person took it back. */
  | { readonly kind: 'cancel' }
  /** Its time is over: what was not sent by now never will be. `maybeSent`: the broker may have it, though it did not say so. */
  | { readonly kind: 'deadline'; readonly maybeSent?: boolean }
  /** Its time and the grace after it are over without a final word. */
  | { readonly kind: 'silence'; readonly maybeSent?: boolean }

/** The device's own last word; nothing changes it. */
const FINAL: ReadonlySet<CommandState> = new Set<CommandState>(['done', 'failed', 'refused'])
/** Waits for something: for the device to come, for its answer, or for its result. */
const OPEN: ReadonlySet<CommandState> = new Set<CommandState>(['queued', 'sent', 'accepted', 'running'])

export function isOpen(state: CommandState): boolean {
  return OPEN.has(state)
}

/**
 * Pure. A word from the device always beats what we assumed (`sent`, `expired`, `cancelled`, `unknown`): if it ran all the
 * same, that has to be told. Answers the same state when the event changes nothing.
 */
export function nextCommandState(state: CommandState, event: CommandEvent): CommandState {
  if (FINAL.has(state)) return state
  switch (event.kind) {
    case 'published':
      return state === 'queued' ? 'sent' : state
    case 'cancel':
      return state === 'queued' ? 'cancelled' : state
    case 'deadline':
      return neverSent(state, event) ? 'expired' : state
    case 'silence':
      return neverSent(state, event) ? 'expired' : afterSilence(state)
    case 'reply':
      return afterReply(state, event.st)
  }
}

function neverSent(state: CommandState, { maybeSent = false }: { readonly maybeSent?: boolean }): boolean {
  return state === 'queued' && !maybeSent
}

function afterSilence(state: CommandState): CommandState {
  return OPEN.has(state) ? 'unknown' : state
}

function afterReply(state: CommandState, st: CommandReply['st']): CommandState {
  // Replies can overtake each other: `accepted` is no news to a command that runs.
  if (st === 'accepted') return state === 'running' ? 'running' : 'accepted'
  // Both say that it did not happen; the person's word is the better reason.
  if (st === 'expired') return state === 'cancelled' ? 'cancelled' : 'expired'
  return st
}
