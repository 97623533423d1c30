/** What a trace is doing, said in words beside it. */
export type PlayPhase = 'waiting' | 'buffering' | 'playing' | 'stopped'

/** Time skipped to catch up with the patient. */
export interface Skip {
  readonly fromMs: number
  readonly toMs: number
}

export interface Player {
  /** Time drawn last, in sample time; undefined before it begins. */
  readonly playheadMs: number | undefined
  readonly phase: PlayPhase
  readonly skips: readonly Skip[]
  /** Time passed on the screen; `headMs` is just after the newest sample there is. */
  advance(elapsedMs: number, headMs: number | undefined): void
}

/** Held back beyond one frame, so that a frame that is a little late does not stop the trace. */
export const MARGIN_MS = 400
/** A trace further behind than this, beyond what it must hold back, is not live: it jumps and says so. */
export const BEHIND_LIMIT_MS = 2_000
const STOPPED_AFTER_MS = 5_000
const LONGEST_FRAME_MS = 4_000
const SKIPS_KEPT = 16

/** Plays samples at the speed they were measured; what arrived when does not matter. */
export function createPlayer(): Player {
  let playheadMs: number | undefined
  let phase: PlayPhase = 'waiting'
  let lastHeadMs: number | undefined
  /** Time between the last two frames; how much must be in hand before the next one comes. */
  let frameMs: number | undefined
  let stillMs = 0
  const skips: Skip[] = []

  function noticeHead(headMs: number, elapsedMs: number): void {
    if (headMs === lastHeadMs) stillMs += elapsedMs
    else {
      if (lastHeadMs !== undefined) frameMs = Math.min(headMs - lastHeadMs, LONGEST_FRAME_MS)
      stillMs = 0
    }
    lastHeadMs = headMs
  }

  function skipTo(toMs: number, fromMs: number): void {
    skips.push({ fromMs, toMs })
    if (skips.length > SKIPS_KEPT) skips.shift()
    playheadMs = toMs
    phase = 'playing'
  }

  function move(headMs: number, elapsedMs: number, heldMs: number): void {
    const at = playheadMs ?? headMs - heldMs
    const behindMs = headMs - at
    if (behindMs > BEHIND_LIMIT_MS + heldMs) return skipTo(headMs - heldMs, at)
    // Once it has run dry it waits until enough is in hand again, instead of stuttering at every frame.
    if (phase !== 'playing' && behindMs < heldMs) {
      playheadMs = at
      phase = stillMs > STOPPED_AFTER_MS ? 'stopped' : 'buffering'
      return
    }
    playheadMs = Math.min(headMs, at + elapsedMs)
    phase = playheadMs < headMs ? 'playing' : 'buffering'
  }

  return {
    get playheadMs() {
      return playheadMs
    },
    get phase() {
      return phase
    },
    skips,
    advance(elapsedMs, headMs) {
      if (headMs === undefined) return
      noticeHead(headMs, elapsedMs)
      if (frameMs === undefined) phase = stillMs > STOPPED_AFTER_MS ? 'stopped' : 'buffering'
      else move(headMs, elapsedMs, frameMs + MARGIN_MS)
    },
  }
}
