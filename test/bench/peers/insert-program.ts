import mqtt from 'mqtt'
import { Client } from 'pg'
import { INSERT } from './peer-table.ts'

/**
 * The bridge everybody writes first: a subscription, and one INSERT per message on one connection. It acknowledges a message when its
 * row is committed, so that it at least loses nothing.
 */
const [brokerUrl = '', databaseUrl = ''] = process.argv.slice(2)
const database = new Client({ connectionString: databaseUrl })
await database.connect()
const client = await mqtt.connectAsync(brokerUrl, { clientId: 'insert-bridge', clean: true })
client.handleMessage = ({ topic, payload }, done) => {
  const { e, s, t, m } = JSON.parse(payload.toString()) as { e: string; s: number; t: number; m: Record<string, number> }
  const values = [topic.split('/')[3], e, s, t, m['pr'], m['spo2'], m['pi'], m['temp'], m['rr']]
  database.query(INSERT, values, (error: Error | null) => done(error ?? undefined))
}
await client.subscribeAsync('vitals/1/+/+/tele', { qos: 1 })
process.on('SIGTERM', () => process.exit(0))
process.stdout.write('{"ready":true}\n')
