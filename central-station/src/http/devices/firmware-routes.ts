import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { FirmwareChange, FirmwareHistory, FirmwareList, FirmwareModel, FirmwareQuestion, Problem } from '@vigil/contract'
import type { Firmware } from '../../firmware/firmware.ts'
import type { Registry } from '../../registry/registry.ts'
import { actorOf, mustCaller } from '../context.ts'
import { within } from '../scope.ts'

/** Which firmware the boards of each hardware model should run. */
export const firmwareRoutes: FastifyPluginAsyncTypebox<{ firmware: Firmware; registry: Registry }> = async (app, { firmware, registry }) => {
  app.get(
    '/firmware',
    { config: { permission: 'device:read', audit: false, scope: 'filtered' }, schema: { summary: 'Hardware models, what their boards run, and what they should run', tags: ['devices'], response: { 200: FirmwareList, '4xx': Problem } } },
    async (request) => firmware.list((device) => within(mustCaller(request), [device], ({ id }) => registry.now().stayOfDevice.get(id)?.wardId).length > 0),
  )
  app.get(
    '/firmware/decisions',
    { config: { permission: 'device:read', audit: false, scope: 'none' }, schema: { summary: 'Every decision about a model, with who, when and why; newest first', tags: ['devices'], querystring: FirmwareQuestion, response: { 200: FirmwareHistory, '4xx': Problem } } },
    (request) => firmware.history(request.query.hardware),
  )
  app.put(
    '/firmware',
    {
      config: { permission: 'device:write', audit: 'firmware.desire' },
      schema: { summary: 'Which firmware the boards of a model should run', description: 'Updates nothing by itself: the fleet shows which boards run something else.', tags: ['devices'], body: FirmwareChange, response: { 200: FirmwareModel, '4xx': Problem } },
    },
    async (request) => {
      const { hardware, firmware: desired, reason } = request.body
      const model = await firmware.decide(request.body, actorOf(request))
      request.subject = { detail: { hardware, firmware: desired, reason } }
      return model
    },
  )
}
