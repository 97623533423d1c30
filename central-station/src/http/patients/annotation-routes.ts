import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Annotation, AnnotationCorrection, AnnotationList, AppError, NewAnnotation, NewSavedQuery, Problem, SavedQuery, SavedQueryList, Uuid } from '@vigil/contract'
import type { FastifyRequest } from 'fastify'
import Type from 'typebox'
import type { AnnotationService } from '../../annotations/annotations.ts'
import type { SavedQueries } from '../../annotations/saved-queries.ts'
import type { Stays } from '../../stays/stays.ts'
import { actorOf } from '../context.ts'
import { subjectOf } from './stay-routes.ts'

export interface AnnotationRouteOptions {
  readonly annotations: AnnotationService
  readonly savedQueries: SavedQueries
  readonly stays: Stays
}

const Params = Type.Object({ stayId: Uuid })
const Range = Type.Object({ from: Type.Optional(Type.String({ maxLength: 40 })), to: Type.Optional(Type.String({ maxLength: 40 })) }, { additionalProperties: false })

/** What people note beside the record, and the questions to it they keep. */
export const annotationRoutes: FastifyPluginAsyncTypebox<AnnotationRouteOptions> = async (app, { annotations, savedQueries, stays }) => {
  app.get(
    '/stays/:stayId/annotations',
    { config: { permission: 'history:read', audit: 'annotation.read' }, schema: { summary: 'Notes beside the record, with what each said before', tags: ['history'], params: Params, querystring: Range, response: { 200: AnnotationList, '4xx': Problem } } },
    async (request) => {
      const stay = await stays.get(request.params.stayId)
      request.subject = subjectOf(stay)
      return annotations.list(stay.id, request.query)
    },
  )
  app.post(
    '/stays/:stayId/annotations',
    { config: { permission: 'observation:write', audit: 'annotation.add' }, schema: { summary: 'Note something at a moment or a stretch of the record', tags: ['history'], params: Params, body: NewAnnotation, response: { 201: Annotation, '4xx': Problem } } },
    async (request, reply) => {
      const stay = await stays.get(request.params.stayId)
      const added = await annotations.add(stay.id, request.body, actorOf(request))
      request.subject = subjectOf(stay, { annotationId: added.id, from: added.from })
      return reply.code(201).send(added)
    },
  )
  app.post(
    '/stays/:stayId/annotations/:annotationId/correction',
    {
      config: { permission: 'observation:write', audit: 'annotation.correct' },
      schema: { summary: 'Correct or withdraw a note; what it said before stays readable', tags: ['history'], params: Type.Object({ stayId: Uuid, annotationId: Uuid }), body: AnnotationCorrection, response: { 200: Annotation, '4xx': Problem } },
    },
    async (request) => {
      const { stayId, annotationId } = request.params
      const stay = await stays.get(stayId)
      const corrected = await annotations.correct(stay.id, annotationId, request.body, actorOf(request))
      request.subject = subjectOf(stay, { annotationId, by: corrected.id, reason: request.body.reason, withdrawn: corrected.withdrawn })
      return corrected
    },
  )
  app.get(
    '/saved-queries',
    { config: { permission: 'history:read', audit: false, scope: 'none' }, schema: { summary: 'Questions to the history page that you keep', tags: ['history'], response: { 200: SavedQueryList, '4xx': Problem } } },
    (request) => savedQueries.list(person(request)),
  )
  app.post(
    '/saved-queries',
    { config: { permission: 'history:read', audit: false, auditedBy: 'nobody', scope: 'none' }, schema: { summary: 'Keep a question under a name', tags: ['history'], body: NewSavedQuery, response: { 201: SavedQuery, '4xx': Problem } } },
    async (request, reply) => reply.code(201).send(await savedQueries.keep(person(request), request.body)),
  )
  app.delete(
    '/saved-queries/:queryId',
    { config: { permission: 'history:read', audit: false, auditedBy: 'nobody', scope: 'none' }, schema: { summary: 'Remove one of your questions', tags: ['history'], params: Type.Object({ queryId: Uuid }), response: { 204: Type.Null(), '4xx': Problem } } },
    async (request, reply) => {
      await savedQueries.remove(person(request), request.params.queryId)
      return reply.code(204).send(null)
    },
  )
}

/** A program keeps no questions. @throws AppError FORBIDDEN */
function person(request: FastifyRequest): string {
  const { accountId } = actorOf(request)
  if (accountId === null) throw new AppError('FORBIDDEN', 'Questions are kept for people, not for programs.')
  return accountId
}
