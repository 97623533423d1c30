import type { Clock } from '@vigil/contract'
import { newSecret } from '@vigil/program'
import { uuidv7 } from '../ids.ts'
import type { AccountStore } from './account.ts'
import { hashPassword } from './password.ts'

export const FIRST_ADMINISTRATOR = 'admin'

export interface FirstAdministrator {
  readonly created: boolean
  /** Set only when one was made here because none was given; it is shown once and kept nowhere. */
  readonly password?: string
}

/** An installation without any account gets its first one. */
export async function ensureFirstAdministrator({ accounts, clock, password }: { accounts: AccountStore; clock: Clock; password: string | undefined }): Promise<FirstAdministrator> {
  if ((await accounts.list()).length > 0) return { created: false }
  const chosen = password ?? newSecret().slice(0, 20)
  const account = { id: uuidv7(clock.now()), username: FIRST_ADMINISTRATOR, displayName: 'Administrator', role: 'admin' as const, wards: null, patientId: null, disabled: false, onceUntilMs: null, hasPin: false, createdAtMs: clock.now() }
  const created = await accounts.addFirst(account, await hashPassword(chosen))
  return created && password === undefined ? { created, password: chosen } : { created }
}
