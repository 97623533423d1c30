import type { AdmissionProposal, ProposalAcceptance, ProposalRefusal } from '@vigil/contract/api/admissions'
import type { FakeCentral } from './fake-central.ts'
import { Refusal, type Route } from './refusal.ts'

/** One of each kind, as a hospital tells them in a night. */
export function hospitalTells(c: FakeCentral): void {
  const at = (minutesAgo: number) => new Date(c.clock.now() - minutesAgo * 60_000).toISOString()
  const base = { state: 'open' as const, says: '', sender: 'HIS^1.2.3^ISO', location: [] as string[], reason: '', changes: [] as AdmissionProposal['changes'] }
  c.proposals.push(
    { ...base, id: '7', kind: 'admit', standing: 'ready', receivedAt: at(3), at: at(5), identifier: '1300000001', familyName: 'Okonkwo', givenName: 'Ada', birthDate: '1961-09-02', sex: 'female', location: ['WARD-3', 'R1', '02'], reason: 'pneumonia', wardId: 'ward-3', bedId: 'bed-02' },
    { ...base, id: '6', kind: 'admit', standing: 'choose_bed', receivedAt: at(9), identifier: '1300000002', familyName: 'Duarte', givenName: 'Rui', location: ['WARD-3', 'R9', '99'], wardId: 'ward-3' },
    { ...base, id: '5', kind: 'change', standing: 'ready', receivedAt: at(20), identifier: '1300000003', familyName: 'Kowalska', givenName: 'Ewa', changes: [{ field: 'familyName', from: 'Kowalski', to: 'Kowalska' }, { field: 'sex', from: '', to: 'female' }] },
    { ...base, id: '4', kind: 'discharge', standing: 'not_admitted', receivedAt: at(45), identifier: '1300000004', familyName: 'Petrova', givenName: 'Olga' },
    { ...base, id: '3', kind: 'merge', standing: 'merge', receivedAt: at(60), identifier: '1300000005', mergedIdentifier: '0815', familyName: 'Li', givenName: 'Wei' },
  )
}

const decide = (c: FakeCentral, id: string | undefined, by: string, what: Partial<AdmissionProposal>): AdmissionProposal => {
  const found = c.proposals.find((one) => one.id === id && one.state === 'open')
  if (!found) throw new Refusal('VERSION_CONFLICT', 'Somebody decided over this just before you.')
  Object.assign(found, { standing: 'decided', decidedAt: new Date(c.clock.now()).toISOString(), decidedBy: by }, what)
  c.tell({ type: 'proposals' })
  return found
}

export const proposalRoutes: readonly Route[] = [
  ['GET', '/admission-proposals', 'stay:write', (c, { url }) => ({ proposals: c.proposals.filter((one) => (one.state === 'open') === (url.searchParams.get('state') !== 'decided')), more: false })],
  ['POST', '/admission-proposals/*/acceptance', 'stay:write', (c, { params, body, user }) => decide(c, params[0], user, { state: 'accepted', ...((body as ProposalAcceptance).bedId !== undefined && { bedId: (body as ProposalAcceptance).bedId as string }) })],
  ['POST', '/admission-proposals/*/refusal', 'stay:write', (c, { params, body, user }) => decide(c, params[0], user, { state: 'refused', ...((body as ProposalRefusal).note !== undefined && { note: (body as ProposalRefusal).note as string }) })],
]
