import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { BedChange, BedRetirement, Name, NewBed, NewWard, Problem, Ward, WardChange } from '@vigil/contract'
import Type from 'typebox'
import type { Wards } from '../../wards/wards.ts'

const Which = Type.Object({ wardId: Name })
const Bed = Type.Object({ wardId: Name, bedId: Name })
const tags = ['wards']

/** Which wards and beds there are. Every screen of a ward is told of a change at once. */
export const wardLayoutRoutes: FastifyPluginAsyncTypebox<{ wards: Wards }> = async (app, { wards }) => {
  const labelOf = (wardId: string, bedId: string) => wards.get(wardId).beds.find(({ id }) => id === bedId)?.label

  app.post(
    '/wards',
    { config: { permission: 'ward:write', audit: 'ward.add' }, schema: { summary: 'Add a ward and its beds, in fixed order', tags, body: NewWard, response: { 201: Ward, '4xx': Problem } } },
    async (request, reply) => {
      const ward = await wards.add(request.body)
      request.subject = { wardId: ward.id, detail: { name: ward.name, beds: ward.beds.length } }
      return reply.code(201).send(ward)
    },
  )
  app.patch(
    '/wards/:wardId',
    { config: { permission: 'ward:write', audit: 'ward.change' }, schema: { summary: 'Rename a ward, or put its beds in another order', tags, params: Which, body: WardChange, response: { 200: Ward, '4xx': Problem } } },
    async (request) => {
      const { wardId } = request.params
      const { name, beds } = request.body
      const before = wards.get(wardId)
      const ward = await wards.change(wardId, request.body)
      request.subject = { wardId, detail: { ...(name !== undefined && { name: { before: before.name, after: name } }), ...(beds !== undefined && { beds: { before: before.beds.map(({ label }) => label), after: ward.beds.map(({ label }) => label) } }) } }
      return ward
    },
  )
  app.post(
    '/wards/:wardId/beds',
    { config: { permission: 'ward:write', audit: 'ward.bed_add' }, schema: { summary: 'Add a bed at the end of a ward, or take one into service again', tags, params: Which, body: NewBed, response: { 201: Ward, '4xx': Problem } } },
    async (request, reply) => {
      const { wardId } = request.params
      const { ward, bedId } = await wards.addBed(wardId, request.body)
      request.subject = { wardId, detail: { bedId, label: request.body.label } }
      return reply.code(201).send(ward)
    },
  )
  app.patch(
    '/wards/:wardId/beds/:bedId',
    { config: { permission: 'ward:write', audit: 'ward.bed_change' }, schema: { summary: 'Another label for a bed', tags, params: Bed, body: BedChange, response: { 200: Ward, '4xx': Problem } } },
    async (request) => {
      const { wardId, bedId } = request.params
      const before = labelOf(wardId, bedId)
      const ward = await wards.changeBed(wardId, bedId, request.body)
      request.subject = { wardId, detail: { bedId, label: { before, after: request.body.label } } }
      return ward
    },
  )
  app.post(
    '/wards/:wardId/beds/:bedId/retirement',
    { config: { permission: 'ward:write', audit: 'ward.bed_retire' }, schema: { summary: 'Take a bed without a patient out of service; who lay there stays readable', tags, params: Bed, body: BedRetirement, response: { 200: Ward, '4xx': Problem } } },
    async (request) => {
      const { wardId, bedId } = request.params
      const label = labelOf(wardId, bedId)
      const ward = await wards.retireBed(wardId, bedId)
      request.subject = { wardId, detail: { bedId, label, reason: request.body.reason } }
      return ward
    },
  )
}
