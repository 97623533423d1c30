import { afterAll, beforeAll, expect, it } from 'vitest'
import type { StartedBridge } from '../../src/start-bridge.ts'
import { startBroker, type TestBroker } from '../support/broker.ts'
import { freshDatabase, type TestDatabase } from '../support/database.ts'
import { startHl7Bridge } from '../support/hl7-bridge.ts'
import { codeOf, connectMonitor, type Monitor } from '../support/monitor.ts'

const ALARM = '00000000-0000-7000-8000-00000000aaaa'
let database: TestDatabase
let broker: TestBroker
let bridge: StartedBridge
let gateway: Monitor

beforeAll(async () => {
  database = await freshDatabase()
  broker = await startBroker()
  bridge = await startHl7Bridge(database.url, broker.url)
  gateway = await connectMonitor(bridge.hl7Port() as number)
  await database.query(`insert into outbound_target (id, kind, name, settings, events, created_at, created_by) values (gen_random_uuid(), 'hl7', 'pagers', '{}', '{alarm.*}', now(), 'op')`)
  await database.query(`insert into outbound_delivery (target_id, key, event, subject, body, created_at, next_at, state) select id, k, 'alarm.announced', $1, '', now(), now(), 'delivered' from outbound_target, unnest(array['a', 'b']) k`, [ALARM])
})
afterAll(async () => {
  gateway.close()
  await bridge.stop()
  await broker.close()
  await database.close()
})

/** ORA^R41 as a pager system sends it: about a message of ours (MSA-2), or about an alarm (OBR-29.2). */
const ora = (id: string, status: string, { msa = '', alarm = ALARM } = {}) =>
  `MSH|^~\\&|PAGERS|||H|20260301120000+0000||ORA^R41^ORA_R41|${id}|P|2.6\r${msa === '' ? '' : `MSA|AA|${msa}\r`}OBR|1|${alarm}|${alarm}||||||||||||||||||||||||||^${alarm}\rPRT||AD|^${status}\r`
const said = async () => (await database.query<{ delivery_no: string; status: string }>('select delivery_no::text as delivery_no, status from outbound_said order by no')).map(({ delivery_no, status }) => [Number(delivery_no), status])

it('what another system says of an alarm at our own listener is kept step by step beside what went out', async () => {
  const [first, second] = (await database.query<{ no: string }>('select no::text as no from outbound_delivery order by no')).map(({ no }) => Number(no)) as [number, number]
  expect(codeOf(await gateway.ask(ora('1', 'Delivered', { msa: `V${first}` })))).toBe('AA')
  expect(codeOf(await gateway.ask(ora('2', 'Read')))).toBe('AA')
  expect(codeOf(await gateway.ask(ora('3', 'Accepted')))).toBe('AA')
  // The same again changes nothing.
  expect(codeOf(await gateway.ask(ora('3', 'Accepted')))).toBe('AA')
  expect(await said()).toEqual([[first, 'delivered'], [second, 'read'], [second, 'accepted']])
  expect(await database.query('select status from outbound_delivery order by no')).toEqual([{ status: 'delivered' }, { status: 'accepted' }])
})

it('of an alarm that never went out is refused, and told so', async () => {
  const answer = await gateway.ask(ora('4', 'Read', { alarm: '00000000-0000-7000-8000-00000000bbbb' }))
  expect(codeOf(answer)).toBe('AR')
  expect(answer).toMatch(/\rERR.*204/)
  expect(codeOf(await gateway.ask(ora('5', 'Something else')))).toBe('AR')
})
