import { AppError, isAppError, type Clock, type Stop } from '@vigil/contract'
import { spawnChild, type Child, type Exit, type ProgramSpec } from './child.ts'
import { lastComplaint, logMark, logPath, readTail, rotateIfLarge } from './log-file.ts'
import { nextRestart, restartPolicy, type RestartPolicy } from './restart-policy.ts'
import { removeRecord, writeRecord } from './run-record.ts'

/** `braked`: it keeps ending, so it is tried again only now and then. */
export type ProgramState = 'starting' | 'ready' | 'restarting' | 'braked' | 'stopped'

export interface ProgramStatus {
  readonly name: string
  readonly state: ProgramState
  readonly pid?: number
  readonly restarts: number
  /** Why it ended last, when it did. */
  readonly why?: string
}

export type ReadyFacts = Readonly<Record<string, unknown>>

export interface SupervisedOptions {
  readonly spec: ProgramSpec
  readonly dataDir: string
  readonly clock: Clock
  /** 0 to 1, for the jitter of restarts. */
  readonly chance: () => number
  readonly policy?: RestartPolicy
  /** One short line for the person at the terminal. */
  readonly tell: (line: string) => void
  readonly onChange: () => void
}

/** Keeps one program running, from its first start to an ordered stop. */
export class SupervisedProgram {
  readonly spec: ProgramSpec
  readonly #options: SupervisedOptions
  readonly #log: string
  readonly #title: string
  #child: Child | undefined
  #status: ProgramStatus
  #ends: readonly number[] = []
  #wanted = false
  #cancelRestart: Stop = () => undefined

  constructor(options: SupervisedOptions) {
    this.#options = options
    this.spec = options.spec
    this.#log = logPath(options.dataDir, this.spec.name)
    this.#title = this.spec.title.charAt(0).toUpperCase() + this.spec.title.slice(1)
    this.#status = { name: this.spec.name, state: 'stopped', restarts: 0 }
  }

  status(): ProgramStatus {
    return this.#status
  }

  /** First start: resolves when it is ready, rejects with its own last words when it does not get there. */
  async start(): Promise<ReadyFacts> {
    this.#wanted = true
    try {
      return await this.#attempt()
    } catch (error) {
      this.#wanted = false
      this.#change({ state: 'stopped' })
      throw error
    }
  }

  /** Start of a program the ward can do without for a while: nobody waits for it, and failing is one more end. */
  launch(): void {
    this.#wanted = true
    void this.#again(false)
  }

  async stop(limitMs: number): Promise<void> {
    this.#wanted = false
    this.#cancelRestart()
    if (this.#child?.running()) await this.#child.stop(limitMs, this.#options.clock)
    removeRecord(this.#options.dataDir, this.spec.name)
    this.#change({ state: 'stopped' })
  }

  /** Moves a log that has grown too large aside. */
  tidyLog(): void {
    rotateIfLarge(this.#log)
  }

  /** Starts it once, and answers its ready line, or throws what it said before it ended. */
  async #attempt(): Promise<ReadyFacts> {
    const { spec } = this
    const { clock, dataDir } = this.#options
    const mark = logMark(this.#log)
    const child = spawnChild(spec, this.#log)
    this.#child = child
    writeRecord(dataDir, spec.name, child.pid)
    this.#change({ state: 'starting' })
    const facts = await untilReady(child, spec.readyLimitMs, clock)
    if (facts) {
      this.#change({ state: 'ready' })
      void child.exited.then((exit) => this.#ended(describeExit(exit, readTail(this.#log, mark))))
      return facts
    }
    const slow = child.running()
    if (slow) await child.stop(spec.stopLimitMs, clock)
    removeRecord(dataDir, spec.name)
    const why = slow ? `not ready after ${spec.readyLimitMs / 1_000} s` : describeExit(await child.exited, readTail(this.#log, mark))
    throw new AppError('START_FAILED', `${this.#title} did not start: ${why} (log: ${this.#log})`, { details: { program: spec.name, why } })
  }

  #ended(why: string): void {
    removeRecord(this.#options.dataDir, this.spec.name)
    if (this.#wanted) this.#planRestart(why)
  }

  #planRestart(why: string): void {
    const { clock, chance, policy = restartPolicy, tell } = this.#options
    const restart = nextRestart(this.#ends, clock.monotonic(), chance(), policy)
    this.#ends = restart.ends
    const seconds = (restart.delayMs / 1_000).toFixed(1)
    if (restart.braked) tell(`${this.#title} keeps ending (${why}). Next try in ${seconds} s; its log is ${this.#log}`)
    else tell(`${this.#title} ended (${why}); starting it again${restart.delayMs === 0 ? '' : ` in ${seconds} s`}`)
    this.#change({ state: restart.braked ? 'braked' : 'restarting', restarts: this.#status.restarts + 1, why })
    this.#cancelRestart = clock.after(restart.delayMs, () => void this.#again())
  }

  async #again(after = true): Promise<void> {
    if (!this.#wanted) return
    try {
      await this.#attempt()
      this.#options.tell(`${this.#title} runs${after ? ' again' : ''}`)
    } catch (error) {
      const why = isAppError(error) ? error.details?.['why'] : undefined
      if (this.#wanted) this.#planRestart(typeof why === 'string' ? why : 'it could not be started')
    }
  }

  #change(next: Partial<ProgramStatus>): void {
    const { pid: _, ...rest } = { ...this.#status, ...next }
    this.#status = this.#child?.running() ? { ...rest, pid: this.#child.pid } : rest
    this.#options.onChange()
  }
}

/** Its ready line, or undefined when it ended before or took too long. */
function untilReady(child: Child, limitMs: number, clock: Clock): Promise<ReadyFacts | undefined> {
  return new Promise((resolve) => {
    const cancel = clock.after(limitMs, () => settle(undefined))
    const settle = (facts: ReadyFacts | undefined) => {
      cancel()
      resolve(facts)
    }
    void child.ready.then(settle)
    void child.exited.then(() => settle(undefined))
  })
}

function describeExit(exit: Exit, said: string): string {
  if (exit.signal) return `ended by ${exit.signal}`
  return lastComplaint(said) ?? (exit.code === null ? 'it could not be started' : `exit code ${exit.code}`)
}
