import { createReadStream } from 'node:fs'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { ExportJob, ExportList, NewExport, Problem, Uuid } from '@vigil/contract'
import type { FastifyReply, FastifyRequest } from 'fastify'
import Type from 'typebox'
import type { ExportFile, Exports } from '../../exports/exports.ts'
import type { Registry } from '../../registry/registry.ts'
import { readByteRange } from '../byte-range.ts'
import { mustCaller } from '../context.ts'
import { assertOwnStretch } from './history-routes.ts'

const Params = Type.Object({ exportId: Uuid })
const MAKING = 'One line for each value: time, device, stay, signal, value, unit, quality, lane, clock, delay and number. One export at a time is made; it is kept for a day. Only who made it gets it.'

/** Everything of a choice as a file: made in the background, looked after, fetched in one piece or on from where a download broke off. */
export const exportRoutes: FastifyPluginAsyncTypebox<{ exports: Exports; registry: Registry }> = async (app, { exports, registry }) => {
  app.post(
    '/exports',
    { config: { permission: 'history:export', audit: 'export.make', scope: 'filtered' }, schema: { summary: 'Make a file of every value of a choice', description: MAKING, tags: ['history'], body: NewExport, response: { 202: ExportJob, '4xx': Problem } } },
    async (request, reply) => {
      const caller = mustCaller(request)
      for (const device of request.body.devices ?? []) assertOwnStretch(caller, registry, device, request.body)
      const job = await exports.start(request.body, caller)
      request.subject = { detail: { export: job.id, ...request.body } }
      return reply.code(202).header('location', `${request.url}/${job.id}`).send(job)
    },
  )
  app.get('/exports', { config: { permission: 'history:export', audit: false, scope: 'none' }, schema: { summary: 'Your exports and how far each is, newest first', tags: ['history'], response: { 200: ExportList, '4xx': Problem } } }, (request) => Promise.resolve(exports.list(mustCaller(request))))
  app.get('/exports/:exportId', { config: { permission: 'history:export', audit: false, scope: 'none' }, schema: { summary: 'One export and how far it is', tags: ['history'], params: Params, response: { 200: ExportJob, '4xx': Problem } } }, (request) => Promise.resolve(exports.get(request.params.exportId, mustCaller(request))))
  app.get(
    '/exports/:exportId/file',
    { config: { permission: 'history:export', audit: 'export.download', scope: 'none' }, schema: { summary: 'The file, or with `Range` a part of it', tags: ['history'], params: Params, response: { '4xx': Problem } } },
    async (request, reply) => {
      const { exportId } = request.params
      request.subject = { detail: { export: exportId, ...(request.headers.range !== undefined && { range: request.headers.range.slice(0, 60) }) } }
      return sendFile(request, reply, exportId, await exports.file(exportId, mustCaller(request)))
    },
  )
  app.delete(
    '/exports/:exportId',
    { config: { permission: 'history:export', audit: 'export.remove', scope: 'none' }, schema: { summary: 'End an export that runs, and remove its file', tags: ['history'], params: Params, response: { 204: Type.Null(), '4xx': Problem } } },
    async (request, reply) => {
      request.subject = { detail: { export: request.params.exportId } }
      await exports.remove(request.params.exportId, mustCaller(request))
      return reply.code(204).send(null)
    },
  )
}

/** The file never changes once it is made, so its id says which it is. */
function sendFile(request: FastifyRequest, reply: FastifyReply, id: string, { path, bytes, fileName, format, gzip }: ExportFile): FastifyReply {
  const etag = `"${id}"`
  const range = readByteRange(request.headers.range, bytes, { etag, ifRange: request.headers['if-range'] as string | undefined })
  void reply
    .type(gzip ? 'application/gzip' : format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson')
    .header('content-disposition', `attachment; filename="${fileName}"`)
    .header('accept-ranges', 'bytes')
    .header('etag', etag)
  if (range.kind === 'none') return reply.code(416).header('content-range', `bytes */${bytes}`).send('')
  const [from, to] = range.kind === 'part' ? [range.from, range.to] : [0, bytes - 1]
  if (range.kind === 'part') void reply.code(206).header('content-range', `bytes ${from}-${to}/${bytes}`)
  return reply.header('content-length', String(Math.max(0, to - from + 1))).send(bytes === 0 ? '' : createReadStream(path, { start: from, end: to }))
}
