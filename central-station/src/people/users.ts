import { AppError, type Clock, type NewUser, roleRights, type Taker, type UserChange, type UserList, type UserWithPassword, type WardScope } from '@vigil/contract'
import { newSecret } from '@vigil/program'
import { type Actor, recordOf } from '../audit/audit.ts'
import { uuidv7 } from '../ids.ts'
import { field, iso } from '../iso.ts'
import type { Registry } from '../registry/registry.ts'
import { type Account, type AccountChange, type AccountStore, toUser } from './account.ts'
import { hashPassword } from './password.ts'
import type { SessionBook } from './session-book.ts'

/** People who may sign in. Every change is in the audit by its own transaction. */
export interface Users {
  list(): Promise<UserList>
  /** Who may answer alarms of this ward (`null`: of none), by name. */
  takers(wardId: string | null): Promise<Taker[]>
  /** @throws AppError ALREADY_EXISTS, NOT_FOUND for a ward */
  add(user: NewUser, actor: Actor): Promise<UserWithPassword>
  /** Ends the person's sessions when their rights change. @throws AppError NOT_FOUND, FORBIDDEN for oneself */
  change(id: string, change: UserChange, actor: Actor): Promise<UserWithPassword>
  /** A one-time password instead of the one before; open sessions end. @throws AppError NOT_FOUND */
  reset(id: string, actor: Actor): Promise<UserWithPassword>
}

/** A weekend between the call and the first shift. */
const ONE_TIME_MS = 72 * 3_600_000
const ONE_TIME_LETTERS = 16

export function createUsers({ accounts, sessions, registry, clock }: { accounts: AccountStore; sessions: SessionBook; registry: Registry; clock: Clock }): Users {
  const must = async (id: string): Promise<Account> => {
    const known = await accounts.byId(id)
    if (!known) throw new AppError('NOT_FOUND', 'There is no such person.')
    return known.account
  }
  const assertWards = (role: string, wards: WardScope) => {
    const unknown = (wards ?? []).filter((id) => !registry.now().wards.has(id))
    if (unknown.length > 0) throw new AppError('NOT_FOUND', `There is no ward ${unknown.join(', ')}.`, { details: { unknown } })
    if (role === 'wall' && wards === null) throw new AppError('INVALID_REQUEST', 'A wall shows certain wards: name them.', { details: { field: 'wards' } })
  }
  /** A patient's account shows one person, and nobody else's shows any by itself. */
  const assertPatient = (role: string, patientId: string | null) => {
    if ((role === 'patient') === (patientId !== null)) return
    throw new AppError('INVALID_REQUEST', role === 'patient' ? "A patient's account names whose it is: give patientId when it is made." : 'Only the account of a patient is bound to one. Make a second account for a person who works here.', { details: { field: 'patientId' } })
  }
  const closeAll = async (id: string) => {
    for (const session of sessions.of(new Set([id]))) await sessions.close(session)
  }

  return {
    list: async () => ({ users: (await accounts.list()).map(toUser) }),
    async takers(wardId) {
      const may = ({ role, wards, disabled, onceUntilMs }: Account) => !disabled && onceUntilMs === null && roleRights[role].includes('alarm:acknowledge') && (wards === null || (wardId !== null && wards.includes(wardId)))
      return (await accounts.list()).filter(may).map(({ username, displayName, role }) => ({ username, displayName, role }))
    },
    async add({ username, displayName, role, wards = null, patientId = null, password }, actor) {
      assertWards(role, wards)
      assertPatient(role, patientId)
      const oneTime = password === undefined ? makeOneTime() : undefined
      const nowMs = clock.now()
      const account: Account = { id: uuidv7(nowMs), username, displayName, role, wards, patientId, disabled: false, createdAtMs: nowMs, onceUntilMs: oneTime === undefined ? null : nowMs + ONE_TIME_MS, hasPin: false }
      await accounts.add(account, await hashPassword(password ?? oneTime ?? ''), recordOf(actor, 'user.add', { ...(patientId === null ? {} : { patientId }), detail: { username, role, wards } }, nowMs))
      return { ...toUser(account), ...(oneTime === undefined ? {} : { oneTimePassword: oneTime }) }
    },
    async change(id, asked, actor) {
      const before = await must(id)
      const rights = changesRights(asked)
      if (id === actor.accountId && rights) throw new AppError('FORBIDDEN', 'You cannot change your own rights. Ask another administrator.')
      assertPatient(asked.role ?? before.role, before.patientId)
      assertWards(asked.role ?? before.role, asked.wards === undefined ? before.wards : asked.wards)
      const { disabled, reason, ...rest } = asked
      const change: AccountChange = { ...rest, ...(disabled === undefined ? {} : { disabledAtMs: disabled ? clock.now() : null }) }
      await accounts.change(id, change, recordOf(actor, 'user.change', { detail: { username: before.username, ...beforeAndAfter(before, asked), ...field('reason', reason) } }, clock.now()))
      if (rights) await closeAll(id)
      return toUser(await must(id))
    },
    async reset(id, actor) {
      const { username } = await must(id)
      const oneTime = makeOneTime()
      const until = clock.now() + ONE_TIME_MS
      await accounts.change(id, { passwordHash: await hashPassword(oneTime), onceUntilMs: until }, recordOf(actor, 'user.reset', { detail: { username, until: iso(until) } }, clock.now()))
      await closeAll(id)
      return { ...toUser(await must(id)), oneTimePassword: oneTime }
    },
  }
}

function changesRights({ disabled, role, wards }: UserChange): boolean {
  return disabled !== undefined || role !== undefined || wards !== undefined
}

function beforeAndAfter(before: Account, { reason: _reason, ...after }: UserChange): { before: object; after: object } {
  const { displayName, role, wards, disabled } = before
  const was = { displayName, role, wards, disabled }
  return { before: Object.fromEntries(Object.keys(after).map((name) => [name, was[name as keyof typeof was]])), after }
}

function makeOneTime(): string {
  return newSecret().replaceAll(/[-_]/g, '').slice(0, ONE_TIME_LETTERS)
}
