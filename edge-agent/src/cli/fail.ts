import { isAppError } from '@vigil/contract/errors'

const EXIT_FAILED = 1
const EXIT_USAGE = 2

/** One sentence on standard error, and the exit code that goes with it. */
export function failWith(program: string, error: unknown): void {
  process.stderr.write(`${program}: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = isAppError(error) && error.code === 'SETTINGS_INVALID' ? EXIT_USAGE : EXIT_FAILED
}
