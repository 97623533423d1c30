import type { Role, User, WardScope } from '@vigil/contract'
import type { AuditRecord } from '../audit/audit.ts'
import { field, iso, isoField } from '../iso.ts'

export interface Account {
  readonly id: string
  readonly username: string
  readonly displayName: string
  readonly role: Role
  /** Wards the person sees and acts in; `null` for all. */
  readonly wards: WardScope
  /** Whose own view this account opens; `null` for everybody but patients. */
  readonly patientId: string | null
  readonly disabled: boolean
  /** The password is a one-time one, good until then; `null` for one's own. */
  readonly onceUntilMs: number | null
  readonly hasPin: boolean
  readonly createdAtMs: number
}

export interface KnownAccount {
  readonly account: Account
  readonly passwordHash: string
  readonly pinHash: string | null
}

export interface AccountChange {
  readonly displayName?: string
  readonly role?: Role
  readonly wards?: WardScope
  readonly disabledAtMs?: number | null
  readonly passwordHash?: string
  readonly onceUntilMs?: number | null
  readonly pinHash?: string
}

/** Port: people who may sign in. */
export interface AccountStore {
  find(username: string): Promise<KnownAccount | undefined>
  byId(id: string): Promise<KnownAccount | undefined>
  list(): Promise<readonly Account[]>
  /** In the audit by the same transaction. @throws AppError ALREADY_EXISTS */
  add(account: Account, passwordHash: string, record: AuditRecord): Promise<void>
  /** In the audit by the same transaction. @throws AppError NOT_FOUND */
  change(id: string, change: AccountChange, record: AuditRecord): Promise<void>
  /** Adds the account only when there is none at all; true when it was added. */
  addFirst(account: Account, passwordHash: string): Promise<boolean>
}

export function toUser({ id, username, displayName, role, wards, patientId, disabled, createdAtMs, hasPin, onceUntilMs }: Account): User {
  return { id, username, displayName, role, wards: wards ?? null, ...field('patientId', patientId ?? null), disabled, createdAt: iso(createdAtMs), hasPin, ...isoField('oneTimeUntil', onceUntilMs) }
}
