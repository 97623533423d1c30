import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AppError, type DeviceCreated } from '@vigil/contract'
import { pause, systemClock } from '@vigil/program'
import type { AgentProcess } from '../support/agent.ts'
import type { Api } from '../support/api.ts'
import { furnishWard } from '../support/beds.ts'
import { openLive, seenValue } from '../support/live.ts'
import { startLoad } from '../support/load.ts'
import { publish, type ForeignDevice } from '../support/mosquitto.ts'
import { boardThatWasAway } from '../support/offline-board.ts'
import { until } from '@vigil/ops/testing'
import { descendants, pidOf, type ProgramName } from '../support/processes.ts'
import { startWard, type Ward } from '../support/ward.ts'

const SEED = 20_261_121
const victims: readonly ProgramName[] = ['broker', 'ingest-bridge', 'central-station', 'postgres']

/** Park-Miller, so that a failing order of kills can be had again. */
function seeded(seed: number): () => number {
  let state = seed
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647
}

describe('with boards sending all the time', () => {
  let ward: Ward
  beforeAll(async () => {
    ward = await startWard()
  })
  afterAll(() => ward?.end())

  it(`loses and doubles nothing when each program in turn is killed at a random moment (seed ${SEED})`, async () => {
    const random = seeded(SEED)
    const load = { devices: 40, real: 2, folder: join(ward.dir, 'load-faults') }
    const first = startLoad(ward, { ...load, seconds: 600 })
    await pause(systemClock, 8_000)
    for (const program of [...victims].sort(() => random() - 0.5)) {
      const pid = await until(`${program} to run`, 30_000, () => pidOf(ward, program))
      process.kill(pid, 'SIGKILL')
      await until(`${program} to be started again`, 30_000, () => {
        const next = pidOf(ward, program)
        return next !== undefined && next !== pid ? next : undefined
      })
      await pause(systemClock, 2_000 + 3_000 * random())
    }
    process.kill(first.pid, 'SIGKILL')
    const { report } = startLoad(ward, { ...load, seconds: 5 })
    const said = await report
    expect(said).toMatchObject({ missing: 0, duplicates: 0, invented: 0, lost: 0 })
    expect(said.stored).toBe(said.produced)
    expect(said.produced).toBeGreaterThan(load.devices * 20)
  })
})

/** An agent that ended will show no value: its words say why. */
function failedAgent(agent: AgentProcess): undefined {
  if (!agent.isRunning()) throw new AppError('START_FAILED', agent.said().err)
}

describe('with PostgreSQL gone for a while', () => {
  let ward: Ward
  let api: Api
  let device: DeviceCreated

  beforeAll(async () => {
    ward = await startWard()
    api = await ward.admin()
    device = ((await furnishWard(api, 'away', 1))[0] as { device: DeviceCreated }).device
  })
  afterAll(() => ward?.end())

  it('keeps the wall live, says that nothing is being stored, and has everything afterwards', async () => {
    const foreign: ForeignDevice = { mqtt: ward.ready.mqtt, id: device.id, secret: device.secret }
    const send = (s: number, pr: number) => publish(foreign, `vitals/1/main/${device.id}/tele`, JSON.stringify({ e: 'a1', s, t: systemClock.now(), m: { pr } }), ['-q', '0'])
    const wall = await openLive(api)
    wall.watch({ wards: ['away'] })
    await send(1, 61)
    await until('61 on the wall', 3_000, () => (seenValue(wall.frames, device.id, 'pr') === 61 ? true : undefined))

    const postmaster = pidOf(ward, 'postgres') as number
    const server = [postmaster, ...descendants(postmaster).map((p) => p.pid)]
    for (const pid of server) process.kill(pid, 'SIGSTOP')
    try {
      await until('the wall to say that nothing is being stored', 20_000, () => (wall.frames.some((f) => f.type === 'heartbeat' && f.durable === 'away') ? true : undefined))
      await send(2, 62)
      await until('62 on the wall without a database', 3_000, () => (seenValue(wall.frames, device.id, 'pr') === 62 ? true : undefined))
      expect((await api.ask('GET', '/wards')).status).toBe(200)
      expect(await api.ask('GET', `/devices/${device.id}/history`)).toMatchObject({ status: 503, body: { code: 'DATABASE_AWAY' } })
    } finally {
      for (const pid of server) process.kill(pid, 'SIGCONT')
    }
    await until('both values in the history', 40_000, async () => {
      const { status, body } = await api.ask<{ series: { points: number[][] }[] }>('GET', `/devices/${device.id}/history?signals=pr`)
      return status === 200 && body.series[0]?.points.length === 2 ? true : undefined
    })
    wall.close()
  })

  it('takes two hours of a board that was away: the newest value first, nothing else on the wall, and all of it in the end', async () => {
    const away = ((await furnishWard(api, 'back', 1))[0] as { device: DeviceCreated }).device
    const board = boardThatWasAway(join(ward.dir, 'away'), away, { seconds: 7_200, endedMs: systemClock.now() - 60_000 })
    const wall = await openLive(api)
    wall.watch({ wards: ['back'] })
    const agent = board.start(ward.ready.mqtt)
    const ledger = async () => (await api.get<{ epochs: { epoch: string; received: number; missing: number; upto: number }[] }>(`/devices/${away.id}/ledger`)).epochs[0]
    try {
      // A temperature is measured now; the backlog holds none.
      await until('a value of now on the wall', 60_000, () => seenValue(wall.frames, away.id, 'temp') ?? failedAgent(agent))
      const when = await ledger()
      expect(when?.received ?? 0).toBeLessThan(board.waiting.count)
      await until('everything in the ledger', 90_000, async () => ((await ledger())?.received ?? 0) > board.waiting.count || undefined)
      expect(await ledger()).toMatchObject({ epoch: board.epoch, missing: 0 })
      const { fromMs, toMs } = board.waiting
      const history = await api.get<{ completeness: { received: number; missing: number }; gaps: unknown[] }>(`/devices/${away.id}/history?signals=pr&from=${fromMs}&to=${toMs + 1}&points=10000`)
      expect(history).toMatchObject({ completeness: { received: board.waiting.count, missing: 0 }, gaps: [] })
    } finally {
      await agent.end()
      wall.close()
    }
  })
})
