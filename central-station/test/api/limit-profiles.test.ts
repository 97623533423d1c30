import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AuditEntry, LimitProfile, LimitProfileHistory, LimitProfileList, Limits, Ward } from '@vigil/contract'
import type { TestApi } from '../support/api.ts'
import { type FastClock, fastClock } from '../support/fast-clock.ts'
import { type Furnished, furnish } from '../support/furnish.ts'
import { rows, run, startPostgres, type TestPostgres } from '../support/postgres.ts'
import { startStation, type TestStation } from '../support/station.ts'

describe('profiles of limits of a ward', { timeout: 120_000 }, () => {
  let clock: FastClock
  let postgres: TestPostgres
  let database: string
  let house: TestStation
  let charge: TestApi
  let nurse: TestApi
  let here: Furnished
  let there: Furnished
  let made: LimitProfile
  const path = '/wards/east/limit-profiles'
  const cpap = { name: 'CPAP', base: 'adult', reason: 'masks at low pressure', limits: { 'low:pip': { value: 3, delayS: 10, priority: 'high' }, 'low:peep': null } } as const
  const limits = () => nurse.get<Limits>(`/stays/${here.stay.id}/limits`)
  const row = (of: Limits, condition: string) => of.limits.find((one) => one.condition === condition)
  const notes = async () => (await nurse.get<Ward>('/wards/east')).beds[0]?.limitNotes
  const choose = async (wardProfile: string | null, more: object = {}) => nurse.ask<Limits & { code?: string }>('PUT', `/stays/${here.stay.id}/limits`, { version: (await limits()).version, reason: 'mask since today', wardProfile, ...more })

  beforeAll(async () => {
    clock = fastClock()
    postgres = await startPostgres()
    house = await startStation({ databaseUrl: (database = await postgres.database()), clock })
    const { admin } = house
    ;[here] = (await furnish(admin, 'east', 1)) as [Furnished]
    ;[there] = (await furnish(admin, 'west', 1)) as [Furnished]
    await admin.post('/users', { username: 'ola', displayName: 'Ola', role: 'charge', wards: ['east'], password: 'ten letters at least' })
    await admin.post('/users', { username: 'li', displayName: 'Li', role: 'nurse', wards: null, password: 'ten letters at least' })
    charge = await house.as('ola', 'ten letters at least')
    nurse = await house.as('li', 'ten letters at least')
  }, 120_000)
  afterAll(async () => {
    await house?.stop()
    await postgres?.stop()
    clock?.stop()
  })

  it('are made by who may change the limits of a ward, once by each name, and only if they make sense', async () => {
    expect((await nurse.ask('POST', path, cpap)).body.code).toBe('FORBIDDEN')
    expect((await charge.ask('POST', '/wards/west/limit-profiles', cpap)).body.code).toBe('OUT_OF_WARDS')
    expect((await charge.ask('POST', path, { ...cpap, limits: { 'low:pip': { value: 60, delayS: 10, priority: 'high' } } })).body.code).toBe('LIMITS_INVALID')
    made = await charge.post<LimitProfile>(path, cpap)
    expect(made).toMatchObject({ wardId: 'east', version: 1, name: 'CPAP', base: 'adult', limits: cpap.limits, by: 'ola', role: 'charge', reason: 'masks at low pressure' })
    expect((await charge.ask('POST', path, { ...cpap, name: 'cpap' })).body.code).toBe('ALREADY_EXISTS')
    expect((await nurse.get<LimitProfileList>(path)).profiles).toEqual([{ ...made, stays: 0, staysOnOlder: 0 }])
  })

  it('are chosen for a stay: one name on the tile, its limits in force, the built-in ones again when it ends', async () => {
    expect((await choose(made.id, { expiresInMinutes: 2 })).body).toMatchObject({ profile: 'adult', chosen: { profileId: made.id, name: 'CPAP', version: 1, by: 'li', reason: 'mask since today', until: expect.any(String) } })
    expect(await notes()).toMatchObject([{ condition: 'profile', what: 'profile', name: 'CPAP', by: 'li' }])
    const now = await limits()
    expect(row(now, 'low:pip')).toMatchObject({ inForce: { value: 3, delayS: 10 }, profile: { value: 3 } })
    expect(row(now, 'low:peep')).toMatchObject({ inForce: null })
    expect(row(now, 'low:spo2')).toMatchObject({ inForce: { value: 90 } })
    // A change for this one patient is a change of the chosen profile.
    await nurse.put(`/stays/${here.stay.id}/limits`, { version: now.version, reason: 'coughs a lot', limits: { 'high:pip': { value: 50, delayS: 2, priority: 'high' } } })
    expect((await notes())?.map(({ what }) => what)).toEqual(['profile', 'changed'])
    clock.advance(121_000)
    const after = await limits()
    expect(after.chosen).toBeUndefined()
    expect(row(after, 'low:pip')).toMatchObject({ inForce: { value: 8 } })
  })

  it('change in versions: each is kept with who, when and why, and no stay changes unseen', async () => {
    await choose(made.id, { expiresInMinutes: null })
    const next = { ...cpap, limits: { 'low:pip': { value: 4, delayS: 10, priority: 'high' } }, reason: 'three was too low', version: 1 }
    expect(await charge.put<LimitProfile>(`${path}/${made.id}`, next)).toMatchObject({ version: 2, limits: next.limits })
    expect((await charge.ask('PUT', `${path}/${made.id}`, next)).body.code).toBe('VERSION_CONFLICT')
    expect(await limits()).toMatchObject({ chosen: { version: 1 } })
    expect(row(await limits(), 'low:pip')).toMatchObject({ inForce: { value: 3 } })
    const counted = async () => (await nurse.get<LimitProfileList>(path)).profiles.map(({ version, stays, staysOnOlder }) => [version, stays, staysOnOlder])
    expect(await counted()).toEqual([[2, 1, 1]])
    expect((await choose(made.id)).body).toMatchObject({ chosen: { version: 2 } })
    expect(await counted()).toEqual([[2, 1, 0]])
  })

  it('are retired: nobody can choose them any more, who has one keeps it, and the name is free again', async () => {
    const { versions } = await charge.post<LimitProfileHistory>(`${path}/${made.id}/retirement`, { version: 2, reason: 'new masks' })
    expect(versions.map(({ what, version, reason, by }) => [what, version, reason, by])).toEqual([['retired', 3, 'new masks', 'ola'], ['changed', 2, 'three was too low', 'ola'], ['made', 1, 'masks at low pressure', 'ola']])
    expect((await nurse.get<LimitProfileList>(path)).profiles).toEqual([])
    expect((await nurse.get<LimitProfileList>(`${path}?retired=true`)).profiles).toMatchObject([{ id: made.id, version: 3, stays: 1, reason: 'new masks' }])
    expect((await choose(made.id)).body.code).toBe('PROFILE_GONE')
    expect(await limits()).toMatchObject({ chosen: { name: 'CPAP', version: 2 } })
    const gone = [
      await choose(made.id), await charge.ask('PUT', `${path}/${made.id}`, { ...cpap, version: 3 }), await charge.ask('POST', `${path}/${made.id}/retirement`, { version: 3, reason: 'once more' }),
      await nurse.ask('GET', '/wards/west/limit-profiles/00000000-0000-7000-8000-000000000000/versions'),
    ].map(({ body }) => body as { code?: string; detail?: string })
    expect(new Set(gone.map(({ code }) => code))).toEqual(new Set(['PROFILE_GONE']))
    expect(new Set(gone.map(({ detail }) => detail)).size, 'one sentence').toBe(1)
    expect((await choose(null)).body.chosen).toBeUndefined()
    expect(await notes()).toMatchObject([{ what: 'changed' }])
    made = await charge.post<LimitProfile>(path, cpap)
    expect(made.version).toBe(1)
    await expect(run(database, ['delete from limit_profile_version'])).rejects.toThrow('append-only')
    expect(await rows(database, 'select 1 from limit_profile_version')).toHaveLength(4)
  })

  it('of another ward are not chosen', async () => {
    const answer = await nurse.ask<{ code: string }>('PUT', `/stays/${there.stay.id}/limits`, { version: 0, reason: 'mask since today', wardProfile: made.id })
    expect([answer.status, answer.body.code]).toEqual([404, 'PROFILE_GONE'])
  })

  it('stand in the audit: made, changed, retired, and chosen by name', async () => {
    const { entries } = await house.admin.get<{ entries: AuditEntry[] }>('/audit?limit=1000')
    const mine = entries.filter(({ action }) => action.startsWith('limits.'))
    expect(new Set(mine.map(({ action }) => action))).toEqual(new Set(['limits.profile_make', 'limits.profile_change', 'limits.profile_retire', 'limits.change']))
    expect(mine.find(({ action }) => action === 'limits.profile_retire')).toMatchObject({ wardId: 'east', detail: { reason: 'new masks', profileId: expect.any(String) } })
    expect(mine.filter(({ detail }) => (detail as { profile?: string } | undefined)?.profile === 'CPAP, version 2')).toHaveLength(1)
  })
})
