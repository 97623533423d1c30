import Type, { type Static } from 'typebox'
import { PatientSummary, Sex } from './person.ts'
import { IsoTime, Name, Uuid } from './schema.ts'

/** What the hospital's own system says happened to a patient (HL7 v2 ADT). */
export const proposalKinds = ['admit', 'discharge', 'change', 'merge'] as const
export const proposalStates = ['open', 'accepted', 'refused', 'replaced'] as const

/**
 * How a proposal stands now. `ready` can be accepted as it is; `choose_bed` after a free bed was chosen, because the one named is unknown here, or taken. The
 * others can only be put aside.
 */
export const proposalStandings = ['ready', 'choose_bed', 'already_admitted', 'not_admitted', 'unknown_patient', 'no_number', 'no_name', 'unchanged', 'merge', 'decided'] as const

export const AdmissionProposal = Type.Object({
  id: Type.String({ pattern: '^\\d{1,18}$' }),
  kind: Type.Enum([...proposalKinds]),
  state: Type.Enum([...proposalStates]),
  standing: Type.Enum([...proposalStandings]),
  says: Type.String({ description: 'The same in a sentence' }),
  receivedAt: IsoTime,
  at: Type.Optional(IsoTime),
  sender: Type.String({ description: 'MSH-3 of who told it' }),
  identifier: Type.Optional(Type.String({ description: 'Hospital number' })),
  familyName: Type.String(),
  givenName: Type.String(),
  birthDate: Type.Optional(Type.String()),
  sex: Type.Optional(Sex),
  location: Type.Array(Type.String(), { description: 'Ward, room and bed as the hospital names them' }),
  reason: Type.String(),
  mergedIdentifier: Type.Optional(Type.String()),
  patient: Type.Optional(PatientSummary),
  stayId: Type.Optional(Uuid),
  wardId: Type.Optional(Name),
  bedId: Type.Optional(Name),
  changes: Type.Array(Type.Object({ field: Type.Enum(['familyName', 'givenName', 'birthDate', 'sex']), from: Type.String(), to: Type.String() }), { description: 'Where it differs from what is known here' }),
  decidedAt: Type.Optional(IsoTime),
  decidedBy: Type.Optional(Type.String()),
  note: Type.Optional(Type.String()),
})
export type AdmissionProposal = Static<typeof AdmissionProposal>
export type ProposalStanding = AdmissionProposal['standing']

export const AdmissionProposalList = Type.Object({ proposals: Type.Array(AdmissionProposal), more: Type.Boolean({ description: 'There are more than are told' }) })
export type AdmissionProposalList = Static<typeof AdmissionProposalList>

export const ProposalAcceptance = Type.Object(
  { bedId: Type.Optional(Name), deviceId: Type.Optional(Name) },
  { additionalProperties: false, description: 'Do what the hospital says' },
)
export type ProposalAcceptance = Static<typeof ProposalAcceptance>

export const ProposalRefusal = Type.Object({ note: Type.Optional(Type.String({ maxLength: 500 })) }, { additionalProperties: false, description: 'Put it aside' })
export type ProposalRefusal = Static<typeof ProposalRefusal>
