import type { FastifyPluginAsync } from 'fastify'
import type { HealthFact } from '@vigil/program'

/** The part of a metrics registry that is served. */
export interface Metrics {
  readonly contentType: string
  metrics(): Promise<string>
}

/** For supervisors and Prometheus; no names, no values of patients. */
export const healthRoutes: FastifyPluginAsync<{ ready: () => readonly HealthFact[]; metrics: Metrics }> = async (app, { ready, metrics }) => {
  const config = { permission: 'public', audit: false, rateLimit: false } as const
  app.get('/health/live', { config, schema: { summary: 'The program runs', tags: ['health'] } }, async () => ({ ok: true }))
  for (const url of ['/health', '/health/ready']) {
    app.get(url, { config, schema: { summary: 'What works and what does not', tags: ['health'] } }, async (_request, reply) => {
      const facts = ready()
      const ok = facts.every((fact) => fact.ok)
      return reply.code(ok ? 200 : 503).send({ ok, facts })
    })
  }
  app.get('/metrics', { config, schema: { summary: 'Figures for Prometheus', tags: ['health'] } }, async (_request, reply) => reply.type(metrics.contentType).send(await metrics.metrics()))
}
