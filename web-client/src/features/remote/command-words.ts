import type { CommandRecord, CommandState } from '@vigil/contract/api/devices'
import type { IconName } from '../../ui/icons.ts'

/** A glyph for each state; the word always stands beside it. */
export const commandGlyphs: Readonly<Record<CommandState, IconName>> = {
  queued: 'hourglass',
  sent: 'send',
  accepted: 'check',
  running: 'spinner',
  done: 'check',
  failed: 'cross',
  refused: 'refuse',
  expired: 'clock',
  cancelled: 'close',
  unknown: 'question',
}

const open: ReadonlySet<CommandState> = new Set(['queued', 'sent', 'accepted', 'running'])
export const isOpen = (command: CommandRecord): boolean => open.has(command.state)

const again: ReadonlySet<CommandState> = new Set(['failed', 'refused', 'expired', 'cancelled', 'unknown'])
/** Worth offering a retry: it ended without being done, or nobody knows. */
export const mayRetry = (command: CommandRecord): boolean => again.has(command.state)

/** A device that has a command and says nothing for this long leaves us not knowing. */
export const NO_ANSWER_AFTER_MS = 10_000

/** Sent or begun, and silent: what is shown is that we do not know, not that it is under way. */
export function isSilent(command: CommandRecord, nowMs: number): boolean {
  return (command.state === 'sent' || command.state === 'accepted') && nowMs - Date.parse(command.updatedAt) > NO_ANSWER_AFTER_MS
}
