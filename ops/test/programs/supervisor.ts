import { join } from 'node:path'
import { systemClock } from '@vigil/program'
import { createSupervisor } from '../../src/supervisor/supervisor.ts'

// A supervisor as a process of its own, to be killed by a test: starts one child and stays.
const dataDir = process.argv[2] as string
const supervisor = createSupervisor({ dataDir, clock: systemClock, tell: () => undefined })
const entry = join(import.meta.dirname, 'child.ts')
await supervisor.start({ name: 'child', title: 'the child', entry, cwd: dataDir, env: { ...process.env, VIGIL_DATA: dataDir }, readyLimitMs: 10_000, stopLimitMs: 1_000 })
process.stdout.write('ready\n')
