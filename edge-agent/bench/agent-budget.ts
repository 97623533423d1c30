import { loadavg } from 'node:os'
import { measureAgent, measureControl, type Measured } from './agent-run.ts'

// npm run agent-budget: what the agent needs of a board. One line of JSON per side on standard output, a table on standard error.
const budget = { rssMb: 70, cpuPercent: 3 } as const
const [settleS = 20, measureS = 30] = process.argv.slice(2).map(Number)
const span = { settleS, measureS }

const sides: (() => Promise<Measured>)[] = [
  () => measureControl('Node alone, woken 25 times a second', 0, span),
  () => measureControl('and 4 transfers each time by threads', 4, span),
  () => measureControl('and 12 transfers each time by threads', 12, span),
  () => measureAgent('one thermometer', 'tmp117', span),
  () => measureAgent('finger, thermometer, mask', 'usual', span),
  () => measureAgent('one of every sensor', 'all', span),
]

const row = (cells: readonly (string | number)[]): string => cells.map((cell, i) => String(cell).padEnd(i === 0 ? 40 : 10)).join('')
process.stderr.write(`load average ${loadavg()[0]?.toFixed(1)}\n${row(['', 'RSS MB', 'own MB', 'CPU %', 'handles', 'objects'])}\n`)
let control: Measured | undefined
for (const side of sides) {
  const measured = await side()
  control ??= measured
  const { rssMb, ownMb, cpuPercent, handles, stored } = measured
  process.stdout.write(`${JSON.stringify({ ...measured, aboveControl: { rssMb: rssMb - control.rssMb, cpuPercent: cpuPercent - control.cpuPercent }, budget, met: { rss: rssMb <= budget.rssMb, cpu: cpuPercent <= budget.cpuPercent } })}\n`)
  process.stderr.write(`${row([measured.side, rssMb.toFixed(1), ownMb.toFixed(1), cpuPercent.toFixed(2), handles, stored])}\n`)
}
