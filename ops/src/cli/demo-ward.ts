import { readFileSync } from 'node:fs'
import { AppError, type SettingSpec, type SettingsOf } from '@vigil/contract'
import { commonSettings, readDemoMark, runProgram, systemClock, type Log } from '@vigil/program'
import { forgetBoards } from '../demo/demo-files.ts'
import { startDemoWard } from '../demo/demo-ward.ts'
import { MOST_BEDS } from '../demo/bed-plan.ts'
import { DEMO_USER, demoPasswordPath } from '../start/demo-account.ts'
import { signInToStation } from '../station-api/station-client.ts'

const settings = {
  data: commonSettings.data,
  demoBeds: { env: 'VIGIL_DEMO_BEDS', kind: 'integer', min: 0, max: MOST_BEDS, default: 12, description: 'beds of the demo ward; 0 for none' },
  historyHours: { env: 'VIGIL_DEMO_HISTORY_HOURS', kind: 'integer', min: 0, max: 168, default: 24, description: 'hours of synthetic history a board brings along at its first start' },
  httpUrl: { env: 'VIGIL_HTTP_URL', kind: 'string', description: 'address of the central station; by default this machine at VIGIL_HTTP_PORT' },
  httpPort: { env: 'VIGIL_HTTP_PORT', kind: 'integer', min: 1, max: 65_535, default: 8080, description: 'port of the central station on this machine' },
  mqttUrl: commonSettings.mqttUrl,
  mqttCa: commonSettings.mqttCa,
  logLevel: commonSettings.logLevel,
} as const satisfies Record<string, SettingSpec>

const PATIENCE_MS = 45_000
const REMOVED_CHECK_MS = 500

await runProgram({ name: 'demo-ward', purpose: 'a ward of simulated boards, labelled DEMO, that run the real agent code', settings, start })

async function start({ settings: values, log }: { settings: SettingsOf<typeof settings>; log: Log }) {
  const api = await signInToStation({
    url: values.httpUrl ?? `http://127.0.0.1:${values.httpPort}`,
    username: DEMO_USER,
    password: demoPassword(values.data),
    clock: systemClock,
    patienceMs: PATIENCE_MS,
  })
  const ward = await startDemoWard({
    beds: values.demoBeds,
    historyHours: values.historyHours,
    dataDir: values.data,
    mqttUrl: values.mqttUrl,
    mqttCa: values.mqttCa === undefined ? undefined : readFileSync(values.mqttCa, 'utf8'),
    api,
    clock: systemClock,
    random: Math.random,
    log: (event, facts) => log.info(facts, event),
  })
  const stop = once(() => ward.stop())
  // Removed while it runs: the boards fall silent, and what they kept goes too. The program stays, so that nobody starts it again.
  const stopWatching = systemClock.every(REMOVED_CHECK_MS, () => {
    if (readDemoMark(values.data) === undefined) return
    stopWatching()
    log.info({}, 'demo.removed')
    void stop().then(() => forgetBoards(values.data))
  })
  return {
    ready: { beds: ward.agents.length },
    stop: () => {
      stopWatching()
      return stop()
    },
  }
}

function once(run: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined
  return () => (running ??= run())
}

function demoPassword(dataDir: string): string {
  try {
    return readFileSync(demoPasswordPath(dataDir), 'utf8').trim()
  } catch (cause) {
    throw new AppError('START_FAILED', 'The demo ward has no password yet; it is made by npm start.', { cause })
  }
}
