import type { NewRollout, Rollout, RolloutAct } from '@vigil/contract/api/rollouts'

type RolloutDevice = Rollout['devices'][number]

export interface RingProgress {
  readonly ring: number
  readonly all: number
  readonly done: number
  readonly failed: readonly RolloutDevice[]
}

/** Ring by ring: how many devices run it, and which failed. */
export function ringsOf({ devices }: Pick<Rollout, 'devices'>): RingProgress[] {
  const rings = [...new Set(devices.map(({ ring }) => ring))].sort((a, b) => a - b)
  return rings.map((ring) => {
    const own = devices.filter((device) => device.ring === ring)
    return { ring, all: own.length, done: own.filter(({ state }) => state === 'done').length, failed: own.filter(({ fault }) => fault !== undefined) }
  })
}

const acts: Record<Rollout['state'], readonly RolloutAct[]> = {
  running: ['pause', 'cancel', 'put_back'], paused: ['resume', 'cancel', 'put_back'], stopped: ['resume', 'cancel', 'put_back'], done: ['put_back'], cancelled: ['put_back'], putting_back: [], put_back: [],
}
export const actsOf = ({ state }: Pick<Rollout, 'state'>): readonly RolloutAct[] => acts[state]

export interface RingDraft {
  by: 'ward' | 'model' | 'devices'
  wardId: string
  model: string
  list: string
  setting: string
  value: string
  first: number
  second: number
  waitMin: number
  watchS: number
  mostFailed: number
  reason: string
}

export const newRingDraft = (): RingDraft => ({ by: 'ward', wardId: '', model: '', list: '', setting: 'interval_ms', value: '', first: 1, second: 25, waitMin: 5, watchS: 60, mostFailed: 0, reason: '' })

/** A number, true or false as such; anything else as text. */
function valueOf(text: string): unknown {
  const trimmed = text.trim()
  if (trimmed === 'true' || trimmed === 'false') return trimmed === 'true'
  return Number.isFinite(Number(trimmed)) ? Number(trimmed) : trimmed
}

/** `undefined` while something is missing. */
export function rolloutFrom(draft: RingDraft): NewRollout | undefined {
  const devices = draft.list.split(/[\s,]+/).filter(Boolean)
  const choice = { ward: draft.wardId && { wardId: draft.wardId }, model: draft.model && { model: draft.model }, devices: devices.length > 0 && { devices: [...new Set(devices)] } }[draft.by]
  if (!choice || draft.setting.trim() === '' || draft.value.trim() === '' || draft.reason.trim().length < 3) return undefined
  return { ...choice, set: { [draft.setting.trim()]: valueOf(draft.value) }, rings: [{ devices: draft.first }, { percent: draft.second }], waitS: draft.waitMin * 60, watchS: draft.watchS, mostFailed: draft.mostFailed, reason: draft.reason.trim() }
}
