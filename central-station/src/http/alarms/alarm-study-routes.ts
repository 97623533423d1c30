import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { AlarmLoad, AlarmLoadQuery, Problem, SimulationRequest, SimulationResult } from '@vigil/contract'
import type { createAlarmLoad } from '../../alarms/alarm-load.ts'
import { mustCaller } from '../context.ts'
import type { Simulation } from '../../alarms/limits/simulation.ts'

export interface StudyRouteOptions {
  readonly simulation: Simulation
  readonly alarmLoad: ReturnType<typeof createAlarmLoad>
}

/** The ward's own data against false alarms: what other limits would have done, and how loud it is. */
export const alarmStudyRoutes: FastifyPluginAsyncTypebox<StudyRouteOptions> = async (app, { simulation, alarmLoad }) => {
  app.post(
    '/alarm-simulations',
    {
      config: { permission: 'history:read', audit: 'limits.simulate', scope: 'filtered' },
      schema: { summary: 'Replay stored data of a stay or a ward with candidate limits', description: 'Nothing is changed; apply with `PUT /stays/{id}/limits` or `PUT /wards/{id}/limits`.', tags: ['alarms'], body: SimulationRequest, response: { 200: SimulationResult, '4xx': Problem } },
    },
    async (request) => {
      const { stayId, wardId, days } = request.body
      request.subject = { ...(stayId === undefined ? {} : { stayId }), ...(wardId === undefined ? {} : { wardId }), detail: { days } }
      return simulation.run(request.body)
    },
  )
  app.get(
    '/alarm-load',
    { config: { permission: 'ward:read', audit: false, scope: 'filtered' }, schema: { summary: 'Alarms per bed and day, time to acknowledgement, the noisiest beds', tags: ['alarms'], querystring: AlarmLoadQuery, response: { 200: AlarmLoad, '4xx': Problem } } },
    (request) => alarmLoad.load(request.query, mustCaller(request).wards),
  )
}
