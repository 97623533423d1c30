import type { Device } from '@vigil/contract/api/devices'
import type { NewRollout, Rollout, RolloutAct, RolloutDraft } from '@vigil/contract/api/rollouts'
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

const INTERVAL = { type: 'integer', ...baseIntervalRange(undefined) }

/** Settings with one value each, as the devices declare them; lists and limits are set at the device itself. */
export function settingFields(devices: readonly Pick<Device, 'capabilities'>[]): ArgumentField[] {
  const declared = new Map<string, unknown>([['interval_ms', INTERVAL]])
  for (const { capabilities } of devices) for (const [key, schema] of Object.entries(capabilities?.config ?? {})) declared.set(key, schema)
  const isPlain = (schema: unknown) => !['array', 'object'].includes(String((schema as { type?: unknown } | null)?.type))
  return [...declared].filter(([, schema]) => isPlain(schema)).map(([key, schema]) => fieldOf(key, schema, true))
}

const listed = (list: string) => [...new Set(list.split(/[\s,]+/).filter(Boolean))]

/** Which devices are meant and how they are cut, for the central station to say how many; `undefined` while nobody is chosen. */
export function ringsAsked({ by, wardId, model, list, first, second }: RingDraft): RolloutDraft | undefined {
  const devices = listed(list)
  const choice = { ward: wardId && { wardId }, model: model && { model }, devices: devices.length > 0 && { devices } }[by]
  if (!choice || !Number.isInteger(first) || first < 1 || !Number.isInteger(second) || second < 1 || second > 100) return undefined
  return { ...choice, rings: [{ devices: first }, { percent: second }] }
}

/** `undefined` while something is missing. */
export function rolloutFrom(draft: RingDraft, field: ArgumentField): NewRollout | undefined {
  const asked = ringsAsked(draft)
  const set = argumentsOf([field], { [field.name]: typeof draft.value === 'string' ? draft.value.trim() : draft.value })
  if (!asked || Object.keys(set).length === 0 || draft.reason.trim().length < 3) return undefined
  return { ...asked, set, waitS: draft.waitMin * 60, watchS: draft.watchS, mostFailed: draft.mostFailed, reason: draft.reason.trim() }
}
