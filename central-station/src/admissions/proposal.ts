import type { AdmissionProposal, Patient, PatientSummary, ProposalStanding } from '@vigil/contract'
import { field, iso, isoField } from '../iso.ts'
import type { StayFact, WardFact } from '../registry/world.ts'

/** A line of the review list as it is stored. */
export interface ProposalFact {
  readonly id: string
  readonly event: 'A01' | 'A03' | 'A08' | 'A40'
  readonly state: AdmissionProposal['state']
  readonly receivedAtMs: number
  readonly atMs: number | null
  readonly sender: string
  readonly identifier: string | null
  readonly familyName: string
  readonly givenName: string
  readonly birthDate: string | null
  readonly sex: Patient['sex'] | null
  readonly location: readonly string[]
  readonly reason: string
  readonly merged: string
  readonly decidedAtMs: number | null
  readonly decidedBy: string | null
  readonly note: string | null
  readonly stayId: string | null
  /** Whoever has that hospital number here. */
  readonly patient: Patient | null
}

/** What of the house a proposal is judged by. */
export interface House {
  readonly wards: readonly WardFact[]
  /** Open ones. */
  readonly stays: readonly StayFact[]
}

const KINDS = { A01: 'admit', A03: 'discharge', A08: 'change', A40: 'merge' } as const

/** Where somebody is to lie by the hospital's own names, as far as they are names of ours. */
export interface Found {
  readonly wardId?: string
  readonly bedId?: string
}

const same = (a: string, b: string): boolean => a.trim().toLowerCase() === b.trim().toLowerCase()

/** A ward by its id or name, and in it a bed by its id or label; a bed's id alone names its ward as well. */
export function placeOf(location: readonly string[], wards: readonly WardFact[]): Found {
  const said = (name: string) => location.some((part) => same(part, name))
  const ward = wards.find(({ id, name }) => said(id) || said(name))
  const bed = (among: WardFact | undefined) => among?.beds.find(({ id, label }) => said(id) || said(label))
  if (ward) return { wardId: ward.id, ...field('bedId', bed(ward)?.id ?? null) }
  const byBed = wards.find(({ beds }) => beds.some(({ id }) => said(id)))
  return byBed ? { wardId: byBed.id, ...field('bedId', byBed.beds.find(({ id }) => said(id))?.id ?? null) } : {}
}

/** A proposal beside what is known here, and what can be done with it. */
export function viewOf(fact: ProposalFact, house: House): AdmissionProposal {
  const stay = house.stays.find((open) => open.patient.id === fact.patient?.id)
  const named = placeOf(fact.location, house.wards)
  // Whom we know to lie somewhere belongs to the ward where they lie.
  const place: Found = stay && fact.event !== 'A01' ? { ...field('wardId', stay.wardId), ...field('bedId', stay.bedId) } : named
  const changes = changesOf(fact)
  const standing = standingOf(fact, { stay, bedId: named.bedId, house, changes: changes.length })
  return {
    id: fact.id,
    kind: KINDS[fact.event],
    state: fact.state,
    standing,
    says: sentenceOf(standing, fact, { stay, bedId: named.bedId }),
    receivedAt: iso(fact.receivedAtMs),
    sender: fact.sender,
    familyName: fact.familyName,
    givenName: fact.givenName,
    location: [...fact.location],
    reason: fact.reason,
    changes,
    ...isoField('at', fact.atMs),
    ...field('identifier', fact.identifier),
    ...field('birthDate', fact.birthDate),
    ...field('sex', fact.sex),
    ...field('mergedIdentifier', fact.merged === '' ? null : fact.merged),
    ...field('patient', fact.patient && summaryOf(fact.patient)),
    ...field('stayId', fact.stayId ?? stay?.id ?? null),
    ...place,
    ...isoField('decidedAt', fact.decidedAtMs),
    ...field('decidedBy', fact.decidedBy),
    ...field('note', fact.note),
  }
}

function summaryOf({ id, familyName, givenName = '', title = '', birthDate, sex, identifier, mode = 'real' }: Patient): PatientSummary {
  return { id, familyName, givenName, title, mode, ...field('birthDate', birthDate ?? null), ...field('sex', sex ?? null), ...field('identifier', identifier ?? null) }
}

/** What is said and differs; what is not said changes nothing. */
function changesOf({ patient, familyName, givenName, birthDate, sex }: ProposalFact): AdmissionProposal['changes'] {
  if (!patient) return []
  const said = { familyName, givenName, birthDate: birthDate ?? '', sex: sex ?? '' } as const
  return (Object.keys(said) as (keyof typeof said)[]).flatMap((name) => (said[name] === '' || said[name] === (patient[name] ?? '') ? [] : [{ field: name, from: patient[name] ?? '', to: said[name] }]))
}

interface Judged {
  readonly stay: StayFact | undefined
  readonly bedId: string | undefined
  readonly house: House
  readonly changes: number
}

function standingOf(fact: ProposalFact, judged: Judged): ProposalStanding {
  const { stay, changes } = judged
  if (fact.state !== 'open') return 'decided'
  if (fact.event === 'A40') return 'merge'
  if (fact.identifier === null) return 'no_number'
  if (fact.event === 'A01') return standingOfAdmission(fact, judged)
  if (!fact.patient) return 'unknown_patient'
  if (fact.event === 'A03') return stay ? 'ready' : 'not_admitted'
  return changes === 0 ? 'unchanged' : 'ready'
}

function standingOfAdmission({ familyName, patient }: ProposalFact, { stay, bedId, house }: Judged): ProposalStanding {
  if (familyName === '' && !patient) return 'no_name'
  if (stay) return 'already_admitted'
  return bedId === undefined || house.stays.some((open) => open.bedId === bedId) ? 'choose_bed' : 'ready'
}

function sentenceOf(standing: ProposalStanding, { event, identifier, merged, location, state, decidedBy }: ProposalFact, { stay, bedId }: Pick<Judged, 'stay' | 'bedId'>): string {
  const sentences: Record<ProposalStanding, string> = {
    ready: { A01: 'Confirm the bed and accept.', A03: `Accept to end the stay in bed ${stay?.bedId ?? '(none)'}.`, A08: 'Accept to take over what differs.', A40: '' }[event],
    choose_bed: location.length === 0 ? 'The hospital names no bed. Choose a free one and accept.' : `Bed ${location.join(' ')} is ${bedId === undefined ? 'unknown here' : 'taken'}. Choose a free one and accept.`,
    already_admitted: `This patient is admitted already, in bed ${stay?.bedId ?? '(none)'}. Put this aside, or transfer them.`,
    not_admitted: 'This patient is not admitted here, or was discharged already. There is nothing to do.',
    unknown_patient: `Nobody here has the hospital number ${identifier ?? ''}. There is nothing to do.`,
    no_number: 'The hospital names no patient number. Do it by hand if it is right, and put this aside.',
    no_name: 'The hospital names no family name. Admit by hand, and put this aside.',
    unchanged: 'Everything it says is known here already. There is nothing to do.',
    merge: `The hospital made one record of ${merged || '(unnamed)'} and ${identifier ?? '(unnamed)'}. Records are not merged here: check both patients, correct the number of the one who stays, and put this aside.`,
    decided: state === 'replaced' ? 'A newer message took its place.' : `${decidedBy ?? ''} decided.`,
  }
  return sentences[standing]
}
