import Fastify, { LogController, type FastifyInstance } from 'fastify'
import { AppError, type Clock } from '@vigil/contract'
import { listen, type Log } from '@vigil/program'
import { type Audit, systemActor } from '../audit/audit.ts'
import { readTime } from '../history/time-range.ts'
import { handleErrors } from '../http/error-handling.ts'
import { uuidv7 } from '../ids.ts'
import type { Becalm } from './becalm.ts'

export interface BecalmDoorOptions {
  readonly becalm: Becalm
  readonly port: number
  readonly bind: string
  /** Who may call: this interface knows no sign-in. */
  readonly isAllowed: (address: string) => boolean
  /** Pages of this address may read it; none without. */
  readonly pageOrigin: string | undefined
  readonly audit: Audit
  readonly count: (outcome: string, rows: number) => void
  readonly clock: Clock
  readonly log: Log
}

const MOST_BODY_BYTES = 512 * 1024
/** A page polls every second: that it looked is written down once an hour for each address. */
const LOOKED_EVERY_MS = 3_600_000
const MOST_ADDRESSES = 1_000

/** A listener of its own, where stations expect it: no cookie, no session and no other route of ours is behind it. */
export async function openBecalmDoor(options: BecalmDoorOptions): Promise<{ readonly port: number; stop(): Promise<void> }> {
  const { port, bind, log, clock, isAllowed, pageOrigin, count } = options
  const app = Fastify({ loggerInstance: log, logController: new LogController({ disableRequestLogging: true }), forceCloseConnections: true, bodyLimit: MOST_BODY_BYTES, requestTimeout: 30_000, genReqId: () => uuidv7(clock.now()), requestIdHeader: false }) as unknown as FastifyInstance
  handleErrors(app, log)
  app.addHook('onRequest', async (request, reply) => {
    if (!isAllowed(request.ip)) {
      count('not_allowed', 1)
      throw new AppError('FORBIDDEN', 'This address is not among those that may call here (VIGIL_BECALM_ALLOW).')
    }
    void reply.header('cache-control', 'no-store')
    if (pageOrigin !== undefined) void reply.header('access-control-allow-origin', pageOrigin).header('access-control-allow-headers', 'content-type')
  })
  routes(app, options)
  await app.ready()
  return { port: await listen(app.server, port, bind, 'VIGIL_BECALM_PORT'), stop: () => app.close() }
}

type Asked = { Params: { patient: string }; Querystring: Record<string, string | readonly string[] | undefined> }

function routes(app: FastifyInstance, { becalm, audit, clock, pageOrigin }: BecalmDoorOptions): void {
  const looked = lookedOnce(clock)
  const noteLook = async (ip: string, what: string) => {
    if (looked(`${ip} ${what}`)) await audit.record({ ...systemActor, username: '(becalm)', origin: ip }, 'becalm.read', { detail: { what } })
  }
  if (pageOrigin !== undefined) app.options('/v100/*', async (_request, reply) => reply.code(204).send())
  app.get('/v100/devices', async () => becalm.devices())
  app.get('/v100/patients', async () => becalm.patients())
  app.get('/v100/data-sensor/latest', async ({ ip }) => {
    await noteLook(ip, 'latest')
    return becalm.latest()
  })
  app.get<Asked>('/v100/data-sensor/:patient', async ({ ip, params, query }) => {
    await noteLook(ip, params.patient.slice(0, 5))
    const [from, to] = [once(query, 'start_date'), once(query, 'end_date')]
    return becalm.read(numbered(params.patient, 'id_patient'), from === undefined ? undefined : readTime('from', from), to === undefined ? undefined : readTime('to', to))
  })
  app.post<Asked>('/v100/data-sensor/:patient', async ({ params, query, body }, reply) => reply.code(201).send(await becalm.post(numbered(params.patient, 'id_patient'), numbered(once(query, 'id_device'), 'id_device'), body)))
}

/** @throws AppError INVALID_REQUEST when it is given twice */
function once(query: Asked['Querystring'], name: string): string | undefined {
  const value = query[name]
  if (value === undefined || typeof value === 'string') return value
  throw new AppError('INVALID_REQUEST', `${name} is given more than once.`)
}

function numbered(text: string | undefined, name: string): number {
  if (text === undefined || !/^\d{1,5}$/.test(text)) throw new AppError('INVALID_REQUEST', `${name} is a number.`)
  return Number(text)
}

function lookedOnce(clock: Clock): (key: string) => boolean {
  const at = new Map<string, number>()
  return (key) => {
    const now = clock.monotonic()
    const before = at.get(key)
    if (before !== undefined && now - before < LOOKED_EVERY_MS) return false
    if (at.size >= MOST_ADDRESSES) at.clear()
    at.set(key, now)
    return true
  }
}

