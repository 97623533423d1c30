import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '@vigil/program'
import { everyKind } from '../src/sim/simulated-board.ts'
import { soakAgent } from './soaked-agent.ts'

// npm run agent-soak -- [hours]: the agent for so many hours of its own time, as fast as it goes; ten minutes of each hour without network. A line of JSON an hour.
const hours = Number(process.argv[2] ?? 24)
/** The last hour ends without network as well: what waits then goes out in this time. */
const DELIVER_S = 300
const folder = mkdtempSync(join(tmpdir(), 'vigil-agent-soak-'))
const path = join(folder, 'board.sqlite')
try {
  const from = systemClock.monotonic()
  const { readings, missing, stored } = await soakAgent({ path, seconds: 3_600 * hours + DELIVER_S, lookEveryS: Math.min(3_600, 900 * hours), fitted: everyKind, minutesOffline: 10 })
  for (const reading of readings) process.stdout.write(`${JSON.stringify(reading)}\n`)
  const tookS = (systemClock.monotonic() - from) / 1_000
  process.stdout.write(`${JSON.stringify({ hours, tookS, timesFaster: (3_600 * hours + DELIVER_S) / tookS, stored, missing, fileMb: statSync(path).size / 1e6 })}\n`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
