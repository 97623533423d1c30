import { isDeepStrictEqual } from 'node:util'
import type { RingSize, RolloutAct, RolloutFault, RolloutState } from '@vigil/contract'
import type { DeviceNow, RolloutDevice, RolloutFact } from './rollout.ts'

type Lookup = (device: string) => DeviceNow | undefined

/** What is to be asked of a device, starting from this desired version. */
export interface Asking {
  readonly device: string
  readonly version: number
  readonly set: Readonly<Record<string, unknown>>
}

/** Rings one after the other, at least one device in each; what is left over is the last. */
export function cutRings(devices: readonly string[], sizes: readonly RingSize[]): RolloutDevice[] {
  const rings = devices.map(() => sizes.length)
  let at = 0
  sizes.forEach((size, ring) => {
    const count = 'devices' in size ? size.devices : Math.max(1, Math.round((devices.length * size.percent) / 100))
    rings.fill(ring, at, Math.min(devices.length, at + count))
    at += count
  })
  const used = [...new Set(rings)]
  return devices.map((id, i) => ({ id, ring: used.indexOf(rings[i] as number), state: 'waiting', before: null, asked: null, doneAtMs: null, fault: null, why: null, excused: false }))
}

/** The rollout after what is known now. Changes nothing by itself: what is to be asked is told by `askings`. */
export function advance(rollout: RolloutFact, now: Lookup, nowMs: number): RolloutFact {
  if (rollout.state === 'putting_back') return putBack(rollout, now, nowMs)
  if (rollout.state !== 'running') return rollout
  const devices = rollout.devices.map((device) => (device.ring <= rollout.ring ? judge(device, rollout, now(device.id), nowMs) : device))
  const judged = { ...rollout, devices }
  if (tooManyFailed(judged)) return { ...judged, state: 'stopped', version: rollout.version + 1 }
  return begin(nextRing(judged, nowMs), now)
}

/** What is to be asked now. The same again until the desired configuration shows that it was: nothing is lost by a crash. */
export function askings(rollout: RolloutFact, now: Lookup): Asking[] {
  const isBack = rollout.state === 'putting_back'
  if (!isBack && rollout.state !== 'running') return []
  return rollout.devices.flatMap((device): Asking[] => {
    const { id, state, before, asked } = device
    const version = now(id)?.desired.version
    if (!before || version === undefined) return []
    if (isBack) return asked && !isSettledBack(device) && version === asked.version ? [{ device: id, version, set: before.set }] : []
    return state === 'asking' && version === before.version ? [{ device: id, version, set: { ...before.set, ...rollout.set } }] : []
  })
}

/** The device cannot be asked at all. */
export function refuse(rollout: RolloutFact, id: string, why: string): RolloutFact {
  return { ...rollout, devices: rollout.devices.map((device) => (device.id !== id ? device : rollout.state === 'putting_back' ? { ...device, state: 'left', fault: 'refused', why } : fail(device, 'refused', why))) }
}

const ALLOWED: Readonly<Record<RolloutAct, readonly RolloutState[]>> = {
  pause: ['running'],
  resume: ['paused', 'stopped'],
  cancel: ['running', 'paused', 'stopped'],
  put_back: ['running', 'paused', 'stopped', 'cancelled', 'done'],
}
const BECOMES: Readonly<Record<RolloutAct, RolloutState>> = { pause: 'paused', resume: 'running', cancel: 'cancelled', put_back: 'putting_back' }

/** What a person decides; `undefined` when its state does not allow it. */
export function act(rollout: RolloutFact, kind: RolloutAct, nowMs: number): RolloutFact | undefined {
  if (!ALLOWED[kind].includes(rollout.state)) return undefined
  // Waiting begins anew, and what failed is not counted again.
  const devices = kind === 'resume' ? rollout.devices.map((device) => ({ ...device, excused: device.state === 'failed', asked: device.state === 'asked' && device.asked ? { ...device.asked, atMs: nowMs } : device.asked })) : rollout.devices
  return { ...rollout, state: BECOMES[kind], version: rollout.version + 1, devices }
}

function fail(device: RolloutDevice, fault: RolloutFault, why: string | null = null): RolloutDevice {
  return { ...device, state: 'failed', fault, why }
}

