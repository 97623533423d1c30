import { join } from 'node:path'
import { AppError } from '@vigil/contract'
import { ensureSecrets, runProgram, systemClock } from '@vigil/program'
import { listenForStations, socketPath } from '../alarms/place/socket-channel.ts'
import { startEngine } from '../alarms/place/start-engine.ts'
import { engineSettings } from '../settings.ts'

/** Without a station for so long nobody is there to take it up: the house is down, not only its HTTP part. */
const ORPHAN_MS = 120_000
const LOOK_EVERY_MS = 1_000

await runProgram({
  name: 'alarm-engine',
  purpose: 'raises the alarms of a site, apart from the HTTP part of the central station that starts it',
  settings: engineSettings,
  async start({ settings, log }) {
    const { databaseUrl } = settings
    if (databaseUrl === undefined) throw new AppError('SETTINGS_INVALID', 'DATABASE_URL is not set. Give the PostgreSQL to use.')
    const folder = join(settings.data, 'central')
    const engine = await startEngine({ ...settings, databaseUrl, folder, secrets: ensureSecrets(settings.data), pid: process.pid, clock: systemClock, log })
    const end = () => process.kill(process.pid, 'SIGTERM')
    const server = await listenForStations(socketPath(folder), (station) => {
      station.onMessage((message) => message.t === 'stop' && end())
      engine.attach(station)
    })
    let seenAtMs = systemClock.monotonic()
    const stopLooking = systemClock.every(LOOK_EVERY_MS, () => {
      if (engine.stations > 0) seenAtMs = systemClock.monotonic()
      else if (systemClock.monotonic() - seenAtMs > ORPHAN_MS) end()
    })
    return {
      ready: { socket: socketPath(folder) },
      async stop() {
        stopLooking()
        server.close()
        await engine.stop()
      },
    }
  },
})
