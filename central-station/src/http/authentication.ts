import cookie from '@fastify/cookie'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { AppError } from '@vigil/contract'
import type { Audit, Doing, Subject } from '../audit/audit.ts'
import type { Gate } from '../people/gate.ts'
import { actorOf } from './context.ts'
import { assertPermission } from './permissions.ts'

export interface AuthenticationOptions {
  readonly gate: Gate
  readonly audit: Audit
  readonly tls: boolean
}

const UNSAFE: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'DELETE'])

/** The `__Host-` prefix binds the cookie to this host, this path and TLS (RFC 6265bis); browsers refuse it without TLS. */
export function cookieName(tls: boolean): string {
  return tls ? '__Host-vigil' : 'vigil'
}

/** Who is it, may they, and is it written down: for every route, before and after its handler. */
export async function authenticate(app: FastifyInstance, { gate, audit, tls }: AuthenticationOptions): Promise<void> {
  await app.register(cookie)
  app.decorateRequest('caller', null)
  app.decorateRequest('session', null)
  app.decorateRequest('glassWard', null)
  app.decorateRequest('undertaking', null)
  app.decorateRequest('isSameLook', false)
  app.decorateRequest('subject')
  app.addHook('onRequest', async (request) => {
    request.subject = {}
    const found = whoIs(request, gate, tls)
    request.caller = found?.caller ?? null
    request.session = found?.session ?? null
    assertSameOrigin(request, tls)
    await assertPermission(request, audit)
  })
  // From here on whatever the call changes holds its entry, in the same transaction.
  app.addHook('preHandler', (request, _reply, done) => {
    const doing = UNSAFE.has(request.method) ? doingOf(request) : undefined
    if (!doing) return done()
    request.undertaking = audit.begin([doing])
    request.undertaking.during(done)
  })
  // An answer never leaves before what it tells or did is written on the disk.
  app.addHook('onSend', async (request, reply) => {
    const { undertaking } = request
    if (reply.statusCode >= 400) return undertaking?.fail(reply.statusCode)
    if (undertaking) return undertaking.finish()
    if (request.isSameLook) return
    const doing = doingOf(request)
    if (doing) await audit.record(doing.actor, doing.action, doing.subject())
  })
  app.addHook('onResponse', async ({ undertaking }) => undertaking?.drop())
}

function doingOf(request: FastifyRequest): Doing | undefined {
  const action = request.routeOptions.config.audit
  if (typeof action !== 'string' || !request.caller) return undefined
  return { actor: actorOf(request), action, subject: () => throughGlass(request), draft: () => draftOf(request) }
}

const NAMED: ReadonlySet<string> = new Set(['patientId', 'stayId', 'deviceId', 'wardId'])

/** What the address says it is about, and what the handler has said by now. */
function draftOf(request: FastifyRequest): Subject {
  const subject = throughGlass(request)
  const named = Object.entries(request.params as Record<string, string>)
  const about = Object.fromEntries(named.filter(([name]) => NAMED.has(name)))
  const other = Object.fromEntries(named.filter(([name]) => !(NAMED.has(name))))
  return { ...about, ...subject, detail: { ...other, method: request.method, route: request.routeOptions.url, ...subject.detail } }
}

/** What somebody did in a ward they opened in an emergency says so. */
function throughGlass({ caller, subject, glassWard }: FastifyRequest): Subject {
  const opened = glassWard !== null || (subject.wardId !== undefined && caller?.opened?.includes(subject.wardId) === true)
  return opened ? { ...subject, detail: { ...subject.detail, glass: true } } : subject
}

function whoIs(request: FastifyRequest, gate: Gate, tls: boolean): ReturnType<Gate['find']> {
  const bearer = /^Bearer ([A-Za-z0-9_-]{20,128})$/.exec(request.headers.authorization ?? '')?.[1]
  const token = bearer ?? request.cookies[cookieName(tls)]
  return token === undefined ? undefined : gate.find(token)
}

/**
 * A page of another site can make a browser send our cookie: what changes something, and the live socket, must come from
 * our own pages. Browsers always say where such a call comes from; programs, which hold no cookie, do not have to.
 */
function assertSameOrigin(request: FastifyRequest, tls: boolean): void {
  const { origin, upgrade } = request.headers
  if (origin === undefined || (!UNSAFE.has(request.method) && upgrade?.toLowerCase() !== 'websocket')) return
  if (!isOwn(origin, request.headers.host ?? '', tls)) throw new AppError('CROSS_ORIGIN', 'This call came from a page of another site. Open the app at its own address and try again.')
}

/** Without TLS of our own a proxy in front may have it: then the same host counts under both schemes. */
function isOwn(origin: string, host: string, tls: boolean): boolean {
  const from = URL.parse(origin)
  return from !== null && from.host === host.toLowerCase() && (!tls || from.protocol === 'https:')
}

export function giveCookie(reply: FastifyReply, token: string, expiresAtMs: number, tls: boolean): void {
  void reply.setCookie(cookieName(tls), token, { path: '/', httpOnly: true, sameSite: 'strict', secure: tls, expires: new Date(expiresAtMs) })
}

export function takeCookie(reply: FastifyReply, tls: boolean): void {
  void reply.clearCookie(cookieName(tls), { path: '/', httpOnly: true, sameSite: 'strict', secure: tls })
}
