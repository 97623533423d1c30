import type { FastifyInstance, FastifyRequest } from 'fastify'
import { AppError, checkLiveRequest, type Clock, type LiveRequest, LIVE_HEARTBEAT_MS } from '@vigil/contract'
import type { WardReads } from '../audit/ward-reads.ts'
import type { ArmedScreens } from '../live/armed-screens.ts'
import type { Broadcast } from '../live/broadcast.ts'
import { Viewer, type ViewerSocket } from '../live/viewer.ts'
import type { Log } from '@vigil/program'
import type { Registry } from '../registry/registry.ts'
import { may, seesWard } from '../people/caller.ts'
import { actorOf } from './context.ts'
import { toProblem } from './problem.ts'

export interface LiveRouteOptions {
  readonly broadcast: Broadcast
  readonly armed: ArmedScreens
  readonly registry: Registry
  readonly reads: WardReads
  readonly clock: Clock
  readonly log: Log
}

/** The largest question is 16 wards, 64 devices and 8 waveforms of 64 letters each. */
export const MOST_LIVE_REQUEST_BYTES = 16 * 1024
/** A page asks once per change of screen; each question makes us send whole wards. */
const REQUESTS_PER_BEAT = 20

interface Socket extends ViewerSocket {
  on(event: 'message', listener: (data: Buffer, isBinary: boolean) => void): void
  on(event: 'close', listener: () => void): void
}

/** The live WebSocket. What may be seen was checked before the upgrade; each question is checked again. */
export async function liveRoute(app: FastifyInstance, options: LiveRouteOptions): Promise<void> {
  const { broadcast, log } = options
  app.get(
    '/live',
    { websocket: true, config: { permission: 'ward:read', audit: false, scope: 'filtered', rateLimit: { max: 60 } }, schema: { summary: 'Live frames of wards and devices (WebSocket)', tags: ['wards'] } },
    (socket: Socket, request) => {
      const { caller } = request
      if (!caller) return socket.close(1008, 'sign in first')
      const viewer = new Viewer(socket, caller.id, { wards: caller.wards, mayDevices: may(caller, 'device:read'), inCharge: may(caller, 'glass:read') }, caller.held === 'locked')
      const limit = createLimit(options.clock)
      socket.on('close', () => {
        options.armed.disarm(viewer)
        broadcast.remove(viewer)
      })
      socket.on('message', (data, isBinary) => {
        if (!limit()) return socket.close(1008, 'too many requests')
        answer(readRequest(data, isBinary), viewer, request, options)
      })
      broadcast.add(viewer)
      log.debug({ requestId: request.id, role: caller.role }, 'live.opened')
    },
  )
}

function answer(asked: LiveRequest | AppError, viewer: Viewer, request: FastifyRequest, options: LiveRouteOptions): void {
  const { broadcast, reads, registry, log } = options
  if (asked instanceof AppError) return broadcast.refuse(viewer, toProblem(asked, request.id))
  if (asked.type === 'ping') return broadcast.pong(viewer, asked.id)
  if (asked.type !== 'watch') return listen(asked, viewer, options)
  const wanted = { wards: asked.wards ?? [], devices: asked.devices ?? [], waves: asked.waves ?? [] }
  const devices = [...new Set([...wanted.devices, ...wanted.waves])]
  const world = registry.now()
  const unknown = [...wanted.wards.filter((id) => !world.wards.has(id)), ...devices.filter((id) => !world.devices.has(id))]
  if (unknown.length > 0) broadcast.refuse(viewer, toProblem(new AppError('NOT_FOUND', `There is no ward or device ${unknown.join(', ')}.`, { details: { unknown } }), request.id))
  if (!viewer.mayDevices && devices.length > 0) broadcast.refuse(viewer, toProblem(new AppError('FORBIDDEN', 'Your role sees wards, not single devices.', { details: { permission: 'device:read' } }), request.id))
  const hidden = [...wanted.wards.filter((id) => world.wards.has(id) && !seesWard(viewer.sight, id)), ...devices.filter((id) => !viewer.sees(world.stayOfDevice.get(id)?.wardId ?? ''))]
  if (hidden.length > 0) broadcast.refuse(viewer, toProblem(new AppError('OUT_OF_WARDS', `${hidden.join(', ')}: this is in a ward that is not yours.`, { details: { hidden } }), request.id))
  const visible = (id: string) => viewer.mayDevices && world.devices.has(id) && !hidden.includes(id)
  const allowed = { wards: wanted.wards.filter((id) => world.wards.has(id) && !hidden.includes(id)), devices: wanted.devices.filter(visible), waves: wanted.waves.filter(visible) }
  // The wall never waits, not even for a disk: the look is written while its first frame is on the way.
  reads
    .look(actorOf(request), { session: viewer.caller, wards: allowed.wards, devices: [...allowed.devices, ...allowed.waves] })
    .catch((err: unknown) => log.error({ err, requestId: request.id }, 'live.look_not_written'))
  broadcast.watch(viewer, allowed)
}

/** Whether this screen will be heard. Only wards that exist count. */
function listen(asked: Exclude<LiveRequest, { type: 'watch' | 'ping' }>, viewer: Viewer, { broadcast, armed, registry }: LiveRouteOptions): void {
  if (asked.type === 'arm') armed.arm(viewer, asked.wards.filter((id) => registry.now().wards.has(id) && viewer.sees(id)))
  else if (asked.type === 'armed' && asked.audible) armed.beat(viewer)
  else armed.disarm(viewer)
  broadcast.armed(viewer, armed.wardsOf(viewer))
}

function readRequest(data: Buffer, isBinary: boolean): LiveRequest | AppError {
  let value: unknown
  try {
    value = isBinary ? undefined : JSON.parse(data.toString('utf8'))
  } catch {
    return new AppError('MALFORMED_JSON', 'The request is not JSON.')
  }
  const checked = checkLiveRequest(value)
  return checked.ok ? checked.value : new AppError('INVALID_REQUEST', `The request does not fit: ${checked.reason}.`)
}

function createLimit(clock: Clock): () => boolean {
  let since = clock.monotonic()
  let count = 0
  return () => {
    if (clock.monotonic() - since > LIVE_HEARTBEAT_MS) {
      since = clock.monotonic()
      count = 0
    }
    return ++count <= REQUESTS_PER_BEAT
  }
}
