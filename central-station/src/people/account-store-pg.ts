import { AppError, type Role } from '@vigil/contract'
import { one, type Database, type Queries } from '../db/database.ts'
import { brokenConstraint } from '../db/database-errors.ts'
import { iso } from '../iso.ts'
import type { Chain } from '../audit/chain-pg.ts'
import type { Account, AccountChange, AccountStore, KnownAccount } from './account.ts'

export interface AccountRow {
  account_id: string
  username: string
  display_name: string
  role: Role
  wards: string[] | null
  patient_id: string | null
  disabled_at: number | null
  account_created_at: number
  password_once_until: number | null
  has_pin: boolean
}

/** Columns of `AccountRow`, from table `account a`. */
export const ACCOUNT_COLUMNS = 'a.id as account_id, a.username, a.display_name, a.role, a.wards, a.patient_id, a.disabled_at, a.created_at as account_created_at, a.password_once_until, a.pin_hash is not null as has_pin'

export function toAccount(row: AccountRow): Account {
  return { id: row.account_id, username: row.username, displayName: row.display_name, role: row.role, wards: row.wards, patientId: row.patient_id, disabled: row.disabled_at !== null, createdAtMs: row.account_created_at, onceUntilMs: row.password_once_until, hasPin: row.has_pin }
}

const ADVISORY_FIRST_ACCOUNT = 7_233_002

/** Column of each thing that can change. */
const CHANGEABLE = { displayName: 'display_name', role: 'role', wards: 'wards', disabledAtMs: 'disabled_at', passwordHash: 'password_hash', onceUntilMs: 'password_once_until', pinHash: 'pin_hash' } as const satisfies Record<keyof AccountChange, string>

export function createAccountStore({ database, chain }: { database: Database; chain: Chain }): AccountStore {
  const valuesOf = (account: Account, passwordHash: string) => [account.id, account.username, account.displayName, account.role, passwordHash, iso(account.createdAtMs), account.wards, isoOrNull(account.onceUntilMs), account.patientId]
  const INSERT = 'insert into account (id, username, display_name, role, password_hash, created_at, wards, password_once_until, patient_id) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)'
  return {
    find: (username) => known(database, 'a.username = $1', username),
    byId: (id) => known(database, 'a.id = $1', id),
    async list() {
      return (await database.query<AccountRow>(`select ${ACCOUNT_COLUMNS} from account a order by a.username`)).map(toAccount)
    },
    async add(account, passwordHash, record) {
      try {
        await chain.with(record, async (queries) => void (await queries.query(INSERT, valuesOf(account, passwordHash))))
      } catch (error) {
        const broken = brokenConstraint(error)
        if (broken === undefined) throw error
        if (broken.includes('patient')) throw new AppError('NOT_FOUND', 'There is no such patient.', { cause: error })
        throw new AppError('ALREADY_EXISTS', `There is already a user ${account.username}.`, { cause: error })
      }
    },
    change: (id, change, record) =>
      chain.with(record, async (queries) => {
        const changes = Object.entries(CHANGEABLE).flatMap(([name, column]) => {
          const value = change[name as keyof AccountChange]
          return value === undefined ? [] : [{ column, value: typeof value === 'number' ? iso(value) : value }]
        })
        const row = await one(queries, `update account set ${changes.map(({ column }, i) => `${column} = $${i + 2}`).join(', ')} where id = $1 returning id`, [id, ...changes.map(({ value }) => value)])
        if (!row) throw new AppError('NOT_FOUND', 'There is no such person.')
      }),
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

async function known(queries: Queries, where: string, value: string): Promise<KnownAccount | undefined> {
  const row = await one<AccountRow & { password_hash: string; pin_hash: string | null }>(queries, `select ${ACCOUNT_COLUMNS}, a.password_hash, a.pin_hash from account a where ${where}`, [value])
  return row && { account: toAccount(row), passwordHash: row.password_hash, pinHash: row.pin_hash }
}

function isoOrNull(ms: number | null): string | null {
  return ms === null ? null : iso(ms)
}
