import { DEVICE_LOST_MS, MANY_BEDS } from './rules.ts'

const TOGETHER_MS = 60_000
/**
 * After the path from the devices came back, the last board may still be waiting for its next try: the longest pause between two is 60 s
 * (`reconnectDelayMs` of the agent), and it must sign in and say something.
 */
export const SETTLE_MS = 75_000

/** What is known of the device of one bed. Times in ms on the engine's clock. */
export interface BedSilence {
  readonly key: string
  readonly status: 'there' | 'late' | 'lost'
  /** When the device itself last said anything. */
  readonly lastSeenMs: number
  /** When this bed's own `device_lost` was announced, while that is open. */
  readonly ownSinceMs: number | null
}

export interface LinkFacts {
  readonly nowMs: number
  /** Since when the engine hears the broker without a break. */
  readonly listeningSinceMs: number
  readonly beds: readonly BedSilence[]
}

/** Of the beds of one site. */
export interface LinkState {
  /** One alarm stands for many beds. */
  readonly standing: boolean
  /** Beds it stood for at the last look. */
  readonly away: ReadonlySet<string>
  /** When the first of them was heard again. */
  readonly backSinceMs: number | null
}

export const linkUp: LinkState = { standing: false, away: new Set(), backSinceMs: null }

/**
 * `there`: heard; `waiting`: silent, but not yet for so long that anybody is told; `covered`: lost, and the alarm of the link stands for it;
 * `lost`: an alarm of its own.
 */
export type BedVerdict = 'there' | 'waiting' | 'covered' | 'lost'

export interface LinkJudgement {
  readonly state: LinkState
  readonly verdicts: ReadonlyMap<string, BedVerdict>
}

/** One look at all beds of a site. Pure. */
export function judgeLink(before: LinkState, facts: LinkFacts): LinkJudgement {
  const silent = facts.beds.filter(({ status }) => status !== 'there')
  const state = linkAfter(before, silent, facts)
  const isCovered = coverOf(state)
  const verdicts = new Map(facts.beds.map((bed) => [bed.key, verdictOf(bed, facts, isCovered)]))
  return { state, verdicts }
}

/** Whether the silence of a device has lasted long enough to be told. What was silent before the engine could hear gets the time to come back. */
function isDue({ status, lastSeenMs }: BedSilence, { nowMs, listeningSinceMs }: LinkFacts): boolean {
  if (status !== 'lost') return false
  return lastSeenMs >= listeningSinceMs ? nowMs - lastSeenMs >= DEVICE_LOST_MS : nowMs - listeningSinceMs >= SETTLE_MS
}

/** Silent for about as long as the others: lost within the last minute, or about to be. Those whose own alarm is older have a cause of their own. */
function isFresh({ lastSeenMs, ownSinceMs }: BedSilence, { nowMs, listeningSinceMs }: LinkFacts): boolean {
  return nowMs - Math.max(lastSeenMs, listeningSinceMs) < TOGETHER_MS + DEVICE_LOST_MS && (ownSinceMs === null || nowMs - ownSinceMs < TOGETHER_MS)
}

function linkAfter(before: LinkState, silent: readonly BedSilence[], facts: LinkFacts): LinkState {
  if (!before.standing) {
    const fresh = silent.filter((bed) => isFresh(bed, facts))
    if (fresh.length <= MANY_BEDS || !fresh.some((bed) => isDue(bed, facts))) return linkUp
    return { standing: true, away: keysOf(fresh), backSinceMs: null }
  }
  // One that was heard after the path came back, and has an alarm of its own since, is no part of it any more.
  const away = silent.filter(({ key, ownSinceMs }) => ownSinceMs === null || (before.backSinceMs === null && before.away.has(key)))
  if (away.length === 0) return linkUp
  const still = keysOf(away)
  const backSinceMs = before.backSinceMs ?? ([...before.away].some((key) => !still.has(key)) ? facts.nowMs : null)
  if (backSinceMs === null || facts.nowMs - backSinceMs < SETTLE_MS) return { standing: true, away: still, backSinceMs }
  // The path was back for some, and as many as ever are without it.
  return away.length > MANY_BEDS ? { standing: true, away: still, backSinceMs: null } : linkUp
}

const keysOf = (beds: readonly BedSilence[]): ReadonlySet<string> => new Set(beds.map(({ key }) => key))

/** While many are silent every one of them is covered; then those that have not been heard since the path came back. */
function coverOf({ standing, away, backSinceMs }: LinkState): (bed: BedSilence) => boolean {
  if (!standing) return () => false
  return ({ key, lastSeenMs }) => away.has(key) && (away.size > MANY_BEDS || backSinceMs === null || lastSeenMs < backSinceMs)
}

function verdictOf(bed: BedSilence, facts: LinkFacts, isCovered: (bed: BedSilence) => boolean): BedVerdict {
  if (bed.status === 'there' || (bed.status === 'late' && facts.nowMs - bed.lastSeenMs < DEVICE_LOST_MS)) return 'there'
  if (!isDue(bed, facts)) return 'waiting'
  return isCovered(bed) ? 'covered' : 'lost'
}
