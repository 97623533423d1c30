import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AuditList, DeviceConfig, RingSizes, Rollout, RolloutList } from '@vigil/contract'
import { until } from '@vigil/ops/testing'
import type { TestApi } from '../support/api.ts'
import { joinAsDevice, type TestDevice } from '../support/broker.ts'
import { furnish } from '../support/furnish.ts'
import { rows, startPostgres, type TestPostgres } from '../support/postgres.ts'
import { PASSWORD, startStation, type TestStation } from '../support/station.ts'

const WAIT_MS = 20_000

describe('configuration of many devices by rings', () => {
  let postgres: TestPostgres
  let ward: TestStation
  const boards = new Map<string, TestDevice>()
  const id = (n: number) => `dev-rings-${n}`
  const api = (): TestApi => ward.admin

  beforeAll(async () => {
    postgres = await startPostgres()
    ward = await startStation({ databaseUrl: await postgres.database() })
    await furnish(api(), 'rings', 3)
    for (const n of [1, 2, 3]) {
      const board = await joinAsDevice(ward.broker.url, id(n))
      boards.set(id(n), board)
      await board.say('state', { st: 'online', e: 'a1', cfgv: 0, hw: 'Pi Zero' }, { retain: true })
    }
    await until('all boards to be heard', WAIT_MS, async () => ((await api().get<{ devices: { status: string }[] }>('/devices')).devices.every(({ status }) => status === 'online') ? true : undefined))
  })
  afterAll(async () => {
    for (const board of boards.values()) await board.leave()
    await ward?.stop()
    await postgres?.stop()
  })

  /** The board runs what it is asked, or says why not. */
  async function obeys(device: string, ms: number, errors: Record<string, string> = {}): Promise<void> {
    const board = boards.get(device)
    const asked = await until(`${device} to be asked for ${ms}`, WAIT_MS, () => board?.heard.find(({ channel, body }) => channel === 'config/desired' && (body['set'] as Record<string, unknown>)['interval_ms'] === ms)?.body)
    await board?.say('config/reported', { version: asked['version'], set: asked['set'], errors }, { retain: true })
  }
  const start = (body: object) => api().post<Rollout>('/rollouts', { rings: [{ devices: 1 }], waitS: 60, watchS: 0, reason: 'battery life', ...body })
  const find = async (rollout: Rollout) => (await api().get<RolloutList>('/rollouts')).rollouts.find((known) => known.id === rollout.id)
  const becomes = (rollout: Rollout, state: Rollout['state']) =>
    until(`the rollout to be ${state}`, WAIT_MS, async () => {
      const known = await find(rollout)
      return known?.state === state ? known : undefined
    })
  const deviceStates = async (rollout: Rollout) => (await find(rollout))?.devices.map(({ state }) => state).join()
  const act = (rollout: Rollout, kind: string, version: number) => api().ask('POST', `/rollouts/${rollout.id}/acts`, { act: kind, version })

  it('goes ring by ring, over a restart of the central station, and is put back when asked', async () => {
    await api().put<DeviceConfig>(`/devices/${id(2)}/config`, { version: 0, set: { language: 'pl' } })
    const rollout = await start({ wardId: 'rings', set: { interval_ms: 2_000 } })
    expect(rollout.devices.map(({ id: device, ring }) => [device, ring])).toEqual([[id(1), 0], [id(2), 1], [id(3), 1]])
    expect((await api().ask('POST', '/rollouts', { devices: [id(3)], set: { interval_ms: 500 }, reason: 'another' })).body).toMatchObject({ code: 'ROLLOUT_UNDER_WAY', details: { devices: [id(3)] } })
    await until('the first board to be asked', WAIT_MS, async () => ((await deviceStates(rollout)) === 'asked,waiting,waiting' ? true : undefined))
    await ward.stopStation()
    await ward.startAgain()
    const again = await ward.as('admin', PASSWORD)
    Object.assign(ward, { admin: again })
    expect(await deviceStates(rollout)).toBe('asked,waiting,waiting')
    await obeys(id(1), 2_000)
    await Promise.all([obeys(id(2), 2_000), obeys(id(3), 2_000)])
    const done = await becomes(rollout, 'done')
    expect((await api().get<DeviceConfig>(`/devices/${id(2)}/config`)).desired.set).toEqual({ language: 'pl', interval_ms: 2_000 })

    expect((await act(rollout, 'put_back', 1)).body).toMatchObject({ code: 'VERSION_CONFLICT', details: { version: done.version } })
    expect((await act(rollout, 'pause', done.version)).body.code).toBe('ROLLOUT_OVER')
    expect((await act(rollout, 'put_back', done.version)).status).toBe(200)
    expect((await becomes(rollout, 'put_back')).devices.map(({ state }) => state)).toEqual(['back', 'back', 'back'])
    expect((await api().get<DeviceConfig>(`/devices/${id(2)}/config`)).desired.set).toEqual({ language: 'pl' })
    const actions = await until('every step in the audit', WAIT_MS, async () => {
      const { entries } = await api().get<AuditList>('/audit?limit=100')
      const found = entries.map(({ action }) => action)
      return found.includes('rollout.put_back') && found.includes('rollout.act') ? found : undefined
    })
    expect(actions.filter((action) => action === 'rollout.device')).toHaveLength(3 * 3 + 3)
    for (const action of ['rollout.start', 'rollout.ring', 'rollout.done', 'rollout.act', 'rollout.put_back']) expect(actions).toContain(action)
  })

  it('stops by itself when a board refuses, and names the reason by device', async () => {
    const rollout = await start({ model: 'Pi Zero', set: { interval_ms: 250 } })
    await obeys(id(1), 250, { interval_ms: 'too fast for this sensor' })
    const stopped = await becomes(rollout, 'stopped')
    expect(stopped.devices).toMatchObject([{ id: id(1), state: 'failed', fault: 'refused', why: 'interval_ms: too fast for this sensor' }, { state: 'waiting' }, { state: 'waiting' }])
    expect((await act(rollout, 'cancel', stopped.version)).body).toMatchObject({ state: 'cancelled' })
    expect((await api().get<DeviceConfig>(`/devices/${id(3)}/config`)).desired.set['interval_ms']).not.toBe(250)
  })

  it('says before it begins how many devices each ring would have, and begins nothing', async () => {
    const before = await rows(ward.databaseUrl, 'select id from rollout')
    expect(await api().post<RingSizes>('/rollout-drafts', { model: 'Pi Zero' })).toEqual({ rings: [1, 1, 1] })
    expect(await api().post<RingSizes>('/rollout-drafts', { devices: [id(1), id(2), id(3)], rings: [{ devices: 5 }] })).toEqual({ rings: [3] })
    expect((await api().ask('POST', '/rollout-drafts', { model: 'nobody has it' })).body.code).toBe('INVALID_REQUEST')
    expect(await rows(ward.databaseUrl, 'select id from rollout')).toEqual(before)
  })

  it('a person of another ward neither sees nor makes it', async () => {
    await furnish(api(), 'elsewhere', 1, 0)
    await api().post('/users', { username: 'nora', displayName: 'Nora', role: 'nurse', password: PASSWORD, wards: ['elsewhere'] })
    const nora = await ward.as('nora', PASSWORD)
    expect((await nora.get<RolloutList>('/rollouts')).rollouts).toEqual([])
    expect((await nora.ask('POST', '/rollouts', { wardId: 'rings', set: { interval_ms: 900 }, reason: 'mine now' })).body.code).toBe('OUT_OF_WARDS')
    expect((await nora.ask('POST', '/rollouts', { model: 'Pi Zero', set: { interval_ms: 900 }, reason: 'mine now' })).body.code).toBe('INVALID_REQUEST')
    expect((await api().ask('POST', '/rollouts', { model: 'Pi Zero', wardId: 'rings', set: { a: 1 }, reason: 'both' })).body.code).toBe('INVALID_REQUEST')
  })
})
