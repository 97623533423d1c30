import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startTestPostgres, type TestPostgres } from '@vigil/ops/testing'
import { type Program, type ProgramOptions, startProgram } from './child.ts'

export interface StageOptions {
  /** A tenth of the work, to see that everything runs; its figures mean little. */
  readonly quick: boolean
  /** Folder for processor profiles of our own programs; none are made without it. */
  readonly profileDir?: string | undefined
  readonly tell: (line: string) => void
}

/** Where a benchmark plays: its PostgreSQL, its programs and its folder, all gone at the end. */
export interface Stage extends StageOptions {
  readonly folder: string
  /** A count of things to do, less of it when quick. */
  scaled(count: number): number
  /** The PostgreSQL of this benchmark, started when first asked for: commits survive a power cut, as in a ward. */
  postgres(): Promise<TestPostgres>
  /** Starts a program that ends with the stage. */
  program(options: ProgramOptions): Promise<Program>
  /** Starts a program of this repository on the Node of this installation; `nodeArgs` are words to Node itself. */
  ours(name: string, script: string, env: Readonly<Record<string, string>>, args?: readonly string[], nodeArgs?: readonly string[]): Promise<Program>
  onEnd(stop: () => Promise<void>): void
  end(): Promise<void>
}

export const ROOT = join(import.meta.dirname, '..', '..', '..')

const QUICK_SHARE = 10
/** Room for a run without a checkpoint in its middle; the same for every side. */
const SETTINGS = ['shared_buffers=1GB', 'max_wal_size=8GB', 'checkpoint_timeout=30min', 'max_connections=200', 'jit=off', 'track_commit_timestamp=on']

let profiles = 0

export function createStage(options: StageOptions): Stage {
  const folder = mkdtempSync(join(tmpdir(), 'vigil-bench-'))
  const ends: (() => Promise<void>)[] = []
  let postgres: Promise<TestPostgres> | undefined

  const program = async (what: ProgramOptions): Promise<Program> => {
    const running = await startProgram(what)
    ends.push(() => running.stop())
    return running
  }
  return {
    ...options,
    folder,
    scaled: (count) => (options.quick ? Math.max(1, Math.ceil(count / QUICK_SHARE)) : count),
    postgres() {
      postgres ??= startTestPostgres({ survives: 'power-cut', settings: SETTINGS }).then((server) => {
        ends.unshift(() => server.stop())
        return server
      })
      return postgres
    },
    program,
    ours: (name, script, env, args = [], nodeArgs = []) => program({ name, command: [process.execPath, ...nodeArgs, ...profiling(options.profileDir, name), join(ROOT, script), ...args], env, cwd: folder }),
    onEnd: (stop) => void ends.push(stop),
    async end() {
      // The last started goes first, the database last of all.
      for (const stop of ends.reverse()) await stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function profiling(dir: string | undefined, name: string): string[] {
  return dir === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${dir}`, `--cpu-prof-name=${name}-${++profiles}.cpuprofile`]
}
