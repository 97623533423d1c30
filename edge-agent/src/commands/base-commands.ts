import type { Clock } from '@vigil/contract/clock'
import type { CommandHandler } from './command-desk.ts'
import { type ObjectSchema, type ValueSchema, whyNotValue } from './value-schema.ts'

/** What the board has to show where it is: an LED, a buzzer, a display. */
export interface Indicator {
  /** What a person beside the board will notice, e.g. `LED`. */
  readonly kind: string
  set(on: boolean): void
}

export type Answer = Readonly<Record<string, unknown>>

/** What commands may do to the board; each rejects with a sentence when it cannot. */
export interface BoardDeeds {
  readonly measureNow: () => Promise<Answer>
  selfTest(): Promise<Answer>
  /** @param serverMs ms since the Unix epoch; `undefined`: what the server's beacon says */
  setTime(serverMs: number | undefined): Promise<Answer>
  /** Ends the agent in order; it is then started anew. */
  restart(): Promise<Answer>
  readLog(lines: number): Promise<Answer>
  streamWave(channel: string, seconds: number): Promise<Answer>
  display(text: string): Promise<Answer>
  calibrate(signal: string, reference: number | undefined): Promise<Answer>
}

export interface DefinedCommand {
  readonly name: string
  readonly risk: 'low' | 'high'
  readonly properties?: Readonly<Record<string, ValueSchema>>
  readonly required?: readonly string[]
  readonly completesAtBoot?: boolean
  readonly run: (args: Answer) => Promise<Answer | undefined>
}

/** A command whose arguments are checked by the very schema the birth message shows; absent ones get their defaults. */
export function defineCommand({ name, risk, properties = {}, required = [], completesAtBoot = false, run }: DefinedCommand): CommandHandler {
  const args: ObjectSchema = { type: 'object', properties, ...(required.length > 0 && { required }), additionalProperties: false }
  const defaults = Object.fromEntries(Object.entries(properties).flatMap(([key, schema]) => (schema.default === undefined ? [] : [[key, schema.default]])))
  return {
    offer: { name, risk, args: { ...args } },
    completesAtBoot,
    check(given) {
      const why = whyNotValue(args, given)
      return why === undefined ? undefined : sentence(why)
    },
    run: (given) => run({ ...defaults, ...given }),
  }
}

/** "needs text" is about the command, "text must be …" about its argument. */
const sentence = (why: string): string => (/^(needs|knows|must be an object)/.test(why) ? `This command ${why}.` : `${why}.`)

const seconds = (most: number, usual: number): ValueSchema => ({ type: 'integer', minimum: 1, maximum: most, default: usual, description: 'Seconds' })
const MOST_LINES = 100
/** Two lines of sixteen characters, the least a display has. */
const MOST_TEXT = 32

/** The base set of the device protocol, in its order. None silences an alarm, and none may be added that does. */
export function baseCommands({ indicator, clock, deeds, waves, calibrated }: { indicator: Indicator; clock: Clock; deeds: BoardDeeds; waves: readonly string[]; calibrated: readonly string[] }): readonly CommandHandler[] {
  return [
    defineCommand({
      name: 'identify',
      risk: 'low',
      properties: { seconds: seconds(60, 10) },
      async run(args) {
        const lasting = Number(args['seconds'])
        indicator.set(true)
        await new Promise<void>((resolve) => void clock.after(lasting * 1_000, resolve))
        indicator.set(false)
        return { by: indicator.kind, seconds: lasting }
      },
    }),
    defineCommand({ name: 'measure_now', risk: 'low', run: () => deeds.measureNow() }),
    defineCommand({ name: 'self_test', risk: 'low', run: () => deeds.selfTest() }),
    defineCommand({
      name: 'set_time',
      risk: 'low',
      properties: { t: { type: 'integer', minimum: Date.UTC(2025, 0, 1), maximum: Date.UTC(2100, 0, 1), description: 'Server time, ms since 1970; else what the server last said' } },
      run: (args) => deeds.setTime(typeof args['t'] === 'number' ? args['t'] : undefined),
    }),
    defineCommand({ name: 'restart', risk: 'high', completesAtBoot: true, run: () => deeds.restart() }),
    defineCommand({
      name: 'send_log',
      risk: 'low',
      properties: { lines: { type: 'integer', minimum: 1, maximum: MOST_LINES, default: 50, description: 'Newest lines' } },
      run: (args) => deeds.readLog(Number(args['lines'])),
    }),
    defineCommand({
      name: 'stream_wave',
      risk: 'low',
      properties: { channel: { type: 'string', enum: waves, description: 'Curve' }, seconds: seconds(600, 60) },
      required: ['channel'],
      run: (args) => deeds.streamWave(String(args['channel']), Number(args['seconds'])),
    }),
    defineCommand({
      name: 'display',
      risk: 'low',
      properties: { text: { type: 'string', maxLength: MOST_TEXT, description: 'Shown at the board; no names' } },
      required: ['text'],
      run: (args) => deeds.display(String(args['text'])),
    }),
    defineCommand({
      name: 'calibrate',
      risk: 'high',
      properties: {
        signal: { type: 'string', enum: calibrated, description: 'Signal' },
        reference: { type: 'number', minimum: 0, maximum: 110, description: 'What a trusted instrument shows; none for paw' },
      },
      required: ['signal'],
      run: (args) => deeds.calibrate(String(args['signal']), typeof args['reference'] === 'number' ? args['reference'] : undefined),
    }),
  ]
}
