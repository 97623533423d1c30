import { checkCommandReply, type CommandReply } from '@vigil/contract/messages/command'
import { readJson } from '@vigil/program'
import type { Ledger } from './clauses.ts'
import type { Observer } from './observer.ts'

/** What a checker may ask of a device, to see what it does. */
export const stimulusNames = ['command', 'config', 'rewind'] as const
export type StimulusName = (typeof stimulusNames)[number]

export interface StimuliOptions {
  readonly ledger: Ledger
  readonly observer: Observer
  readonly send: (channel: 'command' | 'config/desired' | 'receipt', value: unknown) => void
  /** A fresh UUID version 7. */
  readonly newId: () => string
  readonly now: () => number
  /** Resolves with the answer of `look` as soon as there is one, with nothing after `withinMs`. */
  readonly until: <T>(look: () => T | undefined, withinMs: number) => Promise<T | undefined>
}

export interface Stimuli {
  /** A reply of the device was seen. */
  replied(payload: string): void
  run(name: StimulusName): Promise<void>
}

const ANSWER_MS = 10_000
const COMMAND_MS = 30_000
const VALID_MS = 60_000
const REWIND_BY = 3
const finals: ReadonlySet<string> = new Set(['done', 'failed', 'refused', 'expired', 'unknown'])

export function createStimuli(options: StimuliOptions): Stimuli {
  return new DeviceStimuli(options)
}

const said = (value: unknown): string => JSON.stringify(value)

class DeviceStimuli implements Stimuli {
  readonly #options: StimuliOptions
  readonly #replies = new Map<string, CommandReply[]>()

  constructor(options: StimuliOptions) {
    this.#options = options
  }

  replied(payload: string): void {
    const checked = checkCommandReply(readJson(payload))
    if (!checked.ok) return this.#options.ledger.broken('commands', checked.reason, payload)
    this.#replies.set(checked.value.id, [...this.#repliesTo(checked.value.id), checked.value])
  }

  run(name: StimulusName): Promise<void> {
    if (name === 'command') return this.#commands()
    return name === 'config' ? this.#configure() : this.#rewind()
  }

  #repliesTo(id: string): readonly CommandReply[] {
    return this.#replies.get(id) ?? []
  }

  #finalOf(id: string): CommandReply | undefined {
    return this.#repliesTo(id).find(({ st }) => finals.has(st))
  }

  async #commands(): Promise<void> {
    const offered = this.#options.observer.birth()?.caps?.commands?.map(({ name }) => name) ?? []
    const name = ['measure_now', 'identify'].find((one) => offered.includes(one))
    if (name !== undefined) await this.#once(name)
    await this.#refusals()
  }

  async #once(name: string): Promise<void> {
    const command = { id: this.#options.newId(), do: name, args: name === 'identify' ? { seconds: 1 } : {}, exp: this.#options.now() + VALID_MS }
    this.#options.send('command', command)
    const final = await this.#options.until(() => this.#finalOf(command.id), COMMAND_MS)
    const wasAccepted = this.#repliesTo(command.id)[0]?.st === 'accepted'
    if (!final) return this.#options.ledger.broken('commands', `${name} had no final answer within ${COMMAND_MS / 1_000} s`, said(this.#repliesTo(command.id)))
    if (wasAccepted && ['done', 'failed'].includes(final.st)) this.#options.ledger.kept('commands')
    else this.#options.ledger.broken('commands', `${name} was answered ${this.#repliesTo(command.id).map(({ st }) => st).join(', ')}`, said(final))
    const before = this.#repliesTo(command.id).length
    this.#options.send('command', command)
    const again = await this.#options.until(() => this.#repliesTo(command.id)[before], ANSWER_MS)
    if (!again) this.#options.ledger.broken('repeated', 'a repeated command was not answered', said(command))
    else if (again.st === final.st && said(again.data) === said(final.data)) this.#options.ledger.kept('repeated')
    else this.#options.ledger.broken('repeated', `the first answer was ${said(final)}`, said(again))
  }

  async #refusals(): Promise<void> {
    const late = { id: this.#options.newId(), do: 'measure_now', args: {}, exp: this.#options.now() - VALID_MS }
    const foreign = { id: this.#options.newId(), do: 'no_such_command', args: {}, exp: this.#options.now() + VALID_MS }
    this.#options.send('command', late)
    this.#options.send('command', foreign)
    const expired = await this.#options.until(() => this.#finalOf(late.id), ANSWER_MS)
    if (expired?.st === 'expired') this.#options.ledger.kept('expired')
    else this.#options.ledger.broken('expired', `a command that came a minute too late was answered ${expired?.st ?? 'with nothing'}`, said(late))
    const refused = await this.#options.until(() => this.#finalOf(foreign.id), ANSWER_MS)
    if (refused?.st === 'refused' && refused.why) this.#options.ledger.kept('unknown')
    else this.#options.ledger.broken('unknown', `no_such_command was answered ${refused ? said(refused) : 'with nothing'}`, said(foreign))
  }

  async #configure(): Promise<void> {
    const before = this.#options.observer.reported()
    const version = (before?.version ?? 0) + 1
    const desired = { version, set: { ...before?.set, no_such_setting: 1 } }
    this.#options.send('config/desired', desired)
    const after = await this.#options.until(() => (this.#options.observer.reported()?.version === version ? this.#options.observer.reported() : undefined), ANSWER_MS)
    if (!after) this.#options.ledger.broken('configuration', `version ${version} was not reported within ${ANSWER_MS / 1_000} s`, said(desired))
    else if (!after.errors?.['no_such_setting']) this.#options.ledger.broken('configuration', 'a setting it does not have was not refused with a sentence', said(after))
    else this.#options.ledger.kept('configuration')
  }

  async #rewind(): Promise<void> {
    const epoch = this.#options.observer.birth()?.e
    const from = this.#options.observer.highest() - REWIND_BY
    if (epoch === undefined || from < 1) return
    this.#options.observer.rewound(from)
    this.#options.send('receipt', { e: epoch, upto: from - 1, rewind: from })
    const isKept = (): true | undefined => (this.#options.ledger.verdicts().find(({ clause }) => clause === 'rewind')?.state === 'kept' ? true : undefined)
    if (!(await this.#options.until(isKept, COMMAND_MS))) this.#options.ledger.broken('rewind', `nothing from ${from} on was sent again within ${COMMAND_MS / 1_000} s`)
  }
}
