import { existsSync } from 'node:fs'
import { join } from 'node:path'
import staticFiles from '@fastify/static'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { AppError } from '@vigil/contract'
import type { Log } from '@vigil/program'
import { sendProblem } from './error-handling.ts'

/** Files under here carry a hash of their content in their name, so they never change. */
const HASHED = 'assets/'
const YEAR_S = 31_536_000
const NOT_PAGES = /^\/(api|fhir|health|metrics)(\/|$)/

/** Serves the app, compressed where the build laid that beside a file; every address that is a page of it answers with its index. */
export async function webApp(app: FastifyInstance, { dist, log }: { dist: string; log: Log }): Promise<void> {
  await app.register(staticFiles, { root: dist, serve: false, cacheControl: false, preCompressed: true })
  const config = { permission: 'public', audit: false, rateLimit: false } as const

  app.get('/*', { config, schema: { hide: true } }, (request, reply) => {
    const path = (request.params as { '*': string })['*']
    if (isPage(request)) return existsSync(join(dist, 'index.html')) ? sendIndex(reply) : reply.callNotFound()
    // The index names the hashed files of its own build: an old one would ask for files that are gone.
    void reply.header('cache-control', path.startsWith(HASHED) ? `public, max-age=${YEAR_S}, immutable` : 'no-cache')
    return reply.sendFile(path)
  })

  app.setNotFoundHandler({ preHandler: app.rateLimit() }, (request, reply) => {
    const detail = isPage(request) ? 'The app is not built. Run "npm run build -w web-client", or start Vigil with npm start.' : 'There is nothing at this address.'
    return sendProblem(new AppError('NOT_FOUND', detail), request, reply, log)
  })
}

/** A page is what a browser navigates to: not the API, and not a file that is missing. */
function isPage(request: FastifyRequest): boolean {
  const path = request.url.split('?')[0] ?? '/'
  return (request.method === 'GET' || request.method === 'HEAD') && !NOT_PAGES.test(path) && !/\.[a-z0-9]+$/i.test(path)
}

function sendIndex(reply: FastifyReply): FastifyReply {
  return reply.header('cache-control', 'no-cache').sendFile('index.html')
}
