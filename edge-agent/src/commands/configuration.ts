import type { DesiredConfig, ReportedConfig } from '@vigil/contract/messages/config'
import { type AgentConfig, configKeys, defaultConfig, whyNotSetting } from './config-keys.ts'
import type { DurableDocument } from './durable-document.ts'

/**
 * Takes a desired configuration over: each key on its own, so that one mistake does not spoil the rest. A version that is not
 * newer changes nothing; the device then only says again what it runs with.
 */
export function applyDesired(current: ReportedConfig, desired: DesiredConfig): ReportedConfig {
  if (desired.version <= current.version) return current
  const set: Record<string, unknown> = { ...current.set }
  const errors: Record<string, string> = {}
  for (const [name, value] of Object.entries(desired.set)) {
    const why = whyNotSetting(name, value)
    if (why === undefined) set[name] = value
    else errors[name] = why
  }
  return { version: desired.version, set, ...(Object.keys(errors).length > 0 && { errors }) }
}

export interface Configuration {
  current(): AgentConfig
  reported(): ReportedConfig
  /** Answers whether anything the agent runs with has changed. */
  desired(desired: DesiredConfig): boolean
}

export interface ConfigurationOptions {
  readonly document: DurableDocument<ReportedConfig>
  readonly log: (event: string, facts: Readonly<Record<string, unknown>>) => void
}

export function createConfiguration({ document, log }: ConfigurationOptions): Configuration {
  let reported: ReportedConfig = withDefaults(document.load())
  return {
    current: () => ({ ...defaultConfig, ...reported.set }),
    reported: () => reported,
    desired(desired) {
      const next = applyDesired(reported, desired)
      if (next === reported) return false
      const changed = JSON.stringify(next.set) !== JSON.stringify(reported.set)
      reported = next
      try {
        document.save(next)
      } catch (error) {
        // The server keeps what it wants, so it comes again after a restart; running with it now is better than not.
        log('config.not_saved', { version: next.version, why: error instanceof Error ? error.message : String(error) })
      }
      return changed
    },
  }
}

/** What was saved by an earlier version of the program may lack keys, or hold values that are no longer allowed. */
function withDefaults(saved: ReportedConfig | undefined): ReportedConfig {
  const kept = Object.entries(saved?.set ?? {}).filter(([name, value]) => name in configKeys && whyNotSetting(name, value) === undefined)
  return { version: saved?.version ?? 0, set: { ...defaultConfig, ...Object.fromEntries(kept) }, ...(saved?.errors && { errors: saved.errors }) }
}
