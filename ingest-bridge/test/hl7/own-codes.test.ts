import { afterAll, beforeAll, expect, it } from 'vitest'
import type { StartedBridge } from '../../src/start-bridge.ts'
import { startBroker, type TestBroker } from '../support/broker.ts'
import { freshDatabase, type TestDatabase } from '../support/database.ts'
import { startHl7Bridge } from '../support/hl7-bridge.ts'
import { codeOf, connectMonitor, heartRate, type Monitor } from '../support/monitor.ts'
import { until } from '../support/until.ts'

let database: TestDatabase
let broker: TestBroker
let bridge: StartedBridge
let monitor: Monitor

beforeAll(async () => {
  database = await freshDatabase()
  broker = await startBroker()
  bridge = await startHl7Bridge(database.url, broker.url)
  monitor = await connectMonitor(bridge.hl7Port() as number)
})
afterAll(async () => {
  monitor.close()
  await bridge.stop()
  await broker.close()
  await database.close()
})

const own = (n: number) => heartRate(`O${n}`, 70 + n, { sender: 'OWN', at: `2026030112000${n}+0000`, more: `OBX|2|NM|T77^House name^99HOUSE||98.6|degF|||||F\r` })
const stored = () => database.query<{ hr: number; temp: number | null; other: unknown }>(`select s.hr, s.temp, s.other from sample s join device d on d.no = s.device_no where d.id = 'hl7-OWN' order by s.t`)

it('a code of its own is stored as unmapped until somebody said what it means, and as the signal from then on', async () => {
  expect(codeOf(await monitor.ask(own(1)))).toBe('AA')
  await until(async () => (await stored()).length === 1, 'the first')
  expect((await stored())[0]).toMatchObject({ hr: 71, temp: null, other: { unmapped: { hl7_House_name: 98.6 } } })
  await database.query(`insert into hl7_code (sender_no, code, system, signal, unit, from_at, made_by, reread_until) select no, 'T77', '99HOUSE', 'temp', '', now(), 'op', now() from hl7_sender where name = 'OWN'`)
  // The next bridge knows at once; this one within ten seconds.
  const second = await startHl7Bridge(database.url, broker.url)
  const other = await connectMonitor(second.hl7Port() as number)
  expect(codeOf(await other.ask(own(2)))).toBe('AA')
  await until(async () => (await stored()).length === 2, 'the second')
  expect((await stored())[1]).toMatchObject({ hr: 72, temp: 37 })
  other.close()
  await second.stop()
  // What came before the mapping gives what it gave, also when it is read again.
  await database.query(`update hl7_message set done = false where control_id = 'O1'`)
  const third = await startHl7Bridge(database.url, broker.url)
  await until(async () => (await database.query('select 1 from hl7_message where not done')).length === 0, 'the first again')
  expect((await stored()).map(({ hr, temp }) => [hr, temp])).toEqual([[71, null], [72, 37]])
  await third.stop()
})
