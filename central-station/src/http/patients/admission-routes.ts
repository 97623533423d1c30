import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { AdmissionProposal, AdmissionProposalList, AppError, Problem, ProposalAcceptance, ProposalRefusal } from '@vigil/contract'
import Type from 'typebox'
import type { Proposals } from '../../admissions/proposals.ts'
import type { Subject } from '../../audit/audit.ts'
import { may } from '../../people/caller.ts'
import { mustCaller } from '../context.ts'

const Params = Type.Object({ proposalId: AdmissionProposal.properties.id })
const Query = Type.Object({ state: Type.Optional(Type.Enum(['open', 'decided'])) }, { additionalProperties: false })

/** What the hospital's own system proposes, and what a person makes of it. The service leaves out other wards and refuses them. */
export const admissionRoutes: FastifyPluginAsyncTypebox<{ proposals: Proposals }> = async (app, { proposals }) => {
  app.get(
    '/admission-proposals',
    { config: { permission: 'stay:write', audit: 'admission.list', scope: 'filtered' }, schema: { summary: 'Admissions, discharges and changes the hospital proposes, newest first', tags: ['stays'], querystring: Query, response: { 200: AdmissionProposalList, '4xx': Problem } } },
    async (request) => {
      const list = await proposals.list(request.query.state !== 'decided', mustCaller(request).wards)
      request.subject = { detail: { proposals: list.proposals.map(({ id }) => id) } }
      return list
    },
  )
  app.post(
    '/admission-proposals/:proposalId/acceptance',
    {
      config: { permission: 'stay:write', audit: 'admission.accept', scope: 'filtered' },
      schema: { summary: 'Accept a proposal: admits, discharges or corrects as if done by hand', tags: ['stays'], params: Params, body: ProposalAcceptance, response: { 200: AdmissionProposal, '4xx': Problem } },
    },
    async (request) => {
      const caller = mustCaller(request)
      if (!may(caller, 'patient:write')) throw new AppError('FORBIDDEN', 'What the hospital proposes adds and corrects patients (patient:write). Ask an administrator.', { details: { permission: 'patient:write' } })
      const accepted = await proposals.accept(request.params.proposalId, request.body, caller)
      request.subject = subjectOfProposal(accepted)
      return accepted
    },
  )
  app.post(
    '/admission-proposals/:proposalId/refusal',
    { config: { permission: 'stay:write', audit: 'admission.refuse', scope: 'filtered' }, schema: { summary: 'Put a proposal aside', tags: ['stays'], params: Params, body: ProposalRefusal, response: { 200: AdmissionProposal, '4xx': Problem } } },
    async (request) => {
      const refused = await proposals.refuse(request.params.proposalId, request.body.note, mustCaller(request))
      request.subject = subjectOfProposal(refused)
      return refused
    },
  )
}

function subjectOfProposal({ id, kind, patient, stayId, wardId, bedId, note }: AdmissionProposal): Subject {
  return {
    detail: { proposal: id, kind, ...(bedId !== undefined && { bedId }), ...(note !== undefined && { note }) },
    ...(patient && { patientId: patient.id }),
    ...(stayId !== undefined && { stayId }),
    ...(wardId !== undefined && { wardId }),
  }
}
