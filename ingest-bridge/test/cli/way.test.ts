import { expect, it } from 'vitest'
import { chooseWay, type WaySettings } from '../../src/cli/way.ts'

const none: WaySettings = { mode: 'mqtt', databaseUrl: undefined, amqpUrl: undefined, amqpQueue: undefined, amqpCa: undefined, cloudKey: undefined, cloudSecret: undefined, cloudGroup: 'DEFAULT_GROUP', cloudInstance: '', cloudClient: 'vigil', site: 'main' }
const database = { databaseUrl: 'postgres://h/vigil' }
const amqp = { amqpUrl: 'amqp://h', amqpQueue: 'vitals' }

it.each<[string, Partial<WaySettings>, RegExp]>([
  ['a mode nobody knows', { mode: 'amqps', ...database, ...amqp }, /mqtt, forward, amqp or cloud/],
  ['the usual way without a database', {}, /DATABASE_URL/],
  ['a queue to read without a database', { mode: 'amqp', ...amqp }, /DATABASE_URL/],
  ['a queue to read without its name', { mode: 'amqp', ...database, amqpUrl: 'amqp://h' }, /VIGIL_AMQP_QUEUE/],
  ['the cloud platform without a key', { mode: 'cloud', ...database, amqpUrl: 'amqps://h' }, /VIGIL_CLOUD_KEY/],
  ['a queue to fill without its address', { mode: 'forward', amqpQueue: 'vitals' }, /VIGIL_AMQP_URL/],
])('refuses %s, naming the setting', (_what, given, message) => {
  expect(() => chooseWay({ ...none, ...given })).toThrow(message)
})

it('forwards without a database, and reads a queue with one', () => {
  expect(chooseWay({ ...none, mode: 'forward', ...amqp })).toEqual({ mode: 'forward', amqp: { url: 'amqp://h', queue: 'vitals', ca: undefined } })
  expect(chooseWay({ ...none, mode: 'amqp', ...amqp, ...database })).toMatchObject({ mode: 'amqp', databaseUrl: database.databaseUrl, amqp: { queue: 'vitals' } })
  expect(chooseWay({ ...none, ...database, ...amqp })).toEqual({ mode: 'mqtt', databaseUrl: database.databaseUrl, amqp: undefined })
})
