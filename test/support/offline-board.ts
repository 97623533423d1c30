import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DeviceCreated } from '@vigil/contract'
import { openSqliteSpool } from '@vigil/edge-agent'
import { startAgent, type AgentProcess } from './agent.ts'

export interface OfflineBoard {
  readonly epoch: string
  /** The first and the last number of what waits, and their times. */
  readonly waiting: { readonly count: number; readonly fromMs: number; readonly toMs: number }
  /** Starts the agent on it, connected. */
  start(mqtt: string): AgentProcess
}

const AT_ONCE = 200

/** A board's folder with a spool in which `seconds` of measuring at one a second wait, the last of it `endedMs`. */
export function boardThatWasAway(folder: string, device: DeviceCreated, { seconds, endedMs }: { seconds: number; endedMs: number }): OfflineBoard {
  mkdirSync(join(folder, 'agent'), { recursive: true })
  writeFileSync(join(folder, 'agent', `${device.id}.secret`), device.secret, { mode: 0o600 })
  const store = openSqliteSpool({ path: join(folder, 'agent', `${device.id}.sqlite`), synchronous: 'normal' })
  const fromMs = endedMs - (seconds - 1) * 1_000
  for (let at = 0; at < seconds; at += AT_ONCE) {
    store.append(Array.from({ length: Math.min(AT_ONCE, seconds - at) }, (_, i) => ({ kind: 'sample' as const, body: `{"t":${fromMs + (at + i) * 1_000},"m":{"pr":${60 + ((at + i) % 40)},"spo2":97}}` })))
  }
  const { epoch } = store
  store.close()
  return {
    epoch,
    waiting: { count: seconds, fromMs, toMs: endedMs },
    start: (mqtt) => startAgent(['run', '--device', device.id, '--url', mqtt, '--emulate', '--data', folder]),
  }
}
