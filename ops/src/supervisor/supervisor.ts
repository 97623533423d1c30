import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { AppError, type Clock } from '@vigil/contract'
import type { ProgramSpec } from './child.ts'
import type { RestartPolicy } from './restart-policy.ts'
import { runFolder, writeWhole } from './run-record.ts'
import { SupervisedProgram, type ProgramStatus, type ReadyFacts } from './supervised-program.ts'

export interface SupervisorOptions {
  readonly dataDir: string
  readonly clock: Clock
  readonly chance?: () => number
  readonly policy?: RestartPolicy
  readonly tell: (line: string) => void
}

export interface Supervisor {
  /** Starts programs side by side and waits until all are ready. They stop after everything that was started later. */
  start(...specs: ProgramSpec[]): Promise<readonly ReadyFacts[]>
  /** Starts one program without waiting for it. */
  launch(spec: ProgramSpec): void
  readonly statuses: () => readonly ProgramStatus[]
  /** Stops everything in reverse order within the limit; what does not stop in its time is killed. */
  stop(limitMs: number): Promise<void>
}

const LOG_CHECK_MS = 2_000

export function statusPath(dataDir: string): string {
  return join(runFolder(dataDir), 'status.json')
}

/** Runs the ward's programs: in order, again when one ends, and down in reverse order. */
export function createSupervisor(options: SupervisorOptions): Supervisor {
  const { dataDir, clock } = options
  const stages: SupervisedProgram[][] = []
  let stopping = false
  const all = () => stages.flat()
  const statuses = () => all().map((program) => program.status())
  mkdirSync(runFolder(dataDir), { recursive: true })
  const onChange = () => writeWhole(statusPath(dataDir), JSON.stringify({ at: clock.now(), programs: statuses() }, null, 1))
  const make = (spec: ProgramSpec) => new SupervisedProgram({ ...options, spec, chance: options.chance ?? Math.random, onChange })
  const stopTidying = clock.every(LOG_CHECK_MS, () => all().forEach((program) => program.tidyLog()))

  return {
    launch(spec) {
      if (stopping) return
      const program = make(spec)
      stages.push([program])
      program.launch()
    },
    async start(...specs) {
      // A stop that comes while programs are starting has the last word.
      if (stopping) throw new AppError('START_FAILED', 'Vigil is stopping.')
      const stage = specs.map(make)
      stages.push(stage)
      const outcomes = await Promise.allSettled(stage.map((program) => program.start()))
      const failed = outcomes.find((outcome) => outcome.status === 'rejected')
      if (failed) throw failed.reason
      return outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []))
    },
    statuses,
    async stop(limitMs) {
      stopping = true
      stopTidying()
      const until = clock.monotonic() + limitMs
      for (let at = stages.length - 1; at >= 0; at--) {
        const limit = stageLimit(until - clock.monotonic(), stages.slice(0, at))
        await Promise.all((stages[at] ?? []).map((program) => program.stop(limit)))
      }
    },
  }
}

/** All the time that is left, except what the stages still to come are promised. */
function stageLimit(leftMs: number, later: readonly SupervisedProgram[][]): number {
  const promised = later.reduce((sum, stage) => sum + Math.max(0, ...stage.map((program) => program.spec.stopLimitMs)), 0)
  return Math.max(0, leftMs - promised)
}
