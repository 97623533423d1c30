import { createServer, type Server } from 'node:http'
import { Registry, collectDefaultMetrics } from 'prom-client'
import { listen } from './bind.ts'

/** One fact about a program's health; `ok` false makes `/health/ready` answer 503 and say which. */
export interface HealthFact {
  readonly name: string
  readonly ok: boolean
  readonly detail?: string
}

export interface HealthOptions {
  readonly port: number
  readonly bind: string
  readonly setting: string
  readonly metrics: Registry
  readonly ready: () => readonly HealthFact[]
}

/** How often the delay of the event loop is looked at. Every 10 ms, the library's own choice, wakes a program that has nothing to do a hundred times a second. */
const LOOP_LOOK_EVERY_MS = 100

/** A metrics registry with the process's own figures. */
export function createMetrics(program: string): Registry {
  const registry = new Registry()
  registry.setDefaultLabels({ program })
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: LOOP_LOOK_EVERY_MS })
  return registry
}

/** Serves `/health/live`, `/health/ready` (also `/health`) and `/metrics`. Answers the port it listens on. */
export async function startHealth(options: HealthOptions): Promise<{ port: number; stop: () => Promise<void> }> {
  const server = createServer((request, response) => {
    answer((request.url ?? '/').split('?')[0] ?? '/', options)
      .then(({ status, type, body }) => response.writeHead(status, { 'content-type': type }).end(body))
      .catch(() => response.writeHead(500).end())
  })
  const port = await listen(server, options.port, options.bind, options.setting)
  return { port, stop: () => closeServer(server) }
}

async function answer(path: string, options: HealthOptions): Promise<{ status: number; type: string; body: string }> {
  const json = (status: number, body: unknown) => ({ status, type: 'application/json', body: JSON.stringify(body) })
  if (path === '/health/live') return json(200, { ok: true })
  if (path === '/health' || path === '/health/ready') {
    const facts = options.ready()
    const ok = facts.every((fact) => fact.ok)
    return json(ok ? 200 : 503, { ok, facts })
  }
  if (path === '/metrics') return { status: 200, type: options.metrics.contentType, body: await options.metrics.metrics() }
  return json(404, { code: 'NOT_FOUND', detail: 'Known: /health/live, /health/ready, /metrics' })
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
