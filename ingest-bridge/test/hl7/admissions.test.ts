import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { StartedBridge } from '../../src/start-bridge.ts'
import { startBroker, type TestBroker } from '../support/broker.ts'
import { freshDatabase, type TestDatabase } from '../support/database.ts'
import { startHl7Bridge } from '../support/hl7-bridge.ts'
import { codeOf, connectMonitor, heartRate, type Monitor } from '../support/monitor.ts'
import { type PgProxy, proxyTo } from '../support/pg-proxy.ts'
import { until } from '../support/until.ts'

let database: TestDatabase
let broker: TestBroker
let proxy: PgProxy
let bridge: StartedBridge
let his: Monitor

beforeAll(async () => {
  database = await freshDatabase()
  broker = await startBroker()
  proxy = await proxyTo(Number(new URL(database.url).port))
  bridge = await startHl7Bridge(proxy.url(new URL(database.url).pathname.slice(1)), broker.url, { adt: ['HIS'] })
  his = await connectMonitor(bridge.hl7Port() as number)
})
afterEach(() => database.query('delete from admission_proposal'))
afterAll(async () => {
  his.close()
  await bridge.stop()
  await proxy.close()
  await broker.close()
  await database.close()
})

const adt = (id: string, event = 'A01', { sender = 'HIS^1.2.3^ISO', number = '4711', mode = 'P' } = {}) =>
  `MSH|^~\\&|${sender}|H|||20260301120000+0000||ADT^${event}^ADT_A01|${id}|${mode}|2.5\rPID|1||${number}^^^H^MR||Okafor^Jamal||19550203|M\rPV1|1|I|EAST^R2^E3\r`
const list = () => database.query<{ event: string; state: string; identifier: string; family_name: string; location: string[] }>('select event, state, identifier, family_name, location from admission_proposal order by id')

describe('what the hospital tells of admissions', () => {
  it('is answered when it stands on the review list, and the same bytes stand there once', async () => {
    expect(codeOf(await his.ask(adt('1')))).toBe('AA')
    expect(await list()).toEqual([{ event: 'A01', state: 'open', identifier: '4711', family_name: 'Okafor', location: ['EAST', 'R2', 'E3'] }])
    expect(codeOf(await his.ask(adt('1')))).toBe('AA')
    expect(await list()).toHaveLength(1)
    // It makes nobody a device, and nobody a patient.
    expect(await database.query(`select 1 from device where id like 'hl7-HIS%'`)).toEqual([])
    expect(await database.query('select 1 from patient')).toEqual([])
  })

  it('takes the place of its own earlier word about the same person', async () => {
    for (const [id, event, number] of [['1', 'A08', '1'], ['2', 'A08', '2'], ['3', 'A03', '1'], ['4', 'A08', '1'], ['1', 'A08', '1']] as const) await his.ask(adt(id, event, { number }))
    expect((await list()).map(({ event, identifier, state }) => [event, identifier, state])).toEqual([['A08', '1', 'replaced'], ['A08', '2', 'open'], ['A03', '1', 'open'], ['A08', '1', 'open']])
  })

  it.each([
    ['a sender that is not listed', adt('5', 'A01', { sender: 'OTHER' }), '200'],
    ['an event that is not taken', adt('5', 'A02'), '201'],
    ['training data', adt('5', 'A01', { mode: 'T' }), '202'],
  ])('%s is told why it is not taken', async (_, message, error) => {
    const answer = await his.ask(message)
    expect(codeOf(answer)).toBe('AR')
    expect(answer).toMatch(new RegExp(`\\rERR.*${error}`))
    expect(await list()).toEqual([])
  })

  it('hears AE while the database is away and when the answer to COMMIT was lost, and stands there once after another try', async () => {
    proxy.blackHole(true)
    expect(codeOf(await his.ask(adt('6')))).toBe('AE')
    proxy.blackHole(false)
    proxy.cut()
    await until(async () => codeOf(await his.ask(adt('6'))) === 'AA', 'the database to be back')
    expect(await list()).toHaveLength(1)
  })

  it('does not hold up measurements of the same connection', async () => {
    his.send(adt('7'))
    expect(codeOf(await his.ask(heartRate('8', 70, { sender: 'BESIDE' })))).toBe('AA')
    await until(async () => (await database.query('select 1 from sample')).length === 1, 'the value')
  })
})
