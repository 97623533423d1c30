import { systemClock, silentLog } from '@vigil/program'
import { tryConnect } from '../postgres/database.ts'
import { embeddedUrl, readPassword } from '../postgres/cluster-secrets.ts'
import { startPostgres } from '../postgres/start-postgres.ts'
import { lockDataDir } from '../start/instance-lock.ts'

/** Runs with the address of the embedded database: of the ward that runs, or of a server started for this alone. */
export async function withEmbedded<T>(dataDir: string, port: number, work: (url: string) => Promise<T>): Promise<T> {
  const password = readPassword(dataDir, 'vigil')
  const url = password === undefined ? undefined : embeddedUrl('vigil', password, port)
  if (url !== undefined && (await tryConnect(url)) === 'open') return work(url)
  const lock = lockDataDir(dataDir)
  try {
    const server = await startPostgres({ dataDir, port, clock: systemClock, log: silentLog })
    try {
      return await work(server.url)
    } finally {
      await server.stop()
    }
  } finally {
    lock.release()
  }
}
