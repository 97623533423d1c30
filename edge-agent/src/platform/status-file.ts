import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AgentStatus } from '../core/agent.ts'

/** What the agent said about itself a moment ago, for `vigil-agent status` and for support. */
export interface StatusReport extends AgentStatus {
  /** When, ms since the Unix epoch by the board's clock. */
  readonly at: number
  readonly running: boolean
}

const pathOf = (folder: string, device: string): string => join(folder, `${device}.status.json`)

/** Not brought to the disk by force: it is written every few seconds and an old one only says that it is old. */
export function writeStatusFile(folder: string, device: string, report: StatusReport): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const path = pathOf(folder, device)
  writeFileSync(`${path}.new`, JSON.stringify(report), { mode: 0o600 })
  renameSync(`${path}.new`, path)
}

/** `undefined` when the agent never ran here. */
export function readStatusFile(folder: string, device: string): StatusReport | undefined {
  try {
    return JSON.parse(readFileSync(pathOf(folder, device), 'utf8')) as StatusReport
  } catch {
    return undefined
  }
}
