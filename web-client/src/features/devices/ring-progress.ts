import type { Device } from '@vigil/contract/api/devices'
import type { NewRollout, Rollout, RolloutAct } from '@vigil/contract/api/rollouts'
import { type ArgumentField, argumentsOf, fieldOf } from '../../ui/argument-fields.ts'
import { baseIntervalRange } from '../../ui/interval-range.ts'

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
  value: string | number | boolean | undefined
  first: number
  second: number
  waitMin: number
  watchS: number
  mostFailed: number
  reason: string
}

export const newRingDraft = (): RingDraft => ({ by: 'ward', wardId: '', model: '', list: '', setting: 'interval_ms', value: '', first: 1, second: 25, waitMin: 5, watchS: 60, mostFailed: 0, reason: '' })

type Listed = Pick<Device, 'id' | 'retiredAt' | 'stay' | 'hardware' | 'capabilities'>
const INTERVAL = { type: 'integer', ...baseIntervalRange(undefined) }

/** Settings with one value each, as the devices declare them; lists and limits are set at the device itself. */
export function settingFields(devices: readonly Pick<Device, 'capabilities'>[]): ArgumentField[] {
  const declared = new Map<string, unknown>([['interval_ms', INTERVAL]])
  for (const { capabilities } of devices) for (const [key, schema] of Object.entries(capabilities?.config ?? {})) declared.set(key, schema)
  const isPlain = (schema: unknown) => !['array', 'object'].includes(String((schema as { type?: unknown } | null)?.type))
  return [...declared].filter(([, schema]) => isPlain(schema)).map(([key, schema]) => fieldOf(key, schema, true))
}

const listed = (list: string) => [...new Set(list.split(/[\s,]+/).filter(Boolean))]

/** How many devices are meant, as far as this list of them knows. */
export function devicesMeant(devices: readonly Listed[], { by, wardId, model, list }: Pick<RingDraft, 'by' | 'wardId' | 'model' | 'list'>): number {
  if (by === 'devices') return listed(list).length
  const isMeant = (device: Listed) => (by === 'ward' ? wardId !== '' && device.stay?.wardId === wardId : model !== '' && device.hardware === model)
  return devices.filter((device) => device.retiredAt === undefined && isMeant(device)).length
}

/** How the central station cuts so many devices into rings: none is empty, the last takes the rest. */
export function ringSizes(count: number, { first, second }: Pick<RingDraft, 'first' | 'second'>): number[] {
  const sizes: number[] = []
  let left = count
  for (const asked of [first, Math.max(1, Math.round((count * second) / 100)), Number.POSITIVE_INFINITY]) {
    const size = Math.min(left, asked)
    if (size > 0) sizes.push(size)
    left -= size
  }
  return sizes
}

/** `undefined` while something is missing. */
export function rolloutFrom(draft: RingDraft, field: ArgumentField): NewRollout | undefined {
  const devices = listed(draft.list)
  const choice = { ward: draft.wardId && { wardId: draft.wardId }, model: draft.model && { model: draft.model }, devices: devices.length > 0 && { devices } }[draft.by]
  const set = argumentsOf([field], { [field.name]: typeof draft.value === 'string' ? draft.value.trim() : draft.value })
  if (!choice || Object.keys(set).length === 0 || draft.reason.trim().length < 3) return undefined
  return { ...choice, set, rings: [{ devices: draft.first }, { percent: draft.second }], waitS: draft.waitMin * 60, watchS: draft.watchS, mostFailed: draft.mostFailed, reason: draft.reason.trim() }
}
