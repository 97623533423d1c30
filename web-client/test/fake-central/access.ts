import type { AuditChain, AuditEntry } from '@vigil/contract/api/audit'
import type { BreakGlass } from '@vigil/contract/api/break-glass'
import type { NewUser, Unlock, UserChange } from '@vigil/contract/api/people'
import type { AccessToken, NewAccessToken } from '@vigil/contract/api/tokens'
import type { FakeCentral } from './fake-central.ts'
import { accounts, uuid } from './people.ts'
import { Refusal, type Route } from './refusal.ts'

const now = (c: FakeCentral) => new Date(c.clock.now()).toISOString()
const users = () => Object.values(accounts).map(({ info }) => info.user)
const chain = (c: FakeCentral): AuditChain => ({ state: 'whole', entries: 1_234, earlier: 0, head: '4f'.repeat(32), verifiedTo: now(c), checkedAt: now(c), breaks: [] })
const opened = (c: FakeCentral): BreakGlass => ({ id: uuid(0x8001), username: 'nurse', displayName: 'Li Wei', role: 'nurse', wardId: 'ward-4', reason: 'cardiac arrest, nobody there', from: now(c), until: new Date(c.clock.now() + 3_600_000).toISOString() })
const token = (c: FakeCentral): AccessToken => ({ id: uuid(0x8002), name: 'nightly-export', rights: ['history:read', 'history:export'], wards: ['ward-3'], createdBy: 'admin', createdAt: now(c), expiresAt: new Date(c.clock.now() + 90 * 86_400_000).toISOString(), state: 'valid' })

/** Newest first, as a night leaves them. */
function entries(c: FakeCentral): AuditEntry[] {
  const said: [minutesAgo: number, username: string, role: string, action: string, about: Partial<AuditEntry>][] = [
    [1, 'admin', 'admin', 'audit.read', {}],
    [4, 'nurse', 'nurse', 'alarm.acknowledge', { stayId: uuid(0x2005), wardId: 'ward-3', detail: { alarmId: uuid(0xa000), condition: 'low:spo2', seenVersion: 3 } }],
    [9, 'nurse', 'nurse', 'glass.break', { wardId: 'ward-4', detail: { reason: 'cardiac arrest, nobody there', minutes: 60 } }],
    [31, 'nurse', 'nurse', 'limits.change', { stayId: uuid(0x2002), wardId: 'ward-3', detail: { before: { 'low:spo2': { value: 90, delayS: 10, priority: 'high' } }, limits: { 'low:spo2': { value: 88, delayS: 10, priority: 'high' } }, reason: 'COPD, agreed with Dr Roy', version: 3, expiresInMinutes: 480 } }],
    [64, 'viewer', 'viewer', 'history.read', { stayId: uuid(0x2005), wardId: 'ward-3', detail: { signals: 'spo2,pr' } }],
    [58, 'nurse', 'nurse', 'alarm.audio', { stayId: uuid(0x2005), wardId: 'ward-3', detail: { mode: 'paused', seconds: 120 } }],
    [77, 'nurse', 'nurse', 'alarm.acknowledge', { wardId: 'ward-3', detail: { alarmId: uuid(0xa001), condition: 'no_armed_screen', seenVersion: 1 } }],
    [118, 'nurse', 'nurse', 'command.ask', { deviceId: 'ST-0047', wardId: 'ward-3', detail: { do: 'measure_now' } }],
    [305, 'nurse', 'nurse', 'session.open', {}],
  ]
  return said.map(([minutesAgo, username, role, action, about], i) => ({ id: 1_234 - i, at: new Date(c.clock.now() - minutesAgo * 60_000).toISOString(), username, role, action, origin: '10.0.0.17', requestId: `r-${900 - i}`, ...about }))
}

/** People, programs, opened wards, the state of the audit, and a screen that is locked. The PIN is 4711. */
export const accessRoutes: readonly Route[] = [
  ['GET', '/users', 'user:read', () => ({ users: users() })],
  ['POST', '/users', 'user:write', (c, { body }) => ({ id: uuid(0x8003), ...(body as NewUser), wards: (body as NewUser).wards ?? null, disabled: false, createdAt: now(c), oneTimePassword: 'Ab3dEf6hIj9kLm2n' })],
  ['PATCH', '/users/*', 'user:write', (_c, { params, body }) => ({ ...users().find(({ id }) => id === params[0]), ...(body as UserChange) })],
  ['GET', '/audit/chain', 'audit:read', chain],
  ['GET', '/audit', 'audit:read', (c) => ({ entries: entries(c) })],
  ['GET', '/break-glass', 'user:read', (c) => ({ grants: [opened(c)] })],
  ['GET', '/tokens', 'user:write', (c) => ({ tokens: [token(c)] })],
  ['POST', '/tokens', 'user:write', (c, { body }) => ({ ...token(c), ...(body as NewAccessToken), token: `vigil_${'x'.repeat(43)}` })],
  ['POST', '/session/lock', 'self', (_c, { user }) => hold(user, true)],
  ['POST', '/session/unlock', 'self', (_c, { user, body }) => {
    const { pin, password } = body as Unlock
    if (pin !== '4711' && password !== accounts[user]?.password) throw new Refusal('SIGN_IN_REFUSED', 'That is not right.')
    hold(user, false)
  }],
]

function hold(user: string, locked: boolean): void {
  const account = accounts[user]
  if (account) account.info.locked = locked
}
