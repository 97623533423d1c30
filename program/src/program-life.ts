import { readFileSync } from 'node:fs'
import { isAppError } from '@vigil/contract/errors'
import { knownSettings } from '@vigil/contract/known-settings'
import { parseSettings, settingsHelp, type ParsedSettings, type SettingSpec, type SettingsOf } from '@vigil/contract/settings'
import type { ProgramLog } from './line-log.ts'

export interface Running {
  /** Facts for the ready line on standard output, besides `ready: true`. */
  readonly ready?: Readonly<Record<string, unknown>>
  /** Lets go of everything, in order. */
  stop(): Promise<void>
}

export interface ProgramOptions<T extends Record<string, SettingSpec>, L extends ProgramLog> {
  readonly name: string
  readonly purpose: string
  readonly settings: T
  readonly start: (context: { settings: SettingsOf<T>; log: L }) => Promise<Running>
}

/** How long a stop may take before the process ends anyway: the ward must be down within 10 s. */
const STOP_LIMIT_MS = 8_000
const EXIT_FAILED = 1
const EXIT_USAGE = 2

/**
 * The whole life of a program: settings, start, the ready line, and an ordered stop on SIGTERM, SIGINT or when the
 * supervisor that started it goes away (its IPC channel closes). Exit codes: 0 ok, 1 failed, 2 usage.
 */
export async function liveProgram<T extends Record<string, SettingSpec>, L extends ProgramLog>(options: ProgramOptions<T, L>, createLog: (program: string, level: string) => L): Promise<void> {
  const parsed = readSettings(options.name, options.purpose, options.settings, process.argv.slice(2))
  const values = parsed.values as Record<string, unknown>
  const log = createLog(options.name, typeof values['logLevel'] === 'string' ? values['logLevel'] : 'info')
  try {
    const running = await options.start({ settings: parsed.values, log })
    stopOnSignals(running, log)
    process.stdout.write(`${JSON.stringify({ ready: true, program: options.name, ...running.ready })}\n`)
  } catch (error) {
    const code = isAppError(error) ? error.code : 'INTERNAL'
    log.fatal({ code, ...(isAppError(error) ? {} : { err: error }) }, isAppError(error) ? error.message : 'program.start_failed')
    process.exit(EXIT_FAILED)
  }
}

function stopOnSignals(running: Running, log: ProgramLog): void {
  let stopping = false
  const stop = (why: string) => {
    if (stopping) return
    stopping = true
    log.info({ why }, 'program.stopping')
    setTimeout(() => {
      log.fatal({ why, afterMs: STOP_LIMIT_MS }, 'program.stop_too_slow')
      process.exit(EXIT_FAILED)
    }, STOP_LIMIT_MS).unref()
    running.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, 'program.stop_failed')
        process.exit(EXIT_FAILED)
      },
    )
  }
  process.on('SIGTERM', () => stop('SIGTERM'))
  process.on('SIGINT', () => stop('SIGINT'))
  process.on('disconnect', () => stop('supervisor gone'))
}

/** Settings from flags, environment and `--settings FILE`; prints help, the effective values or every mistake, and exits. */
export function readSettings<T extends Record<string, SettingSpec>>(name: string, purpose: string, specs: T, argv: readonly string[]): ParsedSettings<T> {
  if (argv.includes('--help') || argv.includes('-h')) {
    process.stdout.write(settingsHelp(name, purpose, specs))
    process.exit(0)
  }
  const { rest, file, print } = takeOwnFlags(argv)
  try {
    const parsed = parseSettings(specs, { argv: rest, env: process.env, ...(file === undefined ? {} : { file }) }, knownSettings)
    if (print) {
      for (const [key, spec] of Object.entries(specs)) {
        const value = (parsed.values as Record<string, string | number | boolean | undefined>)[key] ?? ''
        process.stdout.write(`${spec.env}=${spec.secret && value !== '' ? '[secret]' : value}  (${parsed.origins[key]})\n`)
      }
      process.exit(0)
    }
    return parsed
  } catch (error) {
    process.stderr.write(`${name}: ${error instanceof Error ? error.message : String(error)}\n`)
    process.exit(EXIT_USAGE)
  }
}

function takeOwnFlags(argv: readonly string[]): { rest: string[]; file: Record<string, unknown> | undefined; print: boolean } {
  const rest = [...argv]
  const print = rest.includes('--print-config')
  if (print) rest.splice(rest.indexOf('--print-config'), 1)
  const at = rest.indexOf('--settings')
  if (at < 0) return { rest, file: undefined, print }
  const [, path = ''] = rest.splice(at, 2)
  try {
    return { rest, file: JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>, print }
  } catch (error) {
    process.stderr.write(`Cannot read settings file ${path}: ${error instanceof Error ? error.message : String(error)}\n`)
    process.exit(EXIT_USAGE)
  }
}
