import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { AppError, MonitoringNow, MonitoringPause, Problem, Uuid } from '@vigil/contract'
import Type from 'typebox'
import type { AlarmDesk } from '../../alarms/alarm-desk.ts'
import { field } from '../../iso.ts'
import type { Registry } from '../../registry/registry.ts'
import { actorOf } from '../context.ts'

const where = { params: Type.Object({ stayId: Uuid }), response: { 200: MonitoringNow, '4xx': Problem }, tags: ['alarms'] }

/** Whether a stay is monitored: paused for a bath or a transport, and going on. */
export const monitoringRoutes: FastifyPluginAsyncTypebox<{ alarms: AlarmDesk; registry: Registry }> = async (app, { alarms, registry }) => {
  const about = (stayId: string) => ({ stayId, ...field('patientId', registry.now().stays.get(stayId)?.patient.id) })
  app.put(
    '/stays/:stayId/monitoring-pause',
    {
      config: { permission: 'alarm:pause', audit: 'stay.pause_monitoring' },
      schema: {
        ...where, summary: 'Pause the monitoring of one stay', body: MonitoringPause,
        description: 'Alarms of the stay are held back until it ends by itself, after 60 minutes at the most; values are shown as they come, and the patient\'s own call sounds as ever. Asked again while it lasts, it counts anew.',
      },
    },
    async (request) => {
      const { stayId } = request.params
      const { minutes } = request.body
      const reason = reasonOf(request.body)
      request.subject = { ...about(stayId), detail: { reason, minutes } }
      return alarms.changeMonitoring(stayId, { forMs: minutes * 60_000, why: reason }, actorOf(request))
    },
  )
  app.delete(
    '/stays/:stayId/monitoring-pause',
    { config: { permission: 'alarm:pause', audit: 'stay.resume_monitoring' }, schema: { ...where, summary: 'Let the monitoring of one stay go on before its pause is over' } },
    async (request) => {
      const { stayId } = request.params
      request.subject = about(stayId)
      return alarms.changeMonitoring(stayId, null, actorOf(request))
    },
  )
}

function reasonOf({ reason, text = '' }: MonitoringPause): string {
  if (reason !== 'other') return reason
  if (text.trim().length < 3) throw new AppError('INVALID_REQUEST', 'Say why monitoring is paused: everybody will read it on the screen.', { details: { field: 'text' } })
  return text.trim()
}
