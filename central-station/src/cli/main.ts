import { AppError } from '@vigil/contract'
import { runProgram, systemClock } from '@vigil/program'
import { FIRST_ADMINISTRATOR } from '../people/first-administrator.ts'
import { centralSettings } from '../settings.ts'
import { startCentralStation } from '../start-central-station.ts'

await runProgram({
  name: 'central-station',
  purpose: 'live wards, history, remote control, people and audit over HTTP; serves the app',
  settings: centralSettings,
  async start({ settings, log }) {
    const { databaseUrl } = settings
    if (databaseUrl === undefined) throw new AppError('SETTINGS_INVALID', 'DATABASE_URL is not set. Give the PostgreSQL to use, for example postgres://vigil:password@127.0.0.1:5433/vigil.')
    const station = await startCentralStation({ ...settings, databaseUrl, alarmEngine: { env: process.env }, clock: systemClock, log })
    const { created, password } = station.admin
    // Once, in plain words, and nowhere else: neither in the log nor in the ready line.
    if (password !== undefined) process.stderr.write(`First administrator: user ${FIRST_ADMINISTRATOR}, password ${password} (shown only this once)\n`)
    return { ready: { http: station.http, adminCreated: created }, stop: () => station.stop() }
  },
})
