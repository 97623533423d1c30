import { type Clock } from '@vigil/contract/clock'
import { type CommandHandler } from './command-desk.ts'

/** What the board has to show where it is: an LED, a buzzer, a display. */
export interface Indicator {
  /** What a person beside the board will notice, e.g. `LED`. */
  readonly kind: string
  set(on: boolean): void
}

const IDENTIFY_SECONDS = { least: 1, most: 60, usual: 10 } as const

/** Blinks or beeps, so that a person finds the board on the ward. */
export function identifyCommand({ indicator, clock }: { readonly indicator: Indicator; readonly clock: Clock }): CommandHandler {
  return {
    offer: {
      name: 'identify',
      risk: 'low',
      args: {
        type: 'object',
        properties: { seconds: { type: 'integer', minimum: IDENTIFY_SECONDS.least, maximum: IDENTIFY_SECONDS.most, default: IDENTIFY_SECONDS.usual, description: 'How long, seconds' } },
        additionalProperties: false,
      },
    },
    check: (args) => onlyKnown(args, ['seconds']) ?? (args['seconds'] === undefined ? undefined : whyNotSeconds(args['seconds'])),
    async run(args) {
      const seconds = typeof args['seconds'] === 'number' ? args['seconds'] : IDENTIFY_SECONDS.usual
      indicator.set(true)
      await new Promise<void>((resolve) => void clock.after(seconds * 1_000, resolve))
      indicator.set(false)
      return { by: indicator.kind, seconds }
    },
  }
}

/** Takes a fresh reading at once and answers with its values. */
export function measureNowCommand(measure: () => Promise<Readonly<Record<string, unknown>>>): CommandHandler {
  return {
    offer: { name: 'measure_now', risk: 'low', args: { type: 'object', properties: {}, additionalProperties: false } },
    check: (args) => onlyKnown(args, []),
    run: () => measure(),
  }
}

function whyNotSeconds(seconds: unknown): string | undefined {
  const { least, most } = IDENTIFY_SECONDS
  const fits = typeof seconds === 'number' && Number.isInteger(seconds) && seconds >= least && seconds <= most
  return fits ? undefined : `seconds must be a whole number from ${least} to ${most}.`
}

function onlyKnown(args: Readonly<Record<string, unknown>>, known: readonly string[]): string | undefined {
  const unknown = Object.keys(args).filter((name) => !known.includes(name))
  return unknown.length === 0 ? undefined : `This command knows no argument ${unknown.join(', ')}.`
}
