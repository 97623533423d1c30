import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { AdmissionProposal, AdmissionProposalList, AuditList, Patient, PatientList, Stay } from '@vigil/contract'
import type { TestApi } from '../support/api.ts'
import { openScreen } from '../support/live.ts'
import { rows, run, startPostgres, type TestPostgres } from '../support/postgres.ts'
import { startStation, type TestStation } from '../support/station.ts'

interface Told {
  readonly event?: string
  readonly number?: string | null
  readonly family?: string
  readonly given?: string
  readonly birthDate?: string
  readonly location?: readonly string[]
  readonly at?: string
}

describe('what the hospital proposes', { timeout: 60_000 }, () => {
  let postgres: TestPostgres
  let ward: TestStation
  let charge: TestApi
  let east: TestApi

  beforeAll(async () => {
    postgres = await startPostgres()
    ward = await startStation({ databaseUrl: await postgres.database() })
    await ward.admin.post('/wards', { id: 'east', name: 'East', beds: ['E1', 'E2', 'E3', 'E4'].map((label) => ({ id: `east-${label}`, label })) })
    await ward.admin.post('/wards', { id: 'west', name: 'West', beds: [{ id: 'west-1', label: 'W1' }] })
    await ward.admin.post('/users', { username: 'charge', displayName: 'Charge', role: 'charge', wards: null, password: 'ten letters at least' })
    await ward.admin.post('/users', { username: 'east', displayName: 'East', role: 'charge', wards: ['east'], password: 'ten letters at least' })
    charge = await ward.as('charge', 'ten letters at least')
    east = await ward.as('east', 'ten letters at least')
  }, 120_000)
  afterEach(() => run(ward.databaseUrl, ['delete from admission_proposal']))
  afterAll(async () => {
    await ward?.stop()
    await postgres?.stop()
  })

  /** As the bridge writes it; the answer is its number on the list. */
  const told = async ({ event = 'A01', number = '4711', family = 'Okafor', given = 'Jamal', birthDate = '1955-02-03', location = ['EAST', 'R2', 'E3'], at }: Told = {}): Promise<string> => {
    const [row] = await rows<{ id: string }>(
      ward.databaseUrl,
      `insert into admission_proposal (received_at, sender, control_id, digest, event, at, identifier, family_name, given_name, birth_date, sex, location, visit, reason, merged_identifier, raw)
       values (now(), 'HIS', gen_random_uuid()::text::bytea, '', $1, $7::timestamptz, $2, $3, $4, $5, 'male', $6, 'V1', 'pneumonia', $8, '') returning id::text`,
      [event, number, family, given, birthDate, location, at ?? null, event === 'A40' ? '0815' : ''],
    )
    return row?.id as string
  }
  const open = async (api = charge) => (await api.get<AdmissionProposalList>('/admission-proposals')).proposals
  const standingOf = async (id: string) => (await open()).find((one) => one.id === id)?.standing
  const accept = (id: string, body: object = {}, api = charge) => api.ask<AdmissionProposal>('POST', `/admission-proposals/${id}/acceptance`, body)

  it('an admission makes the stay by one act, in the bed a person confirmed, since when the hospital says', async () => {
    const at = new Date(Math.floor(Date.now() / 1_000) * 1_000 - 3_600_000).toISOString()
    const id = await told({ at })
    expect(await open()).toMatchObject([{ id, kind: 'admit', standing: 'ready', identifier: '4711', bedId: 'east-E3', wardId: 'east', reason: 'pneumonia' }])
    // Nothing has happened yet, and nothing does without a bed that a person names.
    expect((await ward.admin.get<PatientList>('/patients?q=4711')).patients).toEqual([])
    expect((await accept(id)).body).toMatchObject({ code: 'INVALID_REQUEST' })
    const { body } = await accept(id, { bedId: 'east-E4' })
    expect(body).toMatchObject({ state: 'accepted', decidedBy: 'charge', stayId: expect.any(String) as string })
    expect(await charge.get<Stay>(`/stays/${body.stayId}`)).toMatchObject({ bedId: 'east-E4', admittedAt: at, reason: 'pneumonia', patient: { identifier: '4711', familyName: 'Okafor', givenName: 'Jamal', birthDate: '1955-02-03', sex: 'male' } })
    expect(await open()).toEqual([])
    expect((await accept(id, { bedId: 'east-E1' })).body).toMatchObject({ code: 'VERSION_CONFLICT' })
    expect((await charge.get<AdmissionProposalList>('/admission-proposals?state=decided')).proposals).toMatchObject([{ id, state: 'accepted' }])
    expect((await ward.admin.get<AuditList>('/audit?action=admission.accept')).entries[0]).toMatchObject({ username: 'charge', stayId: body.stayId, detail: { proposal: id, kind: 'admit' } })
    // The same person again, and what comes of them.
    const again = await told()
    expect(await standingOf(again)).toBe('already_admitted')
    expect((await accept(again, { bedId: 'east-E1' })).body).toMatchObject({ code: 'PROPOSAL_NOT_POSSIBLE', detail: expect.stringContaining('in bed east-E4') as string })

    const change = await told({ event: 'A08', given: 'Jamal Ade', birthDate: '1955-02-04' })
    expect((await open()).find((one) => one.id === change)).toMatchObject({ standing: 'ready', changes: [{ field: 'givenName', from: 'Jamal', to: 'Jamal Ade' }, { field: 'birthDate', from: '1955-02-03', to: '1955-02-04' }] })
    expect((await accept(change)).status).toBe(200)
    expect((await ward.admin.get<PatientList>('/patients?q=4711')).patients).toMatchObject([{ givenName: 'Jamal Ade', birthDate: '1955-02-04', version: 2 }] as Partial<Patient>[])
    expect(await standingOf(await told({ event: 'A08', given: '', birthDate: '1955-02-04' }))).toBe('unchanged')

    const discharge = await told({ event: 'A03', location: [] })
    expect((await open()).find((one) => one.id === discharge)).toMatchObject({ standing: 'ready', bedId: 'east-E4', stayId: body.stayId })
    expect((await accept(discharge)).status).toBe(200)
    expect(await charge.get<Stay>(`/stays/${body.stayId}`)).toHaveProperty('dischargedAt')
    expect(await standingOf(await told({ event: 'A03' }))).toBe('not_admitted')
  })

  it('a bed nobody here knows, or one that is taken, is told and another one chosen', async () => {
    const unknown = await told({ number: '1', location: ['EAST', 'R9', 'E99'] })
    expect((await open())[0]).toMatchObject({ standing: 'choose_bed', wardId: 'east', says: 'Bed EAST R9 E99 is unknown here. Choose a free one and accept.' })
    expect((await accept(unknown, { bedId: 'east-E99' })).body).toMatchObject({ code: 'NOT_FOUND' })
    expect((await accept(unknown, { bedId: 'east-E1' })).status).toBe(200)
    const taken = await told({ number: '2', family: 'Silva', location: ['East', 'E1'] })
    expect((await open()).find(({ id }) => id === taken)).toMatchObject({ standing: 'choose_bed', says: 'Bed East E1 is taken. Choose a free one and accept.' })
    expect((await accept(taken, { bedId: 'east-E1' })).body).toMatchObject({ code: 'BED_OCCUPIED' })
    // Whom the refusal left behind is found by number, not added twice.
    expect((await accept(taken, { bedId: 'east-E2' })).status).toBe(200)
    expect((await ward.admin.get<PatientList>('/patients?q=Silva')).patients).toHaveLength(1)
  })

  it.each([
    ['two records made one', { event: 'A40' }, 'merge', 'The hospital made one record of 0815 and 4711.'],
    ['somebody nobody here knows', { event: 'A03', number: '999' }, 'unknown_patient', 'hospital number 999'],
    ['somebody without a number', { number: null }, 'no_number', 'no patient number'],
    ['somebody without a name', { number: '55', family: '' }, 'no_name', 'no family name'],
  ] as const)('%s is told in a sentence and can be put aside', async (_, what, standing, says) => {
    const id = await told(what)
    expect((await open())[0]).toMatchObject({ standing, says: expect.stringContaining(says) as string })
    expect((await accept(id, { bedId: 'east-E4' })).body).toMatchObject({ code: 'PROPOSAL_NOT_POSSIBLE', details: { standing } })
    expect((await charge.ask('POST', `/admission-proposals/${id}/refusal`, { note: 'seen' })).body).toMatchObject({ state: 'refused', note: 'seen', decidedBy: 'charge' })
    expect(await open()).toEqual([])
  })

  it('keeps to wards: others and those nobody knows are not told to who sees one', async () => {
    const [mine, other, nowhere] = [await told({ number: '31' }), await told({ number: '32', location: ['WEST', 'W1'] }), await told({ number: '33', location: ['ONCOLOGY'] })]
    expect((await open(east)).map(({ id }) => id)).toEqual([mine])
    expect((await open()).map(({ id }) => id)).toEqual([nowhere, other, mine])
    for (const id of [other, nowhere]) expect((await accept(id, { bedId: 'east-E4' }, east)).status).toBe(404)
    expect((await accept(mine, { bedId: 'west-1' }, east)).body).toMatchObject({ code: 'OUT_OF_WARDS' })
  })

  it('a screen is told at once that the list changed, without a word of whom', async () => {
    const screen = await openScreen(ward.admin)
    const said = () => screen.frames.filter(({ type }) => type === 'proposals')
    const id = await told({ family: 'Confidential' })
    await expect.poll(() => said().length, { timeout: 10_000 }).toBeGreaterThan(0)
    const before = said().length
    await charge.post(`/admission-proposals/${id}/refusal`)
    await expect.poll(() => said().length, { timeout: 10_000 }).toBeGreaterThan(before)
    expect(JSON.stringify(said())).not.toContain('Confidential')
    screen.close()
  })
})
