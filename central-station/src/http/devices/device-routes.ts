import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Device, DeviceChange, DeviceCreated, DeviceList, Ledger, Name, NewDevice, Problem } from '@vigil/contract'
import Type from 'typebox'
import type { Devices } from '../../devices/devices.ts'
import { mustCaller } from '../context.ts'
import { within } from '../scope.ts'
import type { LedgerService } from '../../ledger/ledger.ts'

const Params = Type.Object({ deviceId: Name })
const Times = Type.Object(
  { from: Type.Optional(Type.String({ maxLength: 40, description: 'ISO 8601 or milliseconds' })), to: Type.Optional(Type.String({ maxLength: 40 })) },
  { additionalProperties: false },
)

/** The registry of devices, and the proof of what arrived from each. */
export const deviceRoutes: FastifyPluginAsyncTypebox<{ devices: Devices; ledger: LedgerService }> = async (app, { devices, ledger }) => {
  app.get(
    '/devices',
    { config: { permission: 'device:read', audit: false, scope: 'filtered' }, schema: { summary: 'All devices in service', tags: ['devices'], response: { 200: DeviceList, '4xx': Problem } } },
    async (request) => ({ devices: within(mustCaller(request), devices.list().devices, (device) => device.stay?.wardId) }),
  )
  app.post(
    '/devices',
    {
      config: { permission: 'device:write', audit: 'device.add' },
      schema: { summary: 'Register a device; its secret is in this answer and nowhere else', tags: ['devices'], body: NewDevice, response: { 201: DeviceCreated, '4xx': Problem } },
    },
    async (request, reply) => {
      const created = await devices.add(request.body)
      request.subject = { deviceId: created.id, detail: { site: created.site } }
      return reply.code(201).send(created)
    },
  )
  app.get(
    '/devices/:deviceId',
    { config: { permission: 'device:read', audit: false }, schema: { summary: 'One device', tags: ['devices'], params: Params, response: { 200: Device, '4xx': Problem } } },
    async (request) => devices.get(request.params.deviceId),
  )
  app.patch(
    '/devices/:deviceId',
    { config: { permission: 'device:write', audit: 'device.change' }, schema: { summary: 'Change label, note or mode', tags: ['devices'], params: Params, body: DeviceChange, response: { 200: Device, '4xx': Problem } } },
    async (request) => {
      request.subject = { deviceId: request.params.deviceId, detail: { ...request.body } }
      return devices.change(request.params.deviceId, request.body)
    },
  )
  app.delete(
    '/devices/:deviceId',
    { config: { permission: 'device:write', audit: 'device.retire' }, schema: { summary: 'Take a device out of service; its history stays', tags: ['devices'], params: Params, response: { 204: Type.Null(), '4xx': Problem } } },
    async (request, reply) => {
      request.subject = { deviceId: request.params.deviceId }
      await devices.retire(request.params.deviceId)
      return reply.code(204).send(null)
    },
  )
  app.get(
    '/devices/:deviceId/ledger',
    {
      config: { permission: 'device:read', audit: false },
      schema: {
        summary: 'Received ranges and gaps',
        description: 'Every number that is committed, per epoch. `duplicates` counts stored rows, not ledger entries; beyond a million numbers only those of the last two days.',
        tags: ['devices'],
        params: Params,
        querystring: Times,
        response: { 200: Ledger, '4xx': Problem },
      },
    },
    (request) => ledger.read(request.params.deviceId, request.query),
  )
}
