import { createServer, type Server } from 'node:http'
import { Registry, collectDefaultMetrics } from 'prom-client'
import { isAppError } from '@vigil/contract'
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

/** A metrics registry with the process's own figures. */
export function createMetrics(program: string): Registry {
  const registry = new Registry()
  registry.setDefaultLabels({ program })
  collectDefaultMetrics({ register: registry })
  return registry
}

/** Serves `/health/live`, `/health/ready` (also `/health`) and `/metrics`. Answers the port it listens on. */
export async function startHealth(options: HealthOptions): Promise<{ port: number; stop: () => Promise<void> }> {
  const server = createServer((request, response) => {
    const path = (request.url ?? '/').split('?')[0]
    if (path === '/health/live') return void send(200, 'application/json', JSON.stringify({ ok: true }))
    if (path === '/health' || path === '/health/ready') {
      const facts = options.ready()
      const ok = facts.every((fact) => fact.ok)
      return void send(ok ? 200 : 503, 'application/json', JSON.stringify({ ok, facts }))
    }
    if (path === '/metrics') {
      return void options.metrics.metrics().then(
        (text) => send(200, options.metrics.contentType, text),
        (error: unknown) => send(500, 'text/plain', isAppError(error) ? error.message : 'metrics failed'),
      )
    }
    send(404, 'application/json', JSON.stringify({ code: 'NOT_FOUND', detail: 'Known: /health/live, /health/ready, /metrics' }))

    function send(status: number, type: string, body: string): void {
      response.writeHead(status, { 'content-type': type }).end(body)
    }
  })
  const port = await listen(server, options.port, options.bind, options.setting)
  return { port, stop: () => closeServer(server) }
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
