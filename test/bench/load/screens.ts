import type { Measures } from '../framework/benchmark.ts'
import type { Stage } from '../stage/stage.ts'
import { startForked } from './forked.ts'

/** Opens screens; each hears of every board. */
export type OpenScreens =
  | { readonly do: 'open-live'; readonly url: string; readonly token: string; readonly wards: readonly string[]; readonly screens: number }
  | { readonly do: 'open-mqtt'; readonly url: string; readonly filter: string; readonly screens: number }

/** Forgets what was heard so far, or tells it. */
export type ScreensOrder = OpenScreens | { readonly do: 'begin' } | { readonly do: 'tell' }

/** What the screens heard since `begin`: new values of a board on a screen, and how old each was when it was read. */
export interface Heard extends Measures {
  readonly deliveries: number
  readonly p50Ms: number
  readonly p99Ms: number
}

/** Screens in a process of their own. */
export interface Screens {
  ask(order: ScreensOrder): Promise<Heard>
}

export function startScreens(stage: Stage): Screens {
  const forked = startForked(stage, 'screens-program.ts')
  return { ask: (order) => forked.ask(order) as Promise<Heard> }
}
