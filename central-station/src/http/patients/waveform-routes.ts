import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Name, Problem, Uuid, WaveformQuery, Waveforms } from '@vigil/contract'
import Type from 'typebox'
import type { HistoryService } from '../../history/history.ts'
import type { Registry } from '../../registry/registry.ts'
import type { Stays } from '../../stays/stays.ts'
import type { WaveformService } from '../../waves/waveforms.ts'
import { mustCaller } from '../context.ts'
import { assertOwnStretch } from './history-routes.ts'
import { subjectOf } from './stay-routes.ts'

export interface WaveformRouteOptions {
  readonly waveforms: WaveformService
  readonly history: HistoryService
  readonly stays: Stays
  readonly registry: Registry
}

const READING = [
  'Waveforms are stored of devices and wards that were chosen for it (bridge setting `VIGIL_KEEP_WAVES_OF`), and for some days only.',
  '`runs` are samples without a break, `raw` as measured; more samples than `points` are told as minimum and maximum of equal steps (`minmax`), so no peak is lost. At most one hour.',
  'Waveforms have no receipts: what a network lost is a gap.',
].join(' ')
const StayParams = Type.Object({ stayId: Uuid })
const DeviceParams = Type.Object({ deviceId: Name })

/** Curves as they were measured, where they were kept. */
export const waveformRoutes: FastifyPluginAsyncTypebox<WaveformRouteOptions> = async (app, { waveforms, history, stays, registry }) => {
  app.get(
    '/stays/:stayId/waveforms',
    { config: { permission: 'history:read', audit: 'waveform.read' }, schema: { summary: 'Stored waveforms of a stay', description: READING, tags: ['history'], params: StayParams, querystring: WaveformQuery, response: { 200: Waveforms, '4xx': Problem } } },
    async (request) => {
      const stay = await stays.get(request.params.stayId)
      request.subject = subjectOf(stay, { ...request.query })
      return waveforms.read(history.ofStay(stay), request.query)
    },
  )
  app.get(
    '/devices/:deviceId/waveforms',
    { config: { permission: 'history:read', audit: 'waveform.read' }, schema: { summary: 'Stored waveforms of a device', description: READING, tags: ['history'], params: DeviceParams, querystring: WaveformQuery, response: { 200: Waveforms, '4xx': Problem } } },
    async (request) => {
      const { deviceId } = request.params
      assertOwnStretch(mustCaller(request), registry, deviceId, request.query)
      request.subject = { deviceId, detail: { ...request.query } }
      return waveforms.read(history.ofDevice(deviceId), request.query)
    },
  )
}
