import { AppError, type Role } from '@vigil/contract'
import { one, type Database } from '../db/database.ts'
import { brokenConstraint } from '../db/database-errors.ts'
import { iso } from '../iso.ts'
import { type Account, type AccountStore } from './account.ts'

export interface AccountRow {
  account_id: string
  username: string
  display_name: string
  role: Role
  wards: string[] | null
  disabled_at: number | null
  account_created_at: number
}

/** Columns of `AccountRow`, from table `account a`. */
export const ACCOUNT_COLUMNS = 'a.id as account_id, a.username, a.display_name, a.role, a.wards, a.disabled_at, a.created_at as account_created_at'

export function toAccount(row: AccountRow): Account {
  return { id: row.account_id, username: row.username, displayName: row.display_name, role: row.role, wards: row.wards, disabled: row.disabled_at !== null, createdAtMs: row.account_created_at }
}

const ADVISORY_FIRST_ACCOUNT = 7_233_002

export function createAccountStore(database: Database): AccountStore {
  const valuesOf = (account: Account, passwordHash: string) => [account.id, account.username, account.displayName, account.role, passwordHash, iso(account.createdAtMs), account.wards]
  const INSERT = 'insert into account (id, username, display_name, role, password_hash, created_at, wards) values ($1, $2, $3, $4, $5, $6, $7)'
  return {
    async find(username) {
      const row = await one<AccountRow & { password_hash: string }>(database, `select ${ACCOUNT_COLUMNS}, a.password_hash from account a where a.username = $1`, [username])
      return row && { account: toAccount(row), passwordHash: row.password_hash }
    },
    async list() {
      return (await database.query<AccountRow>(`select ${ACCOUNT_COLUMNS} from account a order by a.username`)).map(toAccount)
    },
    async add(account, passwordHash) {
      try {
        await database.query(INSERT, valuesOf(account, passwordHash))
      } catch (error) {
        if (brokenConstraint(error) === undefined) throw error
        throw new AppError('ALREADY_EXISTS', `There is already a user ${account.username}.`, { cause: error })
      }
    },
    // Two central stations starting at once must not both make an administrator.
    addFirst: (account, passwordHash) =>
      database.transaction(async (queries) => {
        await queries.query('select pg_advisory_xact_lock($1)', [ADVISORY_FIRST_ACCOUNT])
        if (await one(queries, 'select 1 from account limit 1')) return false
        await queries.query(INSERT, valuesOf(account, passwordHash))
        return true
      }),
  }
}
