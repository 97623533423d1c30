import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { AppError, statusOf, type Ledger, type NewDevice, type NewPatient, type NewStay, type NewWard, type StayChange } from '@vigil/contract'

interface Bed {
  readonly id: string
  readonly label: string
  stay?: { id: string; patient: { id: string; mode: string }; reason: string; admittedAt?: string | undefined }
  device?: { id: string } | undefined
}

/** The central station as far as programs need it, in memory: devices, wards, patients, stays, ledgers. */
export interface ModelStation {
  readonly url: string
  readonly password: string
  readonly devices: Map<string, NewDevice & { secret: string }>
  readonly patients: Map<string, NewPatient & { id: string }>
  readonly wards: Map<string, Omit<NewWard, 'beds'> & { beds: Bed[] }>
  readonly ledgers: Map<string, Ledger>
  /** Calls by method and path, without the session. */
  readonly calls: string[]
  /** The next calls are answered with this status, as a station that is just starting does. */
  busyFor: number
}

const TOKEN = 'token-of-a-program'

export async function startModelStation(): Promise<ModelStation> {
  const station: ModelStation = { url: '', password: randomUUID(), devices: new Map(), patients: new Map(), wards: new Map(), ledgers: new Map(), calls: [], busyFor: 0 }
  const server = createServer((request, response) => {
    const answer = (status: number, body: unknown): void => void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    void readBody(request).then((body) => {
      try {
        answer(200, handle(station, request, body))
      } catch (error) {
        if (!(error instanceof AppError)) throw error
        answer(statusOf(error.code), { code: error.code, status: statusOf(error.code), detail: error.message })
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return Object.assign(station, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
}

function handle(station: ModelStation, request: IncomingMessage, body: unknown): unknown {
  if (station.busyFor > 0) {
    station.busyFor -= 1
    throw new AppError('NOT_READY', 'The central station is starting.')
  }
  const path = (request.url ?? '').replace('/api/v1', '')
  if (path === '/session') return signIn(station, body as { username: string; password: string })
  if (request.headers.authorization !== `Bearer ${TOKEN}`) throw new AppError('UNAUTHENTICATED', 'Sign in first.')
  const call = `${request.method} ${path}`
  station.calls.push(call)
  const route = routes.find(([pattern]) => pattern.test(call))
  if (!route) throw new AppError('NOT_FOUND', call)
  return route[1](station, route[0].exec(call)?.[1] ?? '', body)
}

const routes: readonly (readonly [RegExp, (station: ModelStation, id: string, body: unknown) => unknown])[] = [
  [/^POST \/devices$/, (station, _id, body) => addDevice(station, body as NewDevice)],
  [/^GET \/devices$/, (station) => ({ devices: [...station.devices.values()] })],
  [/^GET \/devices\/([^/]+)\/ledger$/, (station, id) => station.ledgers.get(id) ?? { epochs: [] }],
  [/^POST \/wards$/, (station, _id, body) => addWard(station, body as Omit<NewWard, 'beds'> & { id: string; beds: readonly Bed[] })],
  [/^GET \/wards$/, (station) => ({ wards: [...station.wards.values()] })],
  [/^POST \/patients$/, (station, _id, body) => addPatient(station, body as NewPatient)],
  [/^GET \/patients\?q=(.+)$/, (station, q) => ({ patients: [...station.patients.values()].filter(({ identifier }) => identifier?.includes(q)) })],
  [/^POST \/stays$/, (station, _id, body) => admit(station, body as NewStay)],
  [/^POST \/stays\/([^/]+)\/discharge$/, (station, id) => leave(bedOfStay(station, id))],
  [/^PUT \/stays\/([^/]+)\/limits$/, (station, id) => ({ stayId: bedOfStay(station, id).stay?.id, version: 1 })],
  [/^PATCH \/stays\/([^/]+)$/, (station, id, body) => link(bedOfStay(station, id), body as StayChange)],
]

function signIn(station: ModelStation, { username, password }: { username: string; password: string }): unknown {
  if (password !== station.password) throw new AppError('SIGN_IN_REFUSED', 'User name or password is wrong.')
  return { user: { username }, rights: [], expiresAt: '', token: TOKEN }
}

function addDevice(station: ModelStation, device: NewDevice): unknown {
  if (station.devices.has(device.id)) throw new AppError('ALREADY_EXISTS', `There is a device ${device.id} already.`)
  const secret = randomUUID()
  station.devices.set(device.id, { ...device, secret })
  return { id: device.id, site: device.site ?? 'main', secret }
}

function addWard(station: ModelStation, ward: Omit<NewWard, 'beds'> & { id: string; beds: readonly Bed[] }): unknown {
  if (station.wards.has(ward.id)) throw new AppError('ALREADY_EXISTS', `There is a ward ${ward.id} already.`)
  station.wards.set(ward.id, { ...ward, beds: ward.beds.map((bed) => ({ ...bed })) })
  return station.wards.get(ward.id)
}

function addPatient(station: ModelStation, patient: NewPatient): unknown {
  if ([...station.patients.values()].some(({ identifier }) => identifier === patient.identifier)) throw new AppError('ALREADY_EXISTS', 'This hospital number is in use.')
  const id = randomUUID()
  station.patients.set(id, { ...patient, id })
  return { ...patient, id }
}

const beds = (station: ModelStation): Bed[] => [...station.wards.values()].flatMap((ward) => ward.beds)

function admit(station: ModelStation, { patientId, bedId, deviceId, reason = '', admittedAt }: NewStay): unknown {
  const bed = beds(station).find(({ id }) => id === bedId)
  const patient = station.patients.get(patientId)
  if (!bed || !patient) throw new AppError('NOT_FOUND', 'There is no such bed or patient.')
  if (bed.stay) throw new AppError('BED_OCCUPIED', `Bed ${bedId} is occupied.`)
  bed.stay = { id: randomUUID(), patient: { id: patientId, mode: patient.mode ?? 'real' }, reason, admittedAt }
  bed.device = deviceId === undefined ? undefined : { id: deviceId }
  return bed.stay
}

function bedOfStay(station: ModelStation, stayId: string): Bed {
  const bed = beds(station).find(({ stay }) => stay?.id === stayId)
  if (!bed) throw new AppError('NOT_FOUND', `There is no stay ${stayId}.`)
  return bed
}

function leave(bed: Bed): unknown {
  const { stay } = bed
  delete bed.stay
  delete bed.device
  return stay
}

function link(bed: Bed, { deviceId }: StayChange): unknown {
  bed.device = deviceId ? { id: deviceId } : undefined
  return bed.stay
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString()
  return text === '' ? undefined : (JSON.parse(text) as unknown)
}
