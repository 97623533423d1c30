import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ensureSecrets, pause, systemClock } from '@vigil/program'
import { startTestPostgres, until } from '@vigil/ops/testing'
import { proxyTo } from '../../../ingest-bridge/test/support/pg-proxy.ts'
import { type Program, startProgram } from '../../bench/stage/child.ts'
import { query } from '../../bench/stage/sql.ts'
import { startLoad } from '../../support/load.ts'
import { pidOf } from '../../support/processes.ts'
import { ROOT, startWard } from '../../support/ward.ts'
import { chance as seeded } from '../sim/seeded.ts'

/**
 * A whole ward with a second bridge, boards that run the agent's own spool, and everything that can be done to it, in seeded order: programs killed, the
 * database killed, frozen and behind a wire that swallows, boards and second bridge behind such wires, their clocks set by an hour.
 * Run by `npm run faults -- --real-faults`; arguments: seed and rounds.
 */
const [seed = 1, rounds = 12] = process.argv.slice(2).map(Number)
const DEVICES = 40
/** Its own clock may be set: an hour is over in a moment then. */
const LOAD_S = 86_400
const WITHIN_MS = 90_000
const HOUR_MS = 3_600_000
/** Longer than anybody waits for an answer. */
const DARK_MS = 14_000
/** Boards of the load, without the canary every ward has: with it there were never exactly as many. */
const ARRIVED = "select count(distinct device_no) as n from sample join device on device.no = device_no where device.id like 'load-%'"
const chance = seeded(seed)

const postgres = await startTestPostgres({ survives: 'power-cut' })
const databaseUrl = await postgres.createEmptyDatabase()
const portOf = (address: string): number => Number(new URL(address).port)
const moved = (address: string, port: number): string => Object.assign(new URL(address), { port: String(port) }).href
const wires = { database: await proxyTo(postgres.port), bridge: undefined as Awaited<ReturnType<typeof proxyTo>> | undefined, boards: undefined as Awaited<ReturnType<typeof proxyTo>> | undefined }
const ward = await startWard({ DATABASE_URL: moved(databaseUrl, portOf(wires.database.url('x'))) })
wires.bridge = await proxyTo(portOf(ward.ready.mqtt))
wires.boards = await proxyTo(portOf(ward.ready.mqtt))

/** Programs of ours whose clock can be set: `stepped-clock.mjs` adds what stands in this file. */
const clockFile = join(ward.dir, 'clock-offset-ms')
writeFileSync(clockFile, '0')
const steppedClock = { NODE_OPTIONS: `--import=${join(import.meta.dirname, 'stepped-clock.mjs')}`, STEPPED_CLOCK_FILE: clockFile }
let second = await startSecondBridge()
const load = { devices: DEVICES, real: 2, folder: join(ward.dir, 'load-fire') }
const throughWire = { ...ward, ready: { ...ward.ready, mqtt: moved(ward.ready.mqtt, portOf(wires.boards.url('x'))) } }
let boardsEndAtMs = Number.POSITIVE_INFINITY
const boards = startLoad(throughWire, { ...load, seconds: LOAD_S, env: steppedClock })
boards.report.then(
  () => process.stdout.write('  the boards ended before their time\n'),
  (error: unknown) => systemClock.monotonic() < boardsEndAtMs && process.stdout.write(`  the boards ended: ${String(error)}\n`),
)

const dark = (wire: 'database' | 'bridge' | 'boards') => async () => {
  wires[wire]?.blackHole(true)
  await pause(systemClock, chance.between(2_000, DARK_MS))
  wires[wire]?.blackHole(false)
  // What was swallowed is not made up for: the ends find out by themselves.
}
const kill = (program: 'broker' | 'ingest-bridge' | 'central-station') => async () => {
  const pid = await until(`${program} to run`, WITHIN_MS, () => pidOf(ward, program))
  process.kill(pid, 'SIGKILL')
  await until(`${program} to be started again`, WITHIN_MS, () => (pidOf(ward, program) ?? pid) !== pid || undefined)
}
const faults: Readonly<Record<string, () => Promise<void> | void>> = {
  'the database is behind a wire that swallows': dark('database'),
  'the second bridge is behind a wire that swallows': dark('bridge'),
  'the boards are behind a wire that swallows': dark('boards'),
  'the broker is killed': kill('broker'),
  'the bridge is killed': kill('ingest-bridge'),
  'the central station is killed': kill('central-station'),
  'the second bridge is killed': async () => {
    process.kill(second.pid, 'SIGKILL')
    second = await startSecondBridge()
  },
  'the database is killed': async () => {
    await postgres.kill()
    await postgres.restart()
  },
  'the database is frozen': async () => {
    postgres.freeze()
    await pause(systemClock, chance.between(1_000, 8_000))
    postgres.thaw()
  },
  'the clocks of boards and second bridge are set by an hour': () => writeFileSync(clockFile, String(chance.pick([-HOUR_MS, 0, HOUR_MS]))),
}
let isWhole = false
try {
  isWhole = await play()
} finally {
  // Whatever happened, nothing is left running.
  if (boardsEndAtMs === Number.POSITIVE_INFINITY) process.kill(boards.pid, 'SIGKILL')
  await second.stop()
  await ward.end()
  for (const wire of [wires.database, wires.bridge, wires.boards]) await wire?.close()
  await postgres.stop()
}
process.exit(isWhole ? 0 : 1)

async function play(): Promise<boolean> {
  await until('the boards to send', WITHIN_MS, async () => ((await query<{ n: string }>(databaseUrl, ARRIVED))[0]?.n === String(DEVICES) ? true : undefined))
  const order = Array.from({ length: Math.ceil(rounds / Object.keys(faults).length) }, () => shuffled(Object.keys(faults))).flat().slice(0, rounds)
  for (const what of order) {
    process.stdout.write(`  ${what}\n`)
    await faults[what]?.()
    await pause(systemClock, chance.between(1_000, 3_000))
  }
  writeFileSync(clockFile, '0')
  boardsEndAtMs = systemClock.monotonic()
  process.kill(boards.pid, 'SIGKILL')
  const said = await startLoad(ward, { ...load, seconds: 5 }).report
  const isWhole = said.missing === 0 && said.duplicates === 0 && said.invented === 0 && said.lost === 0 && said.stored === said.produced
  process.stdout.write(`ward under fire: seed ${seed}, ${rounds} faults, two bridges: ${said.produced} objects produced, ${said.stored} stored, ${said.missing} missing, ${said.duplicates} twice, ${said.invented} invented, ${said.lost} given up: ${isWhole ? 'each exactly once' : 'NOT WHOLE'}\n`)
  return isWhole
}

function startSecondBridge(): Promise<Program> {
  const env = {
    DATABASE_URL: databaseUrl,
    VIGIL_DATA: ward.dir,
    VIGIL_LOG_LEVEL: 'error',
    VIGIL_MQTT_URL: `mqtt://127.0.0.1:${portOf(wires.bridge?.url('x') ?? '')}`,
    VIGIL_MQTT_PASSWORD: ensureSecrets(ward.dir).services.bridge,
    VIGIL_BRIDGE_HEALTH_PORT: '0',
    VIGIL_AMQP_PORT: '0',
    VIGIL_MLLP_PORT: '0',
    ...steppedClock,
  }
  return startProgram({ name: 'second bridge', command: [process.execPath, join(ROOT, 'ingest-bridge/src/cli/main.ts')], env, cwd: ward.dir })
}

function shuffled<T>(all: readonly T[]): T[] {
  return all.map((one) => ({ one, place: chance.next() })).sort((a, b) => a.place - b.place).map(({ one }) => one)
}
