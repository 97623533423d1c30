import { join } from 'node:path'
import { AppError, isAppError, type SettingSpec } from '@vigil/contract'
import { commonSettings, readSettings, systemClock, wordsOf } from '@vigil/program'
import { runLoad } from '../load/run-load.ts'
import { isClean, reportTable } from '../load/verdict.ts'
import { signInToStation } from '../station-api/station-client.ts'

const settings = {
  devices: { env: 'VIGIL_DEVICES', kind: 'integer', min: 1, max: 5_000, default: 300, description: 'boards, each with one object a second' },
  real: { env: 'VIGIL_REAL', kind: 'integer', min: 0, max: 200, default: 20, description: 'of these, boards that run the whole agent on emulated sensors' },
  seconds: { env: 'VIGIL_SECONDS', kind: 'integer', min: 1, max: 86_400, default: 60, description: 'how long they measure' },
  runFolder: { env: 'VIGIL_RUN_FOLDER', kind: 'string', description: 'spools, secrets and journal of this run; the same folder again goes on with the same boards (default: a new one under the data directory)' },
  drain: { env: 'VIGIL_DRAIN', kind: 'integer', min: 1, max: 3_600, default: 120, description: 'seconds to wait for the last receipts' },
  data: commonSettings.data,
  httpUrl: { env: 'VIGIL_HTTP_URL', kind: 'string', default: 'http://127.0.0.1:8080', description: 'address of the central station' },
  mqttUrl: commonSettings.mqttUrl,
  adminPassword: { env: 'VIGIL_ADMIN_PASSWORD', kind: 'string', secret: true, description: 'password of the user admin, who registers the boards' },
} as const satisfies Record<string, SettingSpec>

const EXIT_FAILED = 1
const EXIT_USAGE = 2

const { values } = readSettings('load', 'many boards at once, and a comparison of what they produced with what the ledger holds', settings, process.argv.slice(2))
const tell = (line: string): void => void process.stderr.write(`${line}\n`)
try {
  process.exit(await load())
} catch (error) {
  tell(`load: ${wordsOf(error)}`)
  process.exit(isAppError(error) && error.code === 'SETTINGS_INVALID' ? EXIT_USAGE : EXIT_FAILED)
}

/** Answers the exit code: 0 when nothing is missing, doubled or invented. */
async function load(): Promise<number> {
  if (values.adminPassword === undefined) throw new AppError('SETTINGS_INVALID', 'Set VIGIL_ADMIN_PASSWORD to the password of the user admin.')
  const api = await signInToStation({ url: values.httpUrl, username: 'admin', password: values.adminPassword, clock: systemClock })
  const folder = values.runFolder ?? join(values.data, 'load', systemClock.now().toString(36))
  tell(`Run folder ${folder}`)
  const report = await runLoad({
    api,
    httpUrl: values.httpUrl,
    mqttUrl: values.mqttUrl,
    devices: values.devices,
    real: Math.min(values.real, values.devices),
    seconds: values.seconds,
    folder,
    drainMs: values.drain * 1_000,
    clock: systemClock,
    random: Math.random,
    tell,
  })
  tell(reportTable(report))
  process.stdout.write(`${JSON.stringify(report)}\n`)
  return isClean(report) ? 0 : EXIT_FAILED
}
