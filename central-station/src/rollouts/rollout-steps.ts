import type { RolloutDevice, RolloutFact } from './rollout.ts'

export interface RolloutStep {
  readonly action: string
  readonly deviceId?: string
  readonly detail: Readonly<Record<string, unknown>>
}

/** What happened between two states of a rollout, for the audit; what a person decided stands there already. */
export function stepsBetween(before: RolloutFact, next: RolloutFact): RolloutStep[] {
  const devices = next.devices.flatMap((device, i): RolloutStep[] => {
    const known = before.devices[i]
    return known === undefined || known.state === device.state ? [] : [{ action: 'rollout.device', deviceId: device.id, detail: deviceDetail(device) }]
  })
  const ring = next.ring === before.ring ? [] : [{ action: 'rollout.ring', detail: { ring: next.ring + 1 } }]
  const isOwn = next.state !== before.state && ['stopped', 'done', 'put_back'].includes(next.state)
  return [...devices, ...ring, ...(isOwn ? [{ action: `rollout.${next.state}`, detail: { ring: next.ring + 1 } }] : [])]
}

function deviceDetail({ ring, state, asked, fault, why }: RolloutDevice): Readonly<Record<string, unknown>> {
  return { ring: ring + 1, state, ...(asked ? { version: asked.version } : {}), ...(fault ? { fault } : {}), ...(why === null ? {} : { why }) }
}
