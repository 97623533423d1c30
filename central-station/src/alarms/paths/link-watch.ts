import { type BedSilence, BUFFER_FILLING, type HeldAlarm, judgeLink, type LinkState, linkUp, subjectKey } from '@vigil/contract/alarms'
import type { LiveHub } from '../../live/live-hub.ts'
import { neverWas, type SweepContext } from '../engine/sweeps.ts'

/** Devices that fell silent: an alarm for each bed, or one for all that have one cause. */
export interface LinkWatch {
  /** Once a second. While the engine itself hears nothing, it cannot tell: that is an alarm of its own. */
  sweep(context: SweepContext): void
  /** Since when the silence of single signals of a bed counts; `undefined` while its device as a whole is silent. */
  hearsSinceMs(key: string, listeningSinceMs: number): number | undefined
}

interface Bed extends BedSilence {
  readonly device: string
  readonly site: string
}

export function watchLinks(): LinkWatch {
  const states = new Map<string, LinkState>()
  /** Beds whose device is not there now, and when it came back for those that are. */
  const silent = new Set<string>()
  const backMs = new Map<string, number>()
  /** Sites whose boards were not heard at all since the start when the one alarm came: they may simply be starting too. */
  const unheard = new Set<string>()

  function note(key: string, isThere: boolean, nowMs: number): void {
    if (!isThere) silent.add(key)
    else if (silent.delete(key)) backMs.set(key, nowMs)
  }

  function judgeSite(context: SweepContext, site: string, beds: readonly Bed[]): void {
    const { book, nowMs, listeningSinceMs = nowMs } = context
    const key = subjectKey({ kind: 'site', id: site })
    const before = states.get(site) ?? takenUp(context, key, beds)
    const { state, verdicts } = judgeLink(before, { nowMs, listeningSinceMs, beds })
    states.set(site, state)
    book.judge(key, 'link_lost', state.standing, nowMs, state.away.size)
    if (state.standing !== before.standing) stoodOrEnded(context, site, state, beds)
    for (const { key: bed, lastSeenMs } of beds) {
      const verdict = verdicts.get(bed) ?? 'waiting'
      const silentS = Math.round((nowMs - Math.max(lastSeenMs, listeningSinceMs)) / 1_000)
      if (verdict === 'there') book.judge(bed, 'device_lost', false, nowMs)
      else if (verdict === 'lost') book.judge(bed, 'device_lost', true, nowMs, silentS)
      else if (verdict === 'covered') book.cover(bed, 'device_lost', nowMs, silentS)
      note(bed, verdict === 'there', nowMs)
    }
  }

  function stoodOrEnded({ book, nowMs, startedMs }: SweepContext, site: string, state: LinkState, beds: readonly Bed[]): void {
    if (state.standing && wereNeverHeard(beds, state, startedMs)) unheard.add(site)
    else if (unheard.delete(site)) neverWas(book, subjectKey({ kind: 'site', id: site }), 'link_lost', { startedMs, nowMs })
  }

  return {
    sweep(context) {
      const { listeningSinceMs, world } = context
      if (listeningSinceMs === undefined) return
      const beds = bedsOf(context)
      for (const site of world.sites) judgeSite(context, site, beds.filter((bed) => bed.site === site))
      buffersOf(context, beds)
      const known = new Set(beds.map(({ key }) => key))
      for (const key of silent) if (!known.has(key)) silent.delete(key)
      for (const key of backMs.keys()) if (!known.has(key)) backMs.delete(key)
    },
    hearsSinceMs: (key, listeningSinceMs) => (silent.has(key) ? undefined : Math.max(listeningSinceMs, backMs.get(key) ?? 0)),
  }
}

function wereNeverHeard(beds: readonly Bed[], { away }: LinkState, startedMs: number): boolean {
  return beds.every(({ key, lastSeenMs }) => !away.has(key) || lastSeenMs < startedMs)
}

/** After a restart the log tells what stood and for whom. */
function takenUp({ book }: SweepContext, key: string, beds: readonly Bed[]): LinkState {
  const phase = book.heldBy(key, 'link_lost')?.state.phase
  if (phase === undefined || phase === 'latched') return linkUp
  return { standing: true, away: new Set(beds.filter((bed) => isCovered(book.heldBy(bed.key, 'device_lost'))).map((bed) => bed.key)), backSinceMs: null }
}

function isCovered(held: HeldAlarm | undefined): boolean {
  return held?.state.phase === 'pending'
}

/** Everybody watched who has a device, but for those whose monitoring is paused: what is unplugged in a bath is no lost link. */
function bedsOf({ book, hub, world }: SweepContext): Bed[] {
  return [...world.stays.values()].flatMap((stay): Bed[] => {
    const key = subjectKey({ kind: 'stay', id: stay.id })
    const device = stay.link?.deviceId
    const { mode, sinceMs } = book.monitoring(key)
    if (device === undefined || !book.has(key) || mode === 'paused') return []
    const ownSinceMs = book.heldBy(key, 'device_lost')?.state.announcedMs ?? null
    const silence = silenceOf(hub, device)
    // What is put back after a pause gets its time; what was lost before is lost still.
    const lastSeenMs = ownSinceMs === null ? Math.max(silence.lastSeenMs, sinceMs ?? 0) : silence.lastSeenMs
    return [{ key, device, site: world.devices.get(device)?.site ?? 'main', ownSinceMs, ...silence, lastSeenMs }]
  })
}

/** One that was never heard cannot be lost. */
function silenceOf(hub: LiveHub, device: string): Pick<BedSilence, 'status' | 'lastSeenMs'> {
  const status = hub.status(device)
  const lastSeenMs = hub.lastSeenMs(device)
  if (lastSeenMs === undefined || (status !== 'lost' && status !== 'late')) return { status: 'there', lastSeenMs: lastSeenMs ?? 0 }
  return { status, lastSeenMs }
}

function buffersOf({ book, hub, nowMs }: SweepContext, beds: readonly Bed[]): void {
  for (const { key, device } of beds) {
    const unsent = hub.birth(device)?.unsent ?? 0
    book.judge(key, 'buffer_filling', unsent > BUFFER_FILLING, nowMs, unsent)
  }
}
