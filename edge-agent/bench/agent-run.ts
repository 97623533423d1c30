import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { pause, systemClock } from '@vigil/program'
import { readProcess, type Reading } from './process-meter.ts'
import { receiptingBroker } from './receipting-broker.ts'

export interface Measured {
  readonly side: string
  readonly rssMb: number
  /** Of that not shared with other runs of the same Node. */
  readonly ownMb: number
  /** Share of one core, %. */
  readonly cpuPercent: number
  readonly handles: number
  /** Objects receipted in the measured time. */
  readonly stored: number
}

export interface Span {
  readonly settleS: number
  readonly measureS: number
}

const main = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url))
/** As the agent sets itself up: `become-lean.ts`. */
const leanWords = ['--max-semi-space-size=1', '--no-turbofan', '--no-maglev', '--always-sparkplug', '--v8-pool-size=1', '--single-threaded-gc']
/** What a program does that wakes as often as the quickest sensors want and does nothing then. */
const wakes = 'setInterval(() => {}, 40)'
/**
 * Transfers as `i2c-bus` makes them on a real bus: each a call by a thread of the pool, one after the other. Nothing waits for a wire here, so this is
 * what they cost the processor; the emulated bus costs a socket instead, several transfers at a time.
 */
const transfers = (count: number): string => `const { openSync, read } = require('node:fs')
const file = openSync('/dev/zero'), bytes = Buffer.alloc(12)
const one = (left) => left > 0 && read(file, bytes, 0, 12, null, () => one(left - 1))
setInterval(() => one(${count}), 40)`

/** Node alone: what no agent on it can be below, and what the transfers of a real bus alone cost it. */
export async function measureControl(side: string, transfersPerBeat: number, span: Span): Promise<Measured> {
  const child = spawn(process.execPath, [...leanWords, '-e', transfersPerBeat === 0 ? wakes : transfers(transfersPerBeat)], { stdio: 'ignore' })
  try {
    return { side, stored: 0, ...(await measure(child, span)) }
  } finally {
    await end(child)
  }
}

/** The agent as `vigil-agent run` starts it, on emulated sensors in a program of their own, at a broker that receipts. */
export async function measureAgent(side: string, sensors: string, span: Span): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), 'vigil-agent-budget-'))
  const broker = await receiptingBroker({ site: 'main', device: 'budget' })
  const child = spawn(process.execPath, [main, 'run', '--device', 'budget', '--url', broker.url, '--data', folder, '--emulate', '--emulate-sensors', sensors], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, VIGIL_AGENT_SECRET: 'budget', VIGIL_LOG_LEVEL: 'error' },
  })
  try {
    await pause(systemClock, 1_000 * span.settleS)
    const before = broker.stored()
    const measured = await measure(child, { ...span, settleS: 0 })
    return { side, ...measured, stored: broker.stored() - before }
  } finally {
    await end(child)
    await broker.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function measure(child: ChildProcess, { settleS, measureS }: Span): Promise<Omit<Measured, 'side' | 'stored'>> {
  await pause(systemClock, 1_000 * settleS)
  const pid = child.pid ?? 0
  const before = readProcess(pid)
  const from = systemClock.monotonic()
  let most: Reading = before
  for (let second = 0; second < measureS; second += 1) {
    await pause(systemClock, 1_000)
    const now = readProcess(pid)
    if (now.rssMb > most.rssMb) most = now
  }
  const after = readProcess(pid)
  const seconds = (systemClock.monotonic() - from) / 1_000
  return { rssMb: most.rssMb, ownMb: most.ownMb, cpuPercent: (100 * (after.cpuS - before.cpuS)) / seconds, handles: after.handles }
}

async function end(child: ChildProcess): Promise<void> {
  const closed = once(child, 'close')
  child.kill('SIGTERM')
  await closed
}
