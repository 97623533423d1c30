import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Device, Name, Problem, Replacement, Revocation, SecretRotated, SecretRotation, Stay } from '@vigil/contract'
import Type from 'typebox'
import type { Devices } from '../../devices/devices.ts'
import type { Stays } from '../../stays/stays.ts'
import { actorOf } from '../context.ts'
import { subjectOf } from '../patients/stay-routes.ts'

const Params = Type.Object({ deviceId: Name })

/** A device's secret through its life, and what takes its place. */
export const deviceCareRoutes: FastifyPluginAsyncTypebox<{ devices: Devices; stays: Stays }> = async (app, { devices, stays }) => {
  app.post(
    '/devices/:deviceId/secret',
    {
      config: { permission: 'device:write', audit: 'device.rotate' },
      schema: {
        summary: 'Give a device a new secret; it is in this answer and nowhere else',
        description: 'The secret before is taken for another day, so that the board can be told in peace. `previousValidForMs: 0` ends it, and its sessions, at once.',
        tags: ['devices'],
        params: Params,
        body: SecretRotation,
        response: { 200: SecretRotated, '4xx': Problem },
      },
    },
    async (request) => {
      const rotated = await devices.rotate(request.params.deviceId, request.body)
      request.subject = { deviceId: rotated.id, detail: { ...request.body } }
      return rotated
    },
  )
  app.post(
    '/devices/:deviceId/revocation',
    {
      config: { permission: 'device:write', audit: 'device.revoke' },
      schema: { summary: 'End every secret of a device; its live sessions end at once', tags: ['devices'], params: Params, body: Revocation, response: { 200: Device, '4xx': Problem } },
    },
    async (request) => {
      request.subject = { deviceId: request.params.deviceId, detail: { reason: request.body.reason } }
      return devices.revoke(request.params.deviceId)
    },
  )
  app.post(
    '/devices/:deviceId/replacement',
    {
      config: { permission: 'stay:write', audit: 'device.replace' },
      schema: {
        summary: 'Put another device in the place of one that watches a patient',
        description: 'The stay stays; the old monitoring interval ends and the new one begins at the same instant.',
        tags: ['devices'],
        params: Params,
        body: Replacement,
        response: { 200: Stay, '4xx': Problem },
      },
    },
    async (request) => {
      const { deviceId } = request.params
      const stay = await stays.replaceDevice(deviceId, request.body, actorOf(request).username)
      request.subject = subjectOf(stay, { replaced: deviceId, reason: request.body.reason })
      return stay
    },
  )
}
