import { randomInt } from 'node:crypto'
import { withClient } from '../postgres/database.ts'

/** No letters that look alike: it is read from a screen and typed once. */
const LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789'
const GROUPS = 4
const GROUP_LETTERS = 4

/** About 79 random bits: `k7mf-3tqp-9xwz-h2vd`. */
export function newPassword(): string {
  const group = () => Array.from({ length: GROUP_LETTERS }, () => LETTERS[randomInt(LETTERS.length)]).join('')
  return Array.from({ length: GROUPS }, group).join('-')
}

/** Whether anybody can sign in yet: the central station makes the first administrator when nobody can. */
export async function hasAccounts(databaseUrl: string): Promise<boolean> {
  return withClient(databaseUrl, async (client) => (await client.query('select 1 from account limit 1')).rowCount === 1)
}
