import { AppError } from '@vigil/contract'
import { systemClock } from '@vigil/program'
import { createStage, type Stage, type StageOptions } from '../stage/stage.ts'
import { type Benchmark, type Contestant, type Measures, NotHere } from './benchmark.ts'
import { judge, type Round, type Verdict } from './judge.ts'

export interface Outcome {
  readonly benchmark: Benchmark
  readonly rounds: readonly Round[]
  readonly verdicts: readonly Verdict[]
  /** Sides that could not run, with why. */
  readonly missing: ReadonlyMap<string, string>
  readonly tookS: number
}

export interface RunOptions extends StageOptions {
  readonly runs: number
  /** Names of the sides that run; all when empty. */
  readonly sides?: readonly string[]
  /** Told of each run as it ends; those up to 0 only warm up. */
  readonly onRun: (side: string, run: number, measures: Measures) => void
}

const RUN_LIMIT_MS = 60_000

/** Sets every side up once, then runs them in turn; a side that fails is left out from then on. */
export async function runBenchmark(benchmark: Benchmark, options: RunOptions): Promise<Outcome> {
  const startedAt = systemClock.monotonic()
  const stage = createStage(options)
  const missing = new Map<string, string>()
  const contestants = new Map<string, Contestant>()
  const rounds: Map<string, Measures>[] = []
  try {
    await setUp(benchmark, options, stage, { contestants, missing })
    for (let run = 1 - (benchmark.warmUp ?? 0); run <= options.runs; run++) {
      const round = new Map<string, Measures>()
      if (run > 0) rounds.push(round)
      for (const [name, contestant] of contestants) {
        const failed = await oneRun(contestant, benchmark, (measures) => {
          round.set(name, measures)
          options.onRun(name, run, measures)
        })
        if (failed === undefined) continue
        missing.set(name, `run ${run}: ${failed}`)
        contestants.delete(name)
      }
    }
  } finally {
    for (const contestant of contestants.values()) await contestant.stop?.()
    await stage.end()
  }
  return { benchmark, rounds, missing, verdicts: benchmark.targets.map((target) => judge(target, rounds)), tookS: (systemClock.monotonic() - startedAt) / 1_000 }
}

async function setUp({ name: benchmark, sides }: Benchmark, options: RunOptions, stage: Stage, { contestants, missing }: { contestants: Map<string, Contestant>; missing: Map<string, string> }): Promise<void> {
  for (const { name, start } of sides) {
    if (options.sides?.length && !options.sides.includes(name)) {
      missing.set(name, 'not asked for')
      continue
    }
    options.tell(`${benchmark}: setting up ${name}`)
    const contestant = await start(stage).catch((error: unknown) => void missing.set(name, whyNot(error)))
    if (contestant) contestants.set(name, contestant)
  }
}

/** Answers why it failed, if it did. */
async function oneRun({ run }: Contestant, { runLimitMs = RUN_LIMIT_MS }: Benchmark, onMeasured: (measures: Measures) => void): Promise<string | undefined> {
  try {
    onMeasured(await within(runLimitMs, run()))
    return undefined
  } catch (error) {
    return whyNot(error)
  }
}

function whyNot(error: unknown): string {
  if (error instanceof NotHere) return `not here: ${error.message}`
  return error instanceof Error ? error.message : String(error)
}

async function within<T>(limitMs: number, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const stop = systemClock.after(limitMs, () => reject(new AppError('INTERNAL', `not finished after ${limitMs / 1_000} s`)))
  work.catch(() => undefined)
  return Promise.race([work, promise]).finally(stop)
}
