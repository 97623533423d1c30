import type { SettingSpec } from '@vigil/contract/settings'
import { createLog, type Log } from './log.ts'
import { liveProgram, type ProgramOptions } from './program-life.ts'

export { readSettings, type ProgramOptions, type Running } from './program-life.ts'

/** The whole life of a server's program, with the house's log; see `liveProgram`. */
export function runProgram<T extends Record<string, SettingSpec>>(options: ProgramOptions<T, Log>): Promise<void> {
  return liveProgram(options, createLog)
}
