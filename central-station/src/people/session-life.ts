import type { Role } from '@vigil/contract'

export type SessionKind = 'browser' | 'program'

export interface SessionLife {
  /** Ends after so long without a call; an open live page counts as use. */
  readonly idleMs: number
  readonly absoluteMs: number
}

const HOUR = 3_600_000
const DAY = 24 * HOUR

/** A shift and no more for people; a wall that signs out at night would be blind, and it can only read its ward. */
const LIVES = {
  browser: { idleMs: HOUR / 2, absoluteMs: 12 * HOUR },
  wall: { idleMs: 7 * DAY, absoluteMs: 90 * DAY },
  program: { idleMs: 30 * DAY, absoluteMs: 90 * DAY },
} as const satisfies Record<string, SessionLife>

export function lifeOf(kind: SessionKind, role: Role): SessionLife {
  if (kind === 'program') return LIVES.program
  return role === 'wall' ? LIVES.wall : LIVES.browser
}

export interface Living {
  readonly kind: SessionKind
  readonly account: { readonly role: Role; readonly disabled: boolean }
  readonly lastUsedMs: number
  readonly expiresAtMs: number
}

export function isOver({ kind, account, lastUsedMs, expiresAtMs }: Living, nowMs: number): boolean {
  return account.disabled || nowMs >= expiresAtMs || nowMs - lastUsedMs >= lifeOf(kind, account.role).idleMs
}
