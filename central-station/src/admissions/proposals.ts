import { type AdmissionProposal, type AdmissionProposalList, AppError, type Clock, type ProposalAcceptance, type WardScope } from '@vigil/contract'
import type { Patients } from '../patients/patients.ts'
import { seesWard } from '../people/caller.ts'
import type { Registry } from '../registry/registry.ts'
import type { Stays } from '../stays/stays.ts'
import { type ProposalFact, viewOf } from './proposal.ts'

export interface Decision {
  readonly state: 'accepted' | 'refused'
  readonly by: string
  readonly atMs: number
  readonly note?: string | undefined
  readonly stayId?: string | undefined
}

/** Port: the review list as the bridge wrote it. */
export interface ProposalStore {
  /** Newest first. */
  list(open: boolean, limit: number): Promise<readonly ProposalFact[]>
  find(id: string): Promise<ProposalFact | undefined>
  /** False when somebody decided before. */
  decide(id: string, decision: Decision): Promise<boolean>
}

/** Who decides, and what they see. */
export interface Decider {
  readonly username: string
  readonly wards: WardScope
}

/** Admissions, discharges and changes the hospital's own system proposes; nothing happens until a person accepts. */
export interface Proposals {
  list(open: boolean, wards: WardScope): Promise<AdmissionProposalList>
  /** @throws AppError NOT_FOUND, STAY_ENDED, INVALID_REQUEST, and what the ordinary admission, discharge or change throws */
  accept(id: string, how: ProposalAcceptance, by: Decider): Promise<AdmissionProposal>
  /** @throws AppError NOT_FOUND, VERSION_CONFLICT */
  refuse(id: string, note: string | undefined, by: Decider): Promise<AdmissionProposal>
}

const MOST_LISTED = 500
/** The ordinary admission takes no beginning that is longer ago. */
const EARLIEST_MS = 30 * 86_400_000

export function createProposals({ store, patients, stays, registry, clock }: { store: ProposalStore; patients: Patients; stays: Stays; registry: Registry; clock: Clock }): Proposals {
  const view = (fact: ProposalFact): AdmissionProposal => viewOf(fact, registry.now().world)

  const visible = async (id: string, wards: WardScope): Promise<{ fact: ProposalFact; seen: AdmissionProposal }> => {
    const fact = await store.find(id)
    const seen = fact && view(fact)
    // Whose ward is unknown here is for who sees the whole house: the hospital tells of people of other departments as well.
    if (!fact || !seen || !seesWard({ wards }, seen.wardId)) throw new AppError('NOT_FOUND', 'There is no such proposal, or it is about a ward that is not yours.')
    return { fact, seen }
  }
  const decided = async (id: string, decision: Decision): Promise<AdmissionProposal> => {
    if (!(await store.decide(id, decision))) throw new AppError('VERSION_CONFLICT', 'Somebody decided over this just before you. Look at the list again.')
    return view((await store.find(id)) as ProposalFact)
  }
  const admit = async (fact: ProposalFact, { bedId, deviceId }: ProposalAcceptance, by: string): Promise<string> => {
    if (bedId === undefined) throw new AppError('INVALID_REQUEST', 'Say which bed: an admission is accepted with `bedId`.', { details: { field: 'bedId' } })
    const ward = registry.now().wardOfBed.get(bedId)
    if (!ward) throw new AppError('NOT_FOUND', `There is no bed ${bedId}.`)
    const { familyName, givenName, identifier, birthDate, sex, reason, atMs } = fact
    const patient = fact.patient ?? (await patients.add({ familyName, givenName, ...(identifier !== null && { identifier }), ...(birthDate !== null && { birthDate }), ...(sex && { sex }), mode: ward.mode }))
    const began = atMs !== null && atMs <= clock.now() && atMs > clock.now() - EARLIEST_MS ? { admittedAt: new Date(atMs).toISOString() } : {}
    const stay = await stays.admit({ patientId: patient.id, bedId, reason, ...began, ...(deviceId !== undefined && { deviceId }) }, by)
    return stay.id
  }
  const change = async ({ patient }: ProposalFact, { changes }: AdmissionProposal): Promise<void> => {
    if (!patient) return
    const said = Object.fromEntries(changes.map(({ field, to }) => [field, to]))
    await patients.change(patient.id, { ...said, version: patient.version })
  }

  return {
    async list(open, wards) {
      const facts = await store.list(open, MOST_LISTED + 1)
      return { proposals: facts.slice(0, MOST_LISTED).map(view).filter(({ wardId }) => seesWard({ wards }, wardId)), more: facts.length > MOST_LISTED }
    },
    async accept(id, how, { username, wards }) {
      const { fact, seen } = await visible(id, wards)
      if (!['ready', 'choose_bed'].includes(seen.standing)) throw new AppError(seen.standing === 'decided' ? 'VERSION_CONFLICT' : 'PROPOSAL_NOT_POSSIBLE', seen.says, { details: { standing: seen.standing } })
      let { stayId } = seen
      if (seen.kind === 'admit') stayId = await admit(fact, how, username)
      else if (seen.kind === 'discharge' && stayId !== undefined) await stays.discharge(stayId, username)
      else await change(fact, seen)
      return decided(id, { state: 'accepted', by: username, atMs: clock.now(), stayId })
    },
    async refuse(id, note, { username, wards }) {
      await visible(id, wards)
      return decided(id, { state: 'refused', by: username, atMs: clock.now(), note })
    },
  }
}
