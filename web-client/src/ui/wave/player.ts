/** What a trace is doing, said in words beside it. */
export type PlayPhase = 'waiting' | 'buffering' | 'playing' | 'stopped'

/** Time skipped to catch up with the patient. */
export interface Skip {
  readonly fromMs: number
  readonly toMs: number
}

export interface Player {
  /** Time drawn last, in sample time; undefined before the first frame. */
  readonly playheadMs: number | undefined
  readonly phase: PlayPhase
  readonly skips: readonly Skip[]
  /** Time passed on the screen; `headMs` is just after the newest sample there is. */
  advance(elapsedMs: number, headMs: number | undefined): void
}

/** Held back so that a frame that is a little late does not stop the trace. */
export const PREFILL_MS = 700
/** A trace further behind than this, beyond the length of the newest frame, is not live: it jumps and says so. */
export const BEHIND_LIMIT_MS = 2_000
const STOPPED_AFTER_MS = 5_000
const SKIPS_KEPT = 16

/** Plays samples at the speed they were measured; what arrived when does not matter. */
export function createPlayer(): Player {
  let playheadMs: number | undefined
  let phase: PlayPhase = 'waiting'
  let lastHeadMs: number | undefined
  let newestFrameMs = 0
  let stillMs = 0
  const skips: Skip[] = []

  function noticeHead(headMs: number, elapsedMs: number): void {
    if (headMs === lastHeadMs) stillMs += elapsedMs
    else {
      newestFrameMs = lastHeadMs === undefined ? 0 : Math.min(headMs - lastHeadMs, 4_000)
      stillMs = 0
    }
    lastHeadMs = headMs
  }

  function move(headMs: number, elapsedMs: number): void {
    const at = playheadMs ?? headMs - PREFILL_MS
    const behindMs = headMs - at
    if (behindMs > BEHIND_LIMIT_MS + newestFrameMs) {
      playheadMs = headMs - PREFILL_MS
      skips.push({ fromMs: at, toMs: playheadMs })
      if (skips.length > SKIPS_KEPT) skips.shift()
      phase = 'playing'
    } else if (phase !== 'playing' && behindMs < PREFILL_MS) {
      playheadMs = at
      phase = stillMs > STOPPED_AFTER_MS ? 'stopped' : 'buffering'
    } else {
      playheadMs = Math.min(headMs, at + elapsedMs)
      phase = playheadMs >= headMs ? 'buffering' : 'playing'
    }
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
      move(headMs, elapsedMs)
    },
  }
}
