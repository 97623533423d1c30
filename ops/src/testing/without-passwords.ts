import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { AppError } from '@vigil/contract'
import { systemClock } from '@vigil/program'
import { clusterPath } from '../postgres/place.ts'
import { tryConnect, withClient } from '../postgres/database.ts'
import type { RunningPostgres } from '../postgres/start-postgres.ts'
import { waitUntil } from '../process/end.ts'

const LIMIT_MS = 5_000

/** Lets everyone on this computer in without a password, now and after a restart; only ever for a server with made-up data. */
export async function admitWithoutPasswords(server: RunningPostgres, dataDir: string): Promise<void> {
  writeFileSync(join(clusterPath(dataDir), 'pg_hba.conf'), 'host all all 127.0.0.1/32 trust\n')
  await withClient(server.superuserUrl, (client) => client.query('select pg_reload_conf()'))
  // The server reads the file again in its own time.
  const bare = new URL(server.url)
  bare.password = ''
  const open = await waitUntil(async () => (await tryConnect(bare.href)) === 'open', LIMIT_MS, systemClock)
  if (!open) throw new AppError('START_FAILED', 'The PostgreSQL for tests goes on asking for passwords.')
}
