import { type Role, type User, type WardScope } from '@vigil/contract'
import { iso } from '../iso.ts'

export interface Account {
  readonly id: string
  readonly username: string
  readonly displayName: string
  readonly role: Role
  /** Wards the person sees and acts in; `null` for all. */
  readonly wards: WardScope
  readonly disabled: boolean
  readonly createdAtMs: number
}

/** Port: people who may sign in. */
export interface AccountStore {
  find(username: string): Promise<{ readonly account: Account; readonly passwordHash: string } | undefined>
  list(): Promise<readonly Account[]>
  /** @throws AppError ALREADY_EXISTS */
  add(account: Account, passwordHash: string): Promise<void>
  /** Adds the account only when there is none at all; true when it was added. */
  addFirst(account: Account, passwordHash: string): Promise<boolean>
}

export function toUser({ id, username, displayName, role, wards, disabled, createdAtMs }: Account): User {
  return { id, username, displayName, role, wards: wards ?? null, disabled, createdAt: iso(createdAtMs) }
}
