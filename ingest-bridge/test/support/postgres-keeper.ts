// Keeps one PostgreSQL for all test files of a run, and takes it down when the run that asked for it is gone, however it ended.
// Arguments: pid of the run, folder to write `server.json` into.
import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { migrate, withClient } from './migrate.ts'
import { startPostgres } from './postgres-server.ts'

const [run = '', folder = ''] = process.argv.slice(2)
const server = await startPostgres({ fsync: 'off' })
await withClient(server.url('postgres'), (client) => client.query('create database template_vigil'))
await migrate(server.url('template_vigil'))
const draft = join(folder, 'server.json.draft')
writeFileSync(draft, JSON.stringify({ port: server.port }))
renameSync(draft, join(folder, 'server.json'))

const alive = (): boolean => {
  try {
    process.kill(Number(run), 0)
    return true
  } catch {
    return false
  }
}
const watch = setInterval(() => {
  if (alive()) return
  clearInterval(watch)
  void server.stop().then(() => rmSync(folder, { recursive: true, force: true }))
}, 500)
