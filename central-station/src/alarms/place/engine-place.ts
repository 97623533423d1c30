import { type ChildProcess, spawn } from 'node:child_process'
import type { Clock } from '@vigil/contract'
import type { Log } from '@vigil/program'
import { doneWithin } from '../../time-limit.ts'
import type { EnginePlace } from './engine-host.ts'
import { localChannel } from './local-channel.ts'
import { reachEngine } from './socket-channel.ts'
import type { EnginePost } from './engine-post.ts'
import { startEngine, type StartEngineOptions } from './start-engine.ts'

const STOP_LIMIT_MS = 1_000

/** A process of its own. It has no channel to us that would end it with us: it waits for the next station to take it up. */
export function ownProcess({ entry, env, socket, clock, log }: { entry: string; env: Readonly<Record<string, string | undefined>>; socket: string; clock: Clock; log: Log }): EnginePlace {
  let child: ChildProcess | undefined
  return {
    reach: () => reachEngine(socket),
    begin(onEnded, hung) {
      // Two engines of one data directory would both write its log.
      child?.kill('SIGKILL')
      if (hung !== undefined && hung !== child?.pid) endHung(hung, log)
      const mine = spawn(process.execPath, [entry], { env: { ...env }, stdio: ['ignore', 'ignore', 'inherit'], windowsHide: true })
      child = mine
      mine.on('error', (err) => log.error({ err }, 'alarm_engine.not_started'))
      mine.on('exit', (code, signal) => {
        log.warn({ code, signal }, 'alarm_engine.ended')
        if (child !== mine) return
        child = undefined
        onEnded()
      })
    },
    async end() {
      const mine = child
      if (!mine) return
      const gone = new Promise<void>((resolve) => {
        mine.once('exit', () => resolve())
      })
      mine.kill('SIGTERM')
      if (!(await doneWithin(clock, STOP_LIMIT_MS, gone))) mine.kill('SIGKILL')
    },
  }
}

/** One that an earlier station began. */
function endHung(pid: number, log: Log): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (err) {
    log.warn({ err, pid }, 'alarm_engine.hung_not_ended')
  }
}

/** Inside the station's own process, for a house that wants one process, and for tests. */
export function insideStation(options: StartEngineOptions): EnginePlace {
  let running: Promise<EnginePost> | undefined
  let ready: EnginePost | undefined
  return {
    async reach() {
      if (!ready) return undefined
      const { engine, station } = localChannel()
      // The station listens first, as it would on a socket.
      options.clock.after(0, () => ready?.attach(engine))
      return station
    },
    begin() {
      running ??= startEngine(options)
      running.then((engine) => { ready = engine }, (err: unknown) => options.log.error({ err }, 'alarm_engine.not_started'))
    },
    async end() {
      const engine = await running?.catch(() => undefined)
      ready = undefined
      await engine?.stop()
    },
  }
}
