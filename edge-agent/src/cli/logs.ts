import { join } from 'node:path'
import type { SettingSpec } from '@vigil/contract/settings'
import { readSettings } from '@vigil/program/program-life'
import { openEventLog, type LoggedEvent } from '../platform/event-log.ts'
import { enrolledDevice, statusSettings } from './agent-settings.ts'
import { failWith } from './fail.ts'

const EXIT_FAILED = 1

const logsSettings = {
  ...statusSettings,
  lines: { env: 'VIGIL_LINES', kind: 'integer', default: 50, min: 1, max: 10_000, description: 'how many of the newest lines' },
} as const satisfies Record<string, SettingSpec>

/** `vigil-agent logs`: what the agent on this board did last. */
export async function logsCommand(argv: readonly string[]): Promise<void> {
  const { values } = readSettings('vigil-agent logs', 'what the agent on this board did last', logsSettings, argv)
  try {
    const folder = join(values.data, 'agent')
    const events = openEventLog(join(folder, `${enrolledDevice(values.device, folder)}.log`)).tail(values.lines)
    for (const event of events) process.stdout.write(`${values.json ? JSON.stringify(event) : asLine(event)}\n`)
    if (events.length === 0) {
      process.stderr.write('Nothing is logged yet: the agent has not run here.\n')
      process.exitCode = EXIT_FAILED
    }
  } catch (error) {
    failWith('vigil-agent logs', error)
  }
}

function asLine({ at, event, facts }: LoggedEvent): string {
  const words = Object.entries(facts).filter(([, value]) => value !== undefined).map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
  return `${new Date(at).toISOString()}  ${event}${words.length > 0 ? `  ${words.join(' ')}` : ''}`
}
