import { writeSync } from 'node:fs'
import { systemClock } from './system-clock.ts'

/** What a program says of itself: an event's name, and facts. */
export interface ProgramLog {
  debug(facts: object, event: string): void
  info(facts: object, event: string): void
  warn(facts: object, event: string): void
  error(facts: object, event: string): void
  fatal(facts: object, event: string): void
}

const levels = { debug: 20, info: 30, warn: 40, error: 50, fatal: 60 } as const
const STANDARD_ERROR = 2
const SECRETS: ReadonlySet<string> = new Set(['password', 'secret', 'token'])

/**
 * The lines of `createLog` without its library, for a program that must be small: a board's agent. Slower with many lines a second, which a
 * board does not say.
 */
export function createLineLog(program: string, level = 'info', write: (line: string) => void = toStandardError): ProgramLog {
  const least = Object.hasOwn(levels, level) ? levels[level as keyof typeof levels] : levels.info
  const at = (number: number) => (facts: object, event: string): void => {
    if (number >= least) write(`${JSON.stringify({ level: number, time: systemClock.now(), program, event, ...facts }, presentable)}\n`)
  }
  return { debug: at(levels.debug), info: at(levels.info), warn: at(levels.warn), error: at(levels.error), fatal: at(levels.fatal) }
}

/** Nobody reads it any more when the pipe is gone: that ends no program. */
function toStandardError(line: string): void {
  try {
    writeSync(STANDARD_ERROR, line)
  } catch (error) {
    if (!['EPIPE', 'EAGAIN'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
  }
}

function presentable(key: string, value: unknown): unknown {
  if (SECRETS.has(key) && typeof value === 'string') return '[secret]'
  if (value instanceof Error) return { type: value.name, message: value.message, stack: value.stack, ...('code' in value && { code: value.code }) }
  return value
}
