import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AuditList, type CommandList, type Demo, DEMO_COMMAND, type DemoRun, type DeviceCreated, type Patient } from '@vigil/contract'
import { until } from '@vigil/ops/testing'
import { joinAsDevice, type TestDevice } from '../support/broker.ts'
import { furnish } from '../support/furnish.ts'
import { startPostgres, type TestPostgres } from '../support/postgres.ts'
import { startStation, type TestStation } from '../support/station.ts'

const offer = (scenarios: readonly string[]) => ({ commands: [{ name: DEMO_COMMAND, risk: 'low', args: { type: 'object', properties: { scenario: { type: 'string', enum: scenarios }, seconds: { type: 'integer', minimum: 5, maximum: 600 } }, required: ['scenario'], additionalProperties: false } }] })

describe('scenarios of the demo ward', () => {
  let postgres: TestPostgres
  let ward: TestStation
  const boards: TestDevice[] = []

  beforeAll(async () => {
    postgres = await startPostgres()
    ward = await startStation({ databaseUrl: await postgres.database() })
    const { admin } = ward
    await furnish(admin, 'real', 1)
    await admin.post('/wards', { id: 'demo', name: 'Demo ward', mode: 'demo', beds: [{ id: 'bed-d1', label: 'D01' }, { id: 'bed-d2', label: 'D02' }] })
    for (const n of [1, 2]) {
      const device = await admin.post<DeviceCreated>('/devices', { id: `demo-${n}`, mode: 'demo' })
      const patient = await admin.post<Patient>('/patients', { familyName: `Demo ${n}`, mode: 'demo' })
      await admin.post('/stays', { patientId: patient.id, bedId: `bed-d${n}`, deviceId: device.id })
    }
    const born = async (id: string, mode: string, scenarios: readonly string[]) => {
      const board = await joinAsDevice(ward.broker.url, id)
      boards.push(board)
      await board.say('state', { st: 'online', e: 'a1', mode, caps: offer(scenarios) }, { retain: true })
    }
    await born('demo-1', 'demo', ['desaturation', 'calm'])
    await born('demo-2', 'demo', ['desaturation', 'apnoea', 'calm'])
    // A real board that claims to know the command is still never asked.
    await born('dev-real-1', 'demo', ['desaturation', 'apnoea'])
    await until('three boards online', 5_000, async () => ((await demo()).boards.filter((b) => b.scenarios.length > 0).length === 2 ? true : undefined))
  })
  afterAll(async () => {
    for (const board of boards) await board.leave()
    await ward?.stop()
    await postgres?.stop()
  })

  const demo = () => ward.admin.get<Demo>('/demo')
  const board = (id: string): TestDevice => boards.find((b) => b.id === id) as TestDevice

  it('lists the demo boards with their beds and what each can play, and no other device', async () => {
    const answer = await demo()
    expect(answer.runs).toEqual([])
    expect(answer.boards.map(({ deviceId, bed, wardId, scenarios }) => [deviceId, bed, wardId, scenarios])).toEqual([
      ['demo-1', 'D01', 'demo', ['desaturation', 'calm']],
      ['demo-2', 'D02', 'demo', ['desaturation', 'apnoea', 'calm']],
    ])
  })

  it('plays at the first board that can, is done only when the board said so, and stands in the audit', async () => {
    const run = await ward.admin.post<DemoRun>('/demo/scenarios', { scenario: 'apnoea' })
    expect(run).toMatchObject({ deviceId: 'demo-2', scenario: 'apnoea', by: 'admin' })
    const heard = await board('demo-2').hears('command', (m) => m['id'] === run.id)
    expect(heard).toMatchObject({ do: DEMO_COMMAND, args: { scenario: 'apnoea', seconds: 75 } })
    await until('sent, not done', 5_000, async () => ((await demo()).runs[0]?.state === 'sent' ? true : undefined))
    await board('demo-2').say('command/reply', { id: run.id, st: 'done', data: { scenario: 'apnoea' } })
    await until('it plays', 5_000, async () => ((await demo()).runs[0]?.state === 'done' ? true : undefined))
    await until('the audit has it', 5_000, async () => {
      const { entries } = await ward.admin.get<AuditList>('/audit?action=demo.scenario')
      return entries[0]?.deviceId === 'demo-2' && entries[0].detail?.['scenario'] === 'apnoea' ? true : undefined
    })
  })

  it('takes another board while one plays, and says why a board refused', async () => {
    await ward.admin.post<DemoRun>('/demo/scenarios', { scenario: 'desaturation', deviceId: 'demo-1' })
    const second = await ward.admin.post<DemoRun>('/demo/scenarios', { scenario: 'desaturation', deviceId: 'demo-2' })
    await board('demo-2').say('command/reply', { id: second.id, st: 'refused', why: 'It sleeps.' })
    await until('the refusal', 5_000, async () => ((await demo()).runs.find((r) => r.id === second.id)?.why === 'It sleeps.' ? true : undefined))
  })

  it('never asks a board that the registry does not call demo, whatever the board claims', async () => {
    const refused = await ward.admin.ask('POST', '/demo/scenarios', { scenario: 'desaturation', deviceId: 'dev-real-1' })
    expect([refused.status, refused.body.code]).toEqual([422, 'COMMAND_NOT_OFFERED'])
    expect((await ward.admin.get<CommandList>('/devices/dev-real-1/commands')).commands).toEqual([])
    const nobody = await ward.admin.ask('POST', '/demo/scenarios', { scenario: 'broker_down' })
    expect(nobody.body.code).toBe('COMMAND_NOT_OFFERED')
  })
})
