import { createServer } from 'node:http'
import pg from 'pg'

/**
 * The becalm project's design: a POST with an array of measures of one patient, a row per measure, answered 201 when they are stored.
 * Its own server does it in a function of the database; here the rows go in by one statement, which is faster.
 */
const INSERT = `insert into measure (patient, measure_type, date_generation, measure_value)
select $1, type, at, value from unnest($2::"char"[], $3::timestamptz[], $4::real[]) as m (type, at, value) on conflict do nothing`
const POOL = 10

interface Measure {
  readonly measure_type: string
  readonly measure_value: number
  readonly date_generation: string
}

const [port, databaseUrl] = process.argv.slice(2)
const pool = new pg.Pool({ connectionString: databaseUrl, max: POOL })
const server = createServer({ noDelay: true }, (request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const measures = JSON.parse(Buffer.concat(chunks).toString()) as readonly Measure[]
    const values = [request.url?.split('/').at(-1), measures.map((m) => m.measure_type), measures.map((m) => m.date_generation), measures.map((m) => m.measure_value)]
    pool.query({ name: 'insert', text: INSERT, values }).then(
      () => response.writeHead(201).end(),
      (error: Error) => response.writeHead(500).end(error.message),
    )
  })
})
server.listen(Number(port), '127.0.0.1', () => process.stdout.write('{"ready":true}\n'))
process.on('SIGTERM', () => process.exit(0))
