import type { LimitProfile, LimitProfileChange, LimitProfileEnd, LimitProfileHistory, LimitProfileList, NewLimitProfile } from '@vigil/contract/api/alarm-limits'
import type { FakeCentral } from './fake-central.ts'
import { signed, uuid } from './people.ts'
import { Refusal, type Asked, type Route } from './refusal.ts'

type Version = LimitProfileHistory['versions'][number]

/** Profiles of limits by their id, every version, newest first. */
export type FakeProfiles = Map<string, Version[]>

export const cpap: LimitProfile = { id: '00000000-0000-7000-8000-00000000c9a9', wardId: 'ward-3', version: 2, name: 'CPAP', base: 'adult', limits: { 'low:pip': { value: 3, delayS: 10, priority: 'high' } }, by: 'ola', role: 'charge', at: '2026-02-01T08:00:00.000Z', reason: 'masks at low pressure' }

export const firstProfiles = (): FakeProfiles => new Map([[cpap.id, [{ what: 'changed', ...cpap }, { what: 'made', ...cpap, version: 1, limits: { 'low:pip': { value: 4, delayS: 10, priority: 'high' } }, at: '2026-01-15T08:00:00.000Z', reason: 'agreed in the ward' }]]])

/** The newest version of one that can be chosen. */
export function chosenProfile(c: FakeCentral, id: string | null | undefined): LimitProfile | undefined {
  const newest = c.profiles.get(id ?? '')?.[0]
  return newest?.what === 'retired' ? undefined : newest
}

function listed(c: FakeCentral, { params, url }: Asked): LimitProfileList {
  const retired = url.searchParams.get('retired') === 'true'
  const having = [...c.alarms.limits.values()].flatMap(({ chosen }) => chosen ?? [])
  return { profiles: [...c.profiles.values()].flatMap(([newest]) => {
    if (!newest || newest.wardId !== params[0] || (newest.what === 'retired') !== retired) return []
    const { what: _what, ...profile } = newest
    const mine = having.filter(({ profileId }) => profileId === profile.id)
    return [{ ...profile, stays: mine.length, staysOnOlder: mine.filter(({ version }) => version < profile.version).length }]
  }) }
}

function make(c: FakeCentral, { params, body, user }: Asked): LimitProfile {
  const profile: LimitProfile = { ...(body as NewLimitProfile), id: uuid(0xc900 + c.profiles.size), wardId: params[0] ?? '', version: 1, ...signed(user, c.clock.now()) }
  if ([...c.profiles.values()].some(([one]) => one?.name === profile.name && one.what !== 'retired')) throw new Refusal('ALREADY_EXISTS', `This ward has a profile called ${profile.name} already.`)
  c.profiles.set(profile.id, [{ what: 'made', ...profile }])
  return profile
}

function next(c: FakeCentral, { params, user }: Asked, what: Version['what'], { version, ...more }: LimitProfileChange | LimitProfileEnd): Version {
  const versions = c.profiles.get(params[1] ?? '')
  const [newest] = versions ?? []
  if (!versions || !newest || newest.what === 'retired') throw new Refusal('PROFILE_GONE', 'This ward has no such profile of limits, or it was retired. Look at the list again and choose another.')
  if (newest.version !== version) throw new Refusal('VERSION_CONFLICT', 'Somebody changed this profile meanwhile. Look again, then save.')
  const made = { ...newest, ...more, what, version: version + 1, ...signed(user, c.clock.now()) }
  versions.unshift(made)
  return made
}

const versionsOf = (c: FakeCentral, { params }: Asked): LimitProfileHistory => ({ versions: c.profiles.get(params[1] ?? '') ?? [] })

export const profileRoutes: readonly Route[] = [
  ['GET', '/wards/*/limit-profiles', 'ward:read', listed],
  ['GET', '/wards/*/limit-profiles/*/versions', 'ward:read', versionsOf],
  ['POST', '/wards/*/limit-profiles', 'alarm:off', make],
  ['PUT', '/wards/*/limit-profiles/*', 'alarm:off', (c, asked) => next(c, asked, 'changed', asked.body as LimitProfileChange)],
  ['POST', '/wards/*/limit-profiles/*/retirement', 'alarm:off', (c, asked) => {
    next(c, asked, 'retired', asked.body as LimitProfileEnd)
    return versionsOf(c, asked)
  }],
]
