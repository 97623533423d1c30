import type { NewRollout, Rollout, RolloutActing, RolloutDraft } from '@vigil/contract/api/rollouts'
import type { FakeCentral } from './fake-central.ts'
import { Refusal, type Route } from './refusal.ts'

function start(c: FakeCentral, { devices = [...c.world.devices.keys()], set, reason, waitS = 300, watchS = 60, mostFailed = 0 }: NewRollout, createdBy: string): Rollout {
  const rollout: Rollout = {
    id: `00000000-0000-7000-8000-00000000f${String(c.rollouts.length).padStart(3, '0')}`, version: 1, state: 'running', set, reason, createdBy, waitS, watchS, mostFailed, ring: 0,
    createdAt: new Date(c.clock.now()).toISOString(), devices: devices.map((id, i) => ({ id, ring: Math.min(i, 1), state: i === 0 ? 'asked' : 'waiting' })),
  }
  c.rollouts.unshift(rollout)
  return rollout
}

function decide(c: FakeCentral, id: string | undefined, { act, version }: RolloutActing): Rollout {
  const at = c.rollouts.findIndex((rollout) => rollout.id === id)
  const known = c.rollouts[at]
  if (!known) throw new Refusal('NOT_FOUND', 'There is no such change by rings.')
  if (known.version !== version) throw new Refusal('VERSION_CONFLICT', 'This change by rings went on while you were looking. Look at it again and decide.', { version: known.version })
  const next: Rollout = { ...known, version: version + 1, state: ({ pause: 'paused', resume: 'running', cancel: 'cancelled', put_back: 'putting_back' } as const)[act] }
  c.rollouts[at] = next
  return next
}

function sizesOf(c: FakeCentral, { devices, wardId, model, rings = [] }: RolloutDraft): number[] {
  const meant = devices ?? [...c.world.devices.values()].filter(({ device }) => (wardId === undefined ? device.hardware === model : device.stay?.wardId === wardId))
  const [first] = rings
  const asked = first && 'devices' in first ? first.devices : 1
  const second = Math.round(meant.length / 4)
  return [asked, second, meant.length - asked - second]
}

export const rolloutRoutes: readonly Route[] = [
  ['GET', '/rollouts', 'device:read', (c) => ({ rollouts: c.rollouts })],
  ['POST', '/rollout-drafts', 'config:write', (c, { body }) => ({ rings: sizesOf(c, body as RolloutDraft) })],
  ['POST', '/rollouts', 'config:write', (c, { body, user }) => start(c, body as NewRollout, user)],
  ['POST', '/rollouts/*/acts', 'config:write', (c, { params, body }) => decide(c, params[0], body as RolloutActing)],
]
