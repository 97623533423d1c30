import { beforeEach, describe, expect, it } from 'vitest'
import type { DeviceConfig } from '@vigil/contract'
import { manualClock, type ManualClock } from '@vigil/contract/testing/manual-clock'
import { silentLog } from '@vigil/program'
import type { RolloutFact } from '../../src/rollouts/rollout.ts'
import { Rollouts } from '../../src/rollouts/rollouts.ts'
import { alwaysOk, deviceFact, memoryRegistry } from '../support/world.ts'

const by = { accountId: null, username: 'op', role: 'operator', origin: '', requestId: '' }
const settle = () => new Promise((resolve) => setImmediate(resolve))

describe('a change by rings in a house with two central stations', () => {
  let clock: ManualClock
  let stored: Map<string, RolloutFact>
  let desired: Map<string, { version: number; set: Record<string, unknown> }>
  let asked: string[]
  const ids = ['d1', 'd2', 'd3']

  /** As each of them has it: a memory of its own over one database. */
  const station = () =>
    new Rollouts({
      store: {
        add: async (rollout) => void stored.set(rollout.id, rollout),
        async save(rollout, fromVersion) {
          if (stored.get(rollout.id)?.version !== fromVersion) return false
          stored.set(rollout.id, rollout)
          return true
        },
        find: async (id) => stored.get(id),
        open: async () => [...stored.values()],
        list: async () => [...stored.values()],
      },
      configuration: {
        read: (id): DeviceConfig => ({ desired: { ...(desired.get(id) ?? { version: 0, set: {} }) }, reported: { version: 0, set: {}, errors: {} } }),
        async change(id, { version, set }) {
          asked.push(id)
          desired.set(id, { version: version + 1, set })
          return this.read(id)
        },
      },
      registry: memoryRegistry({ wards: [], stays: [], devices: ids.map((id, i) => deviceFact(id, { no: i + 1 })) }),
      hub: { status: () => 'online', lastSeenMs: () => clock.now(), birth: () => undefined },
      audit: { doing: (_steps, run) => run() },
      health: alwaysOk,
      clock,
      log: silentLog,
    })

  beforeEach(() => {
    clock = manualClock(1_000_000)
    stored = new Map()
    desired = new Map()
    asked = []
  })
  const second = async () => {
    clock.advance(1_000)
    for (let i = 0; i < 10; i++) await settle()
  }

  it('that was paused at the one asks no more devices at the other, and goes on from there', async () => {
    const [first, other] = [station(), station()]
    const { id, version } = await first.start({ devices: ids, set: { interval_ms: 500 }, reason: 'less power', rings: [{ devices: 3 }] }, by, null)
    await other.resume()
    const paused = await first.act(id, { act: 'pause', version }, null)
    await second()
    await second()
    expect(asked).toEqual([])
    expect(await other.act(id, { act: 'resume', version: paused.version }, null)).toMatchObject({ state: 'running' })
    await second()
    await second()
    expect(new Set(asked)).toEqual(new Set(ids))
    await first.stop()
    await other.stop()
  })
})
