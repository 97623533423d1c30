import { AppError } from '@vigil/contract/errors'
import type { Command, CommandReply } from '@vigil/contract/messages/command'
import type { CommandOffer } from '@vigil/contract/messages/state'
import { commandStep, type CommandEvent, type CommandMemory, type CommandResult } from './command-machine.ts'
import type { DurableDocument } from './durable-document.ts'

/** Something the device can be asked to do. */
export interface CommandHandler {
  readonly offer: CommandOffer
  /** A sentence when the arguments will not do. */
  check(args: Readonly<Record<string, unknown>>): string | undefined
  /** The start of the program is what it asks for: after it the command is done, not unknown. */
  readonly completesAtBoot?: boolean
  /** Resolves with what to show to who asked; rejects when it did not work. */
  run(args: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, unknown>> | undefined>
}

export interface CommandDeskOptions {
  readonly handlers: readonly CommandHandler[]
  readonly document: DurableDocument<CommandMemory>
  /** Server time, ms; `undefined` while the device does not know it. */
  readonly serverNow: () => number | undefined
  /** Sends an answer while there is a connection; `settled` when the broker has it. */
  readonly reply: (reply: CommandReply, settled: () => void) => void
  readonly log: (event: string, facts: Readonly<Record<string, unknown>>) => void
}

export interface CommandDesk {
  readonly offers: readonly CommandOffer[]
  receive(command: Command): void
  /** A command that does not fit its schema is refused by its id, if it has one. */
  unreadable(id: string | undefined, reason: string): void
  /** Asked by somebody at the board itself: done at once, remembered by nobody. */
  local(name: string, args: Readonly<Record<string, unknown>>): Promise<CommandResult>
  /** Connected: says again what the server may not have heard. */
  online(): void
}

export function createCommandDesk({ handlers, document, serverNow, reply, log }: CommandDeskOptions): CommandDesk {
  const byName = new Map(handlers.map((handler) => [handler.offer.name, handler]))
  let memory: CommandMemory = document.load() ?? []

  /** Durable first, then the answer, then the deed. What is done is told also where it cannot be noted down: who asked would wait for it. */
  function take(event: CommandEvent): Command | undefined {
    const step = commandStep(memory, event)
    const save = (): void => (step.memory === memory ? undefined : document.save(step.memory))
    if (event.type === 'finished') attempt(save)
    else save()
    memory = step.memory
    if (step.reply) tell(step.reply)
    return step.run
  }

  function tell(answer: CommandReply): void {
    const isFinal = answer.st !== 'accepted' && answer.st !== 'running'
    reply(answer, () => {
      if (isFinal) attempt(() => take({ type: 'told', id: answer.id }))
    })
  }

  /** Remembering failed: nothing was done, and who asked hears why. */
  function attempt(step: () => void, id?: string): void {
    try {
      step()
    } catch (error) {
      log('command.not_remembered', { id, why: sentenceOf(error) })
      if (id !== undefined) reply({ id, st: 'refused', why: 'The device could not note the command down, so it did nothing. Its storage may be full or broken.' }, () => {})
    }
  }

  async function run(handler: CommandHandler, command: Command): Promise<void> {
    reply({ id: command.id, st: 'running' }, () => {})
    const result = await act(handler, command.args)
    log('command.finished', { id: command.id, do: command.do, ok: result.ok })
    attempt(() => take({ type: 'finished', id: command.id, result }))
  }

  attempt(() => take({ type: 'boot' }))

  return {
    offers: handlers.map(({ offer }) => offer),
    receive(command) {
      attempt(() => {
        const toRun = take({ type: 'received', command, nowMs: serverNow(), refuse: whyRefused(byName, command.do, command.args), completesAtBoot: byName.get(command.do)?.completesAtBoot === true })
        const handler = toRun && byName.get(toRun.do)
        if (toRun && handler) void run(handler, toRun)
      }, command.id)
    },
    unreadable(id, reason) {
      log('command.unreadable', { id, reason })
      if (id !== undefined) reply({ id, st: 'refused', why: `The device cannot read this command: ${reason}`.slice(0, 300) }, () => {})
    },
    async local(name, args) {
      const why = whyRefused(byName, name, args)
      const handler = byName.get(name)
      const result = handler && why === undefined ? await act(handler, args) : { ok: false as const, why: why ?? '' }
      log('command.local', { do: name, ok: result.ok })
      return result
    },
    online() {
      for (const { reply: answer, started, told } of memory) if (!started && !told) tell(answer)
    },
  }
}

function whyRefused(handlers: ReadonlyMap<string, CommandHandler>, name: string, args: Readonly<Record<string, unknown>>): string | undefined {
  const handler = handlers.get(name)
  return handler ? handler.check(args) : `This device has no command ${name}. It offers: ${[...handlers.keys()].join(', ')}.`
}

function act(handler: CommandHandler, args: Readonly<Record<string, unknown>>): Promise<CommandResult> {
  return handler.run(args).then(
    (data): CommandResult => ({ ok: true, ...(data && { data }) }),
    (error: unknown): CommandResult => ({ ok: false, why: sentenceOf(error) }),
  )
}

function sentenceOf(error: unknown): string {
  if (error instanceof AppError) return error.message
  return error instanceof Error ? `It did not work: ${error.message}` : 'It did not work'
}
