import type { Command, CommandReply } from '@vigil/contract/messages/command'

/** How many commands a device remembers, so that none runs twice. */
export const REMEMBERED_COMMANDS = 64

export interface RememberedCommand {
  readonly id: string
  /** True from before it acts until its result is known. */
  readonly started: boolean
  /** The board's start is what it asked for. */
  readonly completesAtBoot?: boolean
  /** The newest answer; a repeated id gets it again. */
  readonly reply: CommandReply
  /** The server has acknowledged the final reply. */
  readonly told: boolean
}

/** Oldest first. Saved after every step, before anything is done about it. */
export type CommandMemory = readonly RememberedCommand[]

export type CommandEvent =
  /** The board has started: what was under way when it went down may or may not have happened. */
  | { readonly type: 'boot' }
  /** `nowMs`: server time; `undefined` while the device does not know it. `refuse`: why the device will not do it. */
  | { readonly type: 'received'; readonly command: Command; readonly nowMs: number | undefined; readonly refuse: string | undefined; readonly completesAtBoot?: boolean }
  | { readonly type: 'finished'; readonly id: string; readonly result: CommandResult }
  | { readonly type: 'told'; readonly id: string }

export type CommandResult =
  | { readonly ok: true; readonly data?: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly why: string }

export interface CommandStep {
  readonly memory: CommandMemory
  readonly reply: CommandReply | undefined
  /** Only ever answered for a command that is now remembered as started. */
  readonly run: Command | undefined
}

/**
 * What a device does about commands, as a pure step. A command acts at most once: it is remembered as started before it
 * acts, and a start that was cut short is answered `unknown` and never tried again.
 */
export function commandStep(memory: CommandMemory, event: CommandEvent): CommandStep {
  if (event.type === 'boot') return { memory: memory.map(afterBoot), reply: undefined, run: undefined }
  if (event.type === 'received') return received(memory, event)
  const known = memory.find(({ id }) => id === event.id)
  if (!known) return { memory, reply: undefined, run: undefined }
  if (event.type === 'told') return { memory: replace(memory, { ...known, told: !known.started }), reply: undefined, run: undefined }
  if (!known.started) return { memory, reply: undefined, run: undefined }
  const reply = finalReply(event.id, event.result)
  return { memory: replace(memory, { id: event.id, started: false, reply, told: false }), reply, run: undefined }
}

function afterBoot(command: RememberedCommand): RememberedCommand {
  if (!command.started) return command
  if (command.completesAtBoot) return { id: command.id, started: false, reply: { id: command.id, st: 'done' }, told: false }
  const why = 'The device restarted while it was doing this; it may or may not have happened. It will not be tried again by itself.'
  return { id: command.id, started: false, reply: { id: command.id, st: 'unknown', why }, told: false }
}

function received(memory: CommandMemory, { command, nowMs, refuse, completesAtBoot = false }: Extract<CommandEvent, { type: 'received' }>): CommandStep {
  const known = memory.find(({ id }) => id === command.id)
  if (known) return { memory, reply: known.reply, run: undefined }
  const turnedDown = turnDown(command, nowMs, refuse)
  const reply: CommandReply = turnedDown ?? { id: command.id, st: 'accepted' }
  const next = remember(memory, { id: command.id, started: !turnedDown, ...(completesAtBoot && !turnedDown && { completesAtBoot }), reply, told: false })
  return { memory: next, reply, run: turnedDown ? undefined : command }
}

function turnDown({ id, exp }: Command, nowMs: number | undefined, refuse: string | undefined): CommandReply | undefined {
  if (nowMs === undefined) return { id, st: 'refused', why: 'The device does not know the time yet, so it cannot tell whether this is still wanted. Ask again in a few seconds.' }
  if (nowMs > exp) return { id, st: 'expired', why: 'The command arrived after the time it was wanted by.' }
  return refuse === undefined ? undefined : { id, st: 'refused', why: refuse }
}

function finalReply(id: string, result: CommandResult): CommandReply {
  if (!result.ok) return { id, st: 'failed', why: result.why.slice(0, 300) }
  return { id, st: 'done', ...(result.data && { data: { ...result.data } }) }
}

function replace(memory: CommandMemory, changed: RememberedCommand): CommandMemory {
  return memory.map((command) => (command.id === changed.id ? changed : command))
}

/** Forgets the oldest finished one when there are too many; what is under way is never forgotten. */
function remember(memory: CommandMemory, command: RememberedCommand): CommandMemory {
  const next = [...memory, command]
  while (next.length > REMEMBERED_COMMANDS) {
    const oldest = next.findIndex(({ started }) => !started)
    if (oldest < 0) return next
    next.splice(oldest, 1)
  }
  return next
}
