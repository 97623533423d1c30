import { Readable } from 'node:stream'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { AppError, History, HistoryQuery, Name, Problem, Uuid } from '@vigil/contract'
import Type from 'typebox'
import type { Visits } from '../../audit/visits.ts'
import type { CsvExport, CsvService } from '../../history/csv.ts'
import type { HistoryService } from '../../history/history.ts'
import { iso } from '../../iso.ts'
import type { Devices } from '../../devices/devices.ts'
import type { Stays } from '../../stays/stays.ts'
import type { Caller } from '../../people/caller.ts'
import type { Registry } from '../../registry/registry.ts'
import { readTimeRange } from '../../history/time-range.ts'
import { compressLong } from '../compressed-answer.ts'
import { actorOf, mustCaller } from '../context.ts'
import { subjectOf } from './stay-routes.ts'

export interface HistoryRouteOptions {
  readonly history: HistoryService
  readonly csv: CsvService
  readonly stays: Stays
  readonly devices: Devices
  readonly registry: Registry
  readonly visits: Visits
}

const StayParams = Type.Object({ stayId: Uuid })
const DeviceParams = Type.Object({ deviceId: Name })

const READING = [
  '`raw` when the samples of the range fit `points`; otherwise minutes (`1m`) or hours (`1h`), merged to at most `points` buckets of `bucketMs` with minimum, mean and maximum.',
  'Gaps are times without any sample, longer than three usual intervals; draw nothing across them. At `1m` and `1h` a silence shorter than a bucket shows in `completeness` alone.',
  '`expected` is the count of numbers between the first and the last sample of the range in the ledger of what arrived, `missing` those that did not.',
].join(' ')
const EXPORTING = 'Every sample (or every bucket of `resolution`); `points` has no effect. The file ends with a line `# end`; without it, it is not whole.'

/** What was measured: series with stated resolution, gaps and completeness; and the same as a file. */
export const historyRoutes: FastifyPluginAsyncTypebox<HistoryRouteOptions> = async (app, { history, csv, stays, devices, registry, visits }) => {
  const told = (request: FastifyRequest<{ Querystring: HistoryQuery }>, about: string, answer: History): History => {
    request.isSameLook = visits.goesOn({ session: request.session?.id, about, signals: request.query.signals ?? '', fromMs: Date.parse(answer.from), toMs: Date.parse(answer.to) })
    return answer
  }
  app.get(
    '/stays/:stayId/history',
    { onSend: compressLong, config: { permission: 'history:read', audit: 'history.read' }, schema: { summary: 'History of a stay, whichever devices watched it', description: READING, tags: ['history'], params: StayParams, querystring: HistoryQuery, response: { 200: History, '4xx': Problem } } },
    async (request) => {
      const stay = await stays.get(request.params.stayId)
      request.subject = subjectOf(stay, { ...request.query })
      return told(request, `stay ${stay.id}`, await history.read(history.ofStay(stay), request.query))
    },
  )
  app.get(
    '/devices/:deviceId/history',
    { onSend: compressLong, config: { permission: 'history:read', audit: 'history.read' }, schema: { summary: 'History of a device, whoever it watched', description: READING, tags: ['history'], params: DeviceParams, querystring: HistoryQuery, response: { 200: History, '4xx': Problem } } },
    async (request) => {
      const { deviceId } = request.params
      assertOwnStretch(mustCaller(request), registry, deviceId, request.query)
      request.subject = { deviceId, detail: { ...request.query } }
      return told(request, `device ${deviceId}`, await history.read(history.ofDevice(deviceId), request.query))
    },
  )
  app.get(
    '/stays/:stayId/history.csv',
    { config: { permission: 'history:export', audit: 'history.export' }, schema: { summary: 'History of a stay as a CSV file', description: EXPORTING, tags: ['history'], params: StayParams, querystring: HistoryQuery, response: { '4xx': Problem } } },
    async (request, reply) => {
      const stay = await stays.get(request.params.stayId)
      request.subject = subjectOf(stay, { ...request.query })
      const { patient } = stay
      const about = [`stay ${stay.id}`, ...(patient.identifier === undefined ? [] : [`hospital number ${patient.identifier}`]), ...label(patient.mode)]
      const file = await csv.export(history.ofStay(stay), request.query, { about, exportedBy: actorOf(request).username })
      return sendFile(reply, `stay-${stay.id}`, file)
    },
  )
  app.get(
    '/devices/:deviceId/history.csv',
    { config: { permission: 'history:export', audit: 'history.export' }, schema: { summary: 'History of a device as a CSV file', description: EXPORTING, tags: ['history'], params: DeviceParams, querystring: HistoryQuery, response: { '4xx': Problem } } },
    async (request, reply) => {
      const { deviceId } = request.params
      assertOwnStretch(mustCaller(request), registry, deviceId, request.query)
      request.subject = { deviceId, detail: { ...request.query } }
      const about = [`device ${deviceId}`, ...label(devices.get(deviceId).mode)]
      const file = await csv.export(history.ofDevice(deviceId), request.query, { about, exportedBy: actorOf(request).username })
      return sendFile(reply, `device-${deviceId}`, file)
    },
  )
}

/** A device watched others before: who sees some wards only reads of it what belongs to the patient who has it now. */
export function assertOwnStretch({ wards }: Pick<Caller, 'wards'>, registry: Registry, deviceId: string, { from, to }: { from?: string; to?: string }): void {
  if (wards === null) return
  const link = registry.now().stayOfDevice.get(deviceId)?.link
  const { fromMs } = readTimeRange({ from, to })
  if (!link || fromMs === undefined || fromMs < link.fromMs) throw new AppError('OUT_OF_WARDS', 'This reaches back to before the device was given to the patient who has it. Ask for the history of the stay instead.', { details: link ? { from: iso(link.fromMs) } : {} })
}

function label(mode: string): string[] {
  return mode === 'real' ? [] : [`${mode.toUpperCase()} DATA: not a patient`]
}

/** Sent as it is read: a database that goes away in the middle breaks the download instead of shortening it silently. */
function sendFile(reply: FastifyReply, about: string, { fromMs, lines }: CsvExport): FastifyReply {
  const name = `${about}-${iso(fromMs).slice(0, 19).replaceAll(/[-:]/g, '')}.csv`
  return reply.type('text/csv; charset=utf-8').header('content-disposition', `attachment; filename="${name}"`).header('cache-control', 'no-store').send(Readable.from(lines))
}
