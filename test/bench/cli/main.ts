import { cpus, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import { benchmarks } from '../benchmarks.ts'
import type { Benchmark } from '../framework/benchmark.ts'
import { jsonLines, table } from '../framework/report.ts'
import { runBenchmark } from '../framework/run-benchmark.ts'
import { endPrograms } from '../stage/child.ts'

const HELP = `npm run bench [-- options]   how fast Vigil is, against controls measured in the same minutes on the same machine

  --only WORDS    only benchmarks of these names, or whose name has one of these words; separated by commas
  --sides WORDS   only these sides, separated by commas; targets that need another are not measured
  --runs N        rounds, each with one run of every side (default 5; with --quick 1)
  --quick         a tenth of the work: shows that everything runs, its figures mean little
  --profile DIR   writes a processor profile of each of our own programs there
  --list          names the benchmarks and ends

Standard output has one line of JSON per run and per target, standard error a table. Exit code 1 when a target was missed, 2 for a wrong option.
`

const EXIT_STOPPED = 130
const tell = (line: string): void => void process.stderr.write(`${line}\n`)
const say = (line: string): void => void process.stdout.write(`${line}\n`)

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    endPrograms()
    process.exit(EXIT_STOPPED)
  })
}

const options = readOptions()
const chosen = choose(options.only)
if (options.list) for (const { name, what } of benchmarks) say(`${name}: ${what}`)
else process.exit(await runAll())

/** A word that is a whole name means that one alone. */
function choose(words: readonly string[]): readonly Benchmark[] {
  if (words.length === 0) return benchmarks
  return benchmarks.filter(({ name }) => words.some((word) => (benchmarks.some((other) => other.name === word) ? name === word : name.includes(word))))
}

async function runAll(): Promise<number> {
  const [cpu] = cpus()
  say(JSON.stringify({ machine: { cpus: cpus().length, model: cpu?.model.trim(), memoryGb: Math.round(totalmem() / 2 ** 30), node: process.version }, runs: options.runs, quick: options.quick }))
  let missed = 0
  for (const benchmark of chosen) {
    const outcome = await runBenchmark(benchmark, { ...options, tell, onRun: (side, run, measures) => say(JSON.stringify({ benchmark: benchmark.name, side, run, ...measures })) })
    for (const line of jsonLines(outcome)) say(line)
    tell(table(outcome))
    missed += outcome.verdicts.filter(({ verdict }) => verdict === 'missed').length
  }
  return missed > 0 ? 1 : 0
}

function wordsOf(text = ''): string[] {
  return text.split(',').filter((word) => word !== '')
}

function readOptions(): { only: string[]; sides: string[]; runs: number; quick: boolean; list: boolean; profileDir: string | undefined } {
  try {
    const { values } = parseArgs({ options: { only: { type: 'string' }, sides: { type: 'string' }, runs: { type: 'string' }, quick: { type: 'boolean' }, profile: { type: 'string' }, list: { type: 'boolean' }, help: { type: 'boolean' } } })
    if (values.help) {
      process.stdout.write(HELP)
      process.exit(0)
    }
    const quick = values.quick ?? false
    const runs = Number(values.runs ?? (quick ? 1 : 5))
    if (!Number.isInteger(runs) || runs < 1) throw new RangeError('--runs must be a whole number from 1')
    return { only: wordsOf(values.only), sides: wordsOf(values.sides), runs, quick, list: values.list ?? false, profileDir: values.profile }
  } catch (error) {
    tell(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`)
    process.exit(2)
  }
}
