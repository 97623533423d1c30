import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { CommandAccepted, CommandList, CommandRecord, DeviceConfig, DeviceConfigChange, Name, NewCommand, Problem, Uuid } from '@vigil/contract'
import Type from 'typebox'
import type { Commands } from '../../commands/commands.ts'
import type { Configuration } from '../../config/configuration.ts'
import { actorOf, mustCaller } from '../context.ts'

const Params = Type.Object({ deviceId: Name })

/** Remote control: commands with their outcome, configuration asked beside reported. */
export const controlRoutes: FastifyPluginAsyncTypebox<{ commands: Commands; configuration: Configuration }> = async (app, { commands, configuration }) => {
  app.post(
    '/devices/:deviceId/commands',
    {
      config: { permission: 'command:send', audit: 'command.ask' },
      schema: {
        summary: 'Ask a device to do something it offers',
        description: 'Stored first, then sent when the device can be reached before `expiresInMs` (60 s when absent). Accepted is not done: follow the state.',
        tags: ['control'],
        params: Params,
        body: NewCommand,
        response: { 202: CommandAccepted, '4xx': Problem },
      },
    },
    async (request, reply) => {
      const { deviceId } = request.params
      const accepted = await commands.ask(deviceId, request.body, actorOf(request))
      const { do: name, args, reason } = request.body
      request.subject = { deviceId, detail: { commandId: accepted.id, do: name, ...(args ? { args } : {}), ...(reason ? { reason } : {}) } }
      return reply.code(202).send(accepted)
    },
  )
  app.get(
    '/devices/:deviceId/commands',
    { config: { permission: 'device:read', audit: false }, schema: { summary: 'Commands of a device, newest first', description: 'Who sees some wards is told those of the patient the device watches now, and those of no patient.', tags: ['control'], params: Params, response: { 200: CommandList, '4xx': Problem } } },
    (request) => commands.list(request.params.deviceId, mustCaller(request).wards),
  )
  app.post(
    '/devices/:deviceId/commands/:commandId/cancel',
    {
      config: { permission: 'command:send', audit: 'command.cancel' },
      schema: { summary: 'Take a command back while it is queued', tags: ['control'], params: Type.Object({ deviceId: Name, commandId: Uuid }), response: { 200: CommandRecord, '4xx': Problem } },
    },
    async (request) => {
      const { deviceId, commandId } = request.params
      request.subject = { deviceId, detail: { commandId } }
      return commands.cancel(deviceId, commandId)
    },
  )
  app.get(
    '/devices/:deviceId/config',
    { config: { permission: 'device:read', audit: false }, schema: { summary: 'What is asked of a device beside what it reports', tags: ['control'], params: Params, response: { 200: DeviceConfig, '4xx': Problem } } },
    async (request) => configuration.read(request.params.deviceId),
  )
  app.put(
    '/devices/:deviceId/config',
    {
      config: { permission: 'config:write', audit: 'config.change' },
      schema: { summary: 'Replace what is asked of a device', tags: ['control'], params: Params, body: DeviceConfigChange, response: { 200: DeviceConfig, '4xx': Problem } },
    },
    async (request) => {
      const { deviceId } = request.params
      const before = configuration.read(deviceId).desired.set
      const { set, reason } = request.body
      request.subject = { deviceId, detail: { before, after: set, ...(reason ? { reason } : {}) } }
      return configuration.change(deviceId, request.body, actorOf(request).accountId)
    },
  )
}
