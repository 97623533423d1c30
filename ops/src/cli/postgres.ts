import { commonSettings, runProgram, systemClock } from '@vigil/program'
import { startPostgres } from '../postgres/start-postgres.ts'
import { startSettings } from '../start/settings.ts'

await runProgram({
  name: 'postgres',
  purpose: 'the embedded PostgreSQL of this data directory, on loopback only',
  settings: { data: commonSettings.data, pgPort: startSettings.pgPort, logLevel: commonSettings.logLevel },
  async start({ settings, log }) {
    const postgres = await startPostgres({ dataDir: settings.data, port: settings.pgPort, clock: systemClock, log })
    let stopping = false
    void postgres.exited.then(({ code, signal }) => {
      if (stopping) return
      log.fatal({ code, signal }, `the server process ended by itself (${signal ?? `exit code ${code}`})`)
      // Whoever supervises this program starts it again, and recovery with it.
      process.exit(1)
    })
    return {
      ready: { port: postgres.port, pid: postgres.pid },
      async stop() {
        stopping = true
        await postgres.stop()
      },
    }
  },
})
