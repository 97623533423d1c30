import { createServer } from 'node:net'
import { acknowledge, createFramer, readMessage, readObservations, toFrame } from '@vigil/contract/hl7/index'
import { systemClock } from '@vigil/program'
import { Client } from 'pg'

/**
 * The receiver everybody writes first: one INSERT per row on one connection, answered when the last is committed. It reads
 * messages as we do, so that only the way into the database is compared.
 */
const [port = '0', databaseUrl = ''] = process.argv.slice(2)
const database = new Client({ connectionString: databaseUrl })
await database.connect()
await database.query('create table hl7_row (sender text not null, control_id text not null, row int not null, signal text not null, t timestamptz not null, value real not null)')

async function answer(inbound: Uint8Array): Promise<Uint8Array | undefined> {
  const reading = readMessage(inbound)
  if (!reading.ok) return acknowledge({ inbound, fate: { kind: 'unidentified', error: 100 }, ownId: 'P', nowMs: systemClock.now() })
  const { message } = reading
  for (const { observations } of readObservations(message, { offsetMinutes: 0, givenFirst: false, receivedMs: systemClock.now() })) {
    for (const { row, signal, value, timeMs } of observations) {
      await database.query({ name: 'row', text: 'insert into hl7_row values ($1, $2, $3, $4, to_timestamp($5::float8 / 1000), $6)', values: [message.header.text(3), message.header.text(10), row, signal.name, timeMs, value] })
    }
  }
  return acknowledge({ inbound, fate: { kind: 'stored' }, ownId: 'P', nowMs: systemClock.now() })
}

const server = createServer((socket) => {
  const framer = createFramer({ onFault: () => undefined })
  let turn: Promise<void> = Promise.resolve()
  socket.setNoDelay(true)
  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk: Buffer) => {
    for (const frame of framer.push(chunk).frames) {
      turn = turn.then(async () => {
        const bytes = await answer(frame)
        if (bytes) socket.write(toFrame(bytes))
      })
    }
  })
})
server.listen(Number(port), '127.0.0.1', () => process.stdout.write(`${JSON.stringify({ ready: true, port: (server.address() as { port: number }).port })}\n`))
process.on('SIGTERM', () => process.exit(0))
