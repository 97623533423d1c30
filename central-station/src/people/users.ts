import { type Clock, type NewUser, type User, type UserList } from '@vigil/contract'
import { uuidv7 } from '../ids.ts'
import { type Account, type AccountStore, toUser } from './account.ts'
import { hashPassword } from './password.ts'

export interface Users {
  list(): Promise<UserList>
  /** @throws AppError ALREADY_EXISTS */
  add(user: NewUser): Promise<User>
}

export function createUsers({ accounts, clock }: { accounts: AccountStore; clock: Clock }): Users {
  return {
    list: async () => ({ users: (await accounts.list()).map(toUser) }),
    async add({ username, displayName, role, wards = null, password }) {
      const account: Account = { id: uuidv7(clock.now()), username, displayName, role, wards, disabled: false, createdAtMs: clock.now() }
      await accounts.add(account, await hashPassword(password))
      return toUser(account)
    },
  }
}
