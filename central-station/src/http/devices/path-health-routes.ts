import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { PathHealth, Problem } from '@vigil/contract'

/** Whether broker, storage, database and alarms work, for people; `/health/ready` says it to supervisors. */
export const pathHealthRoutes: FastifyPluginAsyncTypebox<{ pathHealth: () => Promise<PathHealth> }> = async (app, { pathHealth }) => {
  app.get(
    '/path-health',
    { config: { permission: 'device:read', audit: false, scope: 'none' }, schema: { summary: 'The way from boards to screens and storage, part by part', description: 'Answers also while the database is away, and says so.', tags: ['devices'], response: { 200: PathHealth, '4xx': Problem } } },
    () => pathHealth(),
  )
}