function judge(device: RolloutDevice, rollout: RolloutFact, now: DeviceNow | undefined, nowMs: number): RolloutDevice {
  if (device.state === 'failed') return device
  if (!now) return fail(device, 'gone')
  if (device.state === 'asking') return judgeAsking(device, rollout, now, nowMs)
  if (device.state === 'asked') return judgeAsked(device, rollout, now, nowMs)
  return device.state === 'done' && now.isLost ? fail(device, 'silent') : device
}

function judgeAsking(device: RolloutDevice, { set }: RolloutFact, { desired }: DeviceNow, nowMs: number): RolloutDevice {
  const { before } = device
  if (!before || desired.version === before.version) return device
  if (!isDeepStrictEqual(desired.set, { ...before.set, ...set })) return fail(device, 'overtaken')
  return { ...device, state: 'asked', asked: { version: desired.version, atMs: nowMs } }
}

function judgeAsked(device: RolloutDevice, { waitMs }: RolloutFact, { desired, reported, lastSeenMs, isLost }: DeviceNow, nowMs: number): RolloutDevice {
  const { asked } = device
  if (!asked) return device
  if (desired.version !== asked.version) return fail(device, 'overtaken')
  if (reported.version === asked.version) {
    const refused = Object.entries(reported.errors)
    return refused.length > 0 ? fail(device, 'refused', refused.map(([key, why]) => `${key}: ${why}`).join('; ')) : { ...device, state: 'done', doneAtMs: nowMs }
  }
  if (nowMs - asked.atMs < waitMs) return device
  return fail(device, isLost || (lastSeenMs ?? 0) < asked.atMs ? 'silent' : 'no_report')
}

function tooManyFailed({ devices, mostFailed, ring }: RolloutFact): boolean {
  const counts = new Map<number, number>()
  for (const device of devices) if (device.ring <= ring && device.state === 'failed' && !device.excused) counts.set(device.ring, (counts.get(device.ring) ?? 0) + 1)
  return [...counts.values()].some((count) => count > mostFailed)
}

/** When every device of the ring is settled and it was watched long enough. */
function nextRing(rollout: RolloutFact, nowMs: number): RolloutFact {
  const { devices, ring, ringSinceMs, watchMs } = rollout
  const own = devices.filter((device) => device.ring === ring)
  if (!own.every(({ state }) => state === 'done' || state === 'failed')) return rollout
  if (nowMs - Math.max(ringSinceMs, ...own.map(({ doneAtMs }) => doneAtMs ?? 0)) < watchMs) return rollout
  if (!devices.some((device) => device.ring > ring)) return { ...rollout, state: 'done', version: rollout.version + 1 }
  return { ...rollout, ring: ring + 1, ringSinceMs: nowMs }
}

function begin(rollout: RolloutFact, now: Lookup): RolloutFact {
  if (rollout.state !== 'running') return rollout
  const devices = rollout.devices.map((device): RolloutDevice => {
    const desired = now(device.id)?.desired
    return device.ring === rollout.ring && device.state === 'waiting' && desired ? { ...device, state: 'asking', before: { version: desired.version, set: { ...desired.set } } } : device
  })
  return { ...rollout, devices }
}

/** Devices whose turn never came have nothing to be put back. */
const isSettledBack = ({ state, asked }: RolloutDevice) => state === 'back' || state === 'left' || asked === null

function putBack(rollout: RolloutFact, now: Lookup, nowMs: number): RolloutFact {
  const devices = rollout.devices.map((known): RolloutDevice => {
    const facts = now(known.id)
    // Asked a moment before it was put back, and not yet seen.
    const device = known.state === 'asking' && facts ? judgeAsking(known, rollout, facts, nowMs) : known
    const { before, asked } = device
    if (!before || !asked || isSettledBack(device)) return device
    if (!facts) return { ...device, state: 'left', fault: 'gone' }
    if (facts.desired.version === asked.version) return device
    return isDeepStrictEqual(facts.desired.set, before.set) ? { ...device, state: 'back', fault: null, why: null } : { ...device, state: 'left', fault: 'overtaken' }
  })
  return devices.every(isSettledBack) ? { ...rollout, devices, state: 'put_back', version: rollout.version + 1 } : { ...rollout, devices }
}
