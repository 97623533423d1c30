import { randomUUID } from 'node:crypto'
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { newSecret } from '@vigil/program'
import { withClient } from '../postgres/database.ts'
import { hashPassword } from './password-hash.ts'

/** The demo ward is a program that signs in like any other: as this user, with the password in `secrets/demo-ward`. */
export const DEMO_USER = 'demo-ward'

export function demoPasswordPath(dataDir: string): string {
  return join(dataDir, 'secrets', DEMO_USER)
}

/**
 * Makes the demo ward's account, or gives it back its password. Called when the central station is ready, because that
 * one makes the first administrator only while there is no account at all.
 */
export async function ensureDemoAccount(databaseUrl: string, dataDir: string): Promise<void> {
  const hash = await hashPassword(ensureDemoPassword(dataDir))
  await withClient(databaseUrl, (client) =>
    client.query(
      `insert into account (id, username, display_name, role, password_hash) values ($1, $2, 'Demo ward', 'admin', $3)
       on conflict (username) do update set password_hash = excluded.password_hash, disabled_at = null`,
      [randomUUID(), DEMO_USER, hash],
    ),
  )
}

/** Without a demo ward nobody may sign in as it. */
export async function disableDemoAccount(databaseUrl: string): Promise<void> {
  await withClient(databaseUrl, (client) => client.query('update account set disabled_at = now() where username = $1 and disabled_at is null', [DEMO_USER]))
}

function ensureDemoPassword(dataDir: string): string {
  const path = demoPasswordPath(dataDir)
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  const password = newSecret()
  mkdirSync(join(dataDir, 'secrets'), { recursive: true, mode: 0o700 })
  const draft = `${path}.${process.pid}`
  writeFileSync(draft, `${password}\n`, { mode: 0o600 })
  chmodSync(draft, 0o600)
  renameSync(draft, path)
  return password
}
