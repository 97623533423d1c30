import swagger from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import { scopeOf } from './scope.ts'

const ABOUT = [
  'Remote patient monitoring. Not a certified medical device; for secondary monitoring only.',
  'Errors are `application/problem+json` (RFC 9457) with a stable `code`; docs/errors.md lists them with what to do.',
  'Live values come over the WebSocket `GET /api/v1/live` (same sign-in): send `{"type":"watch","wards":[…],"devices":[…],"waves":[…]}`; frames are `hello`, `ward`, `bed`, `values`, `command`, `config`, `heartbeat`, `refused`, and binary waveforms.',
].join('\n\n')

/** Collects every route's schema into one OpenAPI 3.1 description. Register before the routes. */
export async function describeApi(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    // What it takes, how it keeps to wards and what it writes to the audit stands beside each call, for readers and for the test that walks them all.
    transform: ({ schema, url, route }) => ({ url, schema: { ...schema, 'x-permission': route.config?.permission, 'x-scope': scopeOf(route), 'x-audit': route.config?.audit || (route.config?.auditedBy ?? false) } }),
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Vigil central station', version: '1', description: ABOUT, license: { name: 'Apache-2.0' } },
      servers: [{ url: '/' }],
      components: {
        securitySchemes: {
          cookie: { type: 'apiKey', in: 'cookie', name: 'vigil', description: '`__Host-vigil` under TLS' },
          bearer: { type: 'http', scheme: 'bearer' },
        },
      },
      security: [{ cookie: [] }, { bearer: [] }],
    },
  })
}

/** Serves the description. */
export async function openApiRoute(app: FastifyInstance): Promise<void> {
  app.get('/openapi.json', { config: { permission: 'public', audit: false }, schema: { summary: 'This description', tags: ['health'] } }, async (_request, reply) =>
    reply.type('application/json').send(JSON.stringify(app.swagger())),
  )
}
