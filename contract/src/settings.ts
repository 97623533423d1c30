import { AppError } from './errors.ts'

export interface SettingSpec {
  /** Environment name; the flag is its kebab-case form without the `VIGIL_` prefix, the file key the same as the flag. */
  readonly env: string
  /** Another name operators know for it, e.g. `MQTT_URL`; the first one wins. */
  readonly alsoEnv?: string
  readonly kind: 'string' | 'integer' | 'boolean'
  readonly default?: string | number | boolean
  readonly description: string
  readonly secret?: boolean
  readonly min?: number
  readonly max?: number
}

type ValueOf<S extends SettingSpec> = S['kind'] extends 'integer' ? number : S['kind'] extends 'boolean' ? boolean : string
export type SettingsOf<T extends Record<string, SettingSpec>> = {
  readonly [K in keyof T]: T[K] extends { default: string | number | boolean } ? ValueOf<T[K]> : ValueOf<T[K]> | undefined
}

export type Origin = 'flag' | 'environment' | 'file' | 'default' | 'unset'

export interface SettingsInput {
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly file?: Readonly<Record<string, unknown>>
}

export interface ParsedSettings<T extends Record<string, SettingSpec>> {
  readonly values: SettingsOf<T>
  readonly origins: Readonly<Record<keyof T, Origin>>
}

/** Flag of a setting: `VIGIL_HTTP_PORT` is `--http-port`. */
export function flagOf(spec: SettingSpec): string {
  return spec.env.replace(/^VIGIL_/, '').toLowerCase().replaceAll('_', '-')
}

/**
 * Flags, environment and file, in that order. Unknown flags and file keys are refused, and all errors are reported together.
 * Unknown `VIGIL_*` variables are refused only when they are no other program's (`knownEnv`).
 */
export function parseSettings<T extends Record<string, SettingSpec>>(
  specs: T,
  input: SettingsInput,
  knownEnv: ReadonlySet<string> = new Set(),
): ParsedSettings<T> {
  const problems: string[] = []
  const flags = readFlags(specs, input.argv, problems)
  refuseUnknown(specs, input, knownEnv, problems)
  const values: Record<string, string | number | boolean | undefined> = {}
  const origins: Record<string, Origin> = {}
  for (const [name, spec] of Object.entries(specs)) {
    const flag = flagOf(spec)
    const [raw, origin] = pick(flags.get(flag), envOf(spec, input.env), input.file?.[flag], spec.default)
    origins[name] = origin
    values[name] = raw === undefined ? undefined : convert(spec, raw, problems)
  }
  if (problems.length > 0) throw new AppError('SETTINGS_INVALID', problems.join('\n'), { details: { problems } })
  return { values: values as SettingsOf<T>, origins: origins as Record<keyof T, Origin> }
}

function envOf(spec: SettingSpec, env: SettingsInput['env']): string | undefined {
  return env[spec.env] || (spec.alsoEnv === undefined ? undefined : env[spec.alsoEnv])
}

function pick(flag: unknown, env: unknown, file: unknown, fallback: unknown): [unknown, Origin] {
  if (flag !== undefined) return [flag, 'flag']
  if (env !== undefined && env !== '') return [env, 'environment']
  if (file !== undefined) return [file, 'file']
  return fallback === undefined ? [undefined, 'unset'] : [fallback, 'default']
}

function readFlags(specs: Record<string, SettingSpec>, argv: readonly string[], problems: string[]): Map<string, string> {
  const byFlag = new Map(Object.values(specs).map((spec) => [flagOf(spec), spec]))
  const flags = new Map<string, string>()
  for (let i = 0; i < argv.length; i++) {
    const [flag = '', inline] = (argv[i] as string).replace(/^--/, '').split(/=(.*)/s, 2)
    const spec = (argv[i] as string).startsWith('--') ? byFlag.get(flag) : undefined
    if (!spec) problems.push(`Unknown argument ${argv[i]}. --help lists the known ones.`)
    else if (inline !== undefined) flags.set(flag, inline)
    else if (spec.kind === 'boolean') flags.set(flag, 'true')
    else if (argv[i + 1] === undefined) problems.push(`--${flag} needs a value.`)
    else flags.set(flag, argv[++i] as string)
  }
  return flags
}

function refuseUnknown(specs: Record<string, SettingSpec>, input: SettingsInput, knownEnv: ReadonlySet<string>, problems: string[]): void {
  const envs = new Set(Object.values(specs).map((s) => s.env))
  const flags = new Set(Object.values(specs).map(flagOf))
  for (const name of Object.keys(input.env)) {
    if (name.startsWith('VIGIL_') && !envs.has(name) && !knownEnv.has(name)) problems.push(`Unknown setting ${name} in the environment.`)
  }
  for (const key of Object.keys(input.file ?? {})) if (!flags.has(key)) problems.push(`Unknown setting ${key} in the settings file.`)
}

function convert(spec: SettingSpec, raw: unknown, problems: string[]): string | number | boolean | undefined {
  const text = String(raw)
  if (spec.kind === 'string') return text
  if (spec.kind === 'boolean') {
    if (/^(true|1|yes|on)$/i.test(text)) return true
    if (/^(false|0|no|off)$/i.test(text)) return false
    problems.push(`${spec.env} must be true or false, not "${spec.secret ? '…' : text}".`)
    return undefined
  }
  const value = Number(text)
  const { min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER } = spec
  if (text.trim() !== '' && Number.isInteger(value) && value >= min && value <= max) return value
  problems.push(`${spec.env} must be a whole number from ${min} to ${max}, not "${text}".`)
  return undefined
}

/** Text for `--help`: every setting with flag, variable, default and meaning. */
export function settingsHelp(program: string, purpose: string, specs: Record<string, SettingSpec>): string {
  const rows = Object.values(specs).map((spec) => {
    const fallback = spec.default === undefined ? '' : ` (default ${spec.default})`
    return `  --${flagOf(spec).padEnd(22)} ${spec.env.padEnd(24)} ${spec.description}${fallback}`
  })
  return [`${program}: ${purpose}`, '', 'Settings: flag, environment variable, meaning. Flags win over the environment, the environment over --settings FILE (JSON).', ...rows, '', '  --help, --print-config', ''].join('\n')
}
