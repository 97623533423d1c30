import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { DeviceCreated, Name, NewAlinkDevice, Problem } from '@vigil/contract'
import Type from 'typebox'
import type { Devices } from '../../devices/devices.ts'

const Params = Type.Object({ deviceId: Name })

/** Devices made for Alibaba Cloud: how they sign in here. */
export const alinkDeviceRoutes: FastifyPluginAsyncTypebox<{ devices: Devices }> = async (app, { devices }) => {
  app.put(
    '/devices/:deviceId/alink',
    {
      config: { permission: 'device:write', audit: 'device.alink' },
      schema: {
        summary: 'Let a device made for Alibaba Cloud sign in as this device; its secret is in this answer and nowhere else',
        description: 'Its product key, its name there and the secret it signs with, in place of those before. Sessions signed with the secret before end at once.',
        tags: ['devices'],
        params: Params,
        body: NewAlinkDevice,
        response: { 200: DeviceCreated, '4xx': Problem },
      },
    },
    async (request) => {
      const { secret: _secret, ...told } = request.body
      request.subject = { deviceId: request.params.deviceId, detail: told }
      return devices.setAlink(request.params.deviceId, request.body)
    },
  )
}
