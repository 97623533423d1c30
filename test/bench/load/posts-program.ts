import { Agent, request } from 'node:http'
import { performance } from 'node:perf_hooks'
import { answerOrders } from './forked.ts'

/** So many stations, each with one POST on the way; five measures stand for one telemetry object. */
export interface PostsOrder {
  readonly port: number
  readonly stations: number
  readonly posts: number
  /** Telemetry objects in each POST. */
  readonly batch: number
}

const VITALS = [['h', 72], ['o', 97.5], ['p', 100_900], ['t', 36.8], ['c', 15]] as const
const agent = new Agent({ keepAlive: true })
let firstMs = Date.now()

answerOrders<PostsOrder>(async ({ port, stations, posts, batch }) => {
  const startedAt = performance.now()
  const each = Math.ceil(posts / stations)
  // No two runs share a moment: it is part of a measure's key.
  firstMs += 86_400_000
  await Promise.all(Array.from({ length: stations }, async (_, station) => {
    for (let i = 0; i < each; i++) await post(port, station, measures(firstMs + i * batch * 1_000, batch))
  }))
  return { objects: each * stations * batch, perSecond: (each * stations * batch) / ((performance.now() - startedAt) / 1_000) }
})

function measures(atMs: number, batch: number): string {
  const objects = Array.from({ length: batch }, (_, i) => new Date(atMs + i * 1_000).toISOString())
  return JSON.stringify(objects.flatMap((at) => VITALS.map(([measure_type, measure_value]) => ({ measure_type, measure_value, date_generation: at }))))
}

function post(port: number, station: number, body: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const asked = request({ agent, host: '127.0.0.1', port, method: 'POST', path: `/v100/data-sensor/${station}`, headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) } }, (response) => {
    response.resume()
    response.on('end', () => (response.statusCode === 201 ? resolve() : reject(new RangeError(`answered ${response.statusCode}`))))
  })
  asked.on('error', reject)
  asked.end(body)
  return promise
}
