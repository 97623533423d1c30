import { inject, type InjectionKey } from 'vue'
import type { Clock, Stop } from '@vigil/contract/clock'
import type { Api } from './api/api.ts'
import type { Live } from './live/live.ts'
import type { StartWatchdog } from './live/watchdog-worker.ts'
import type { Done } from './paths.ts'
import type { Preferences } from './preferences.ts'
import type { Session } from './session.ts'
import type { Speaker } from './sound/speaker.ts'

/** What the app is made of, built once in `main.ts` and handed down; tests build their own. */
export interface Services {
  readonly clock: Clock
  readonly api: Api
  readonly live: Live
  readonly session: Session
  readonly preferences: Preferences
  readonly startWatchdog: StartWatchdog
  /** Alarms are heard through it, and that the screen went blind. */
  readonly speaker: Speaker
  /** Called by the page for everything the server says, so that the watchdog hears it. */
  readonly onHeard: (hear: () => void) => Stop
  /** Called for what this person did and the server confirmed. */
  readonly onDeed: (hear: (done: Done) => void) => Stop
  /** Leaves this page for another by loading it anew: nothing of the last person's patients stays in memory. */
  readonly leaveTo: (url: string) => void
}

export const servicesKey: InjectionKey<Services> = Symbol('services')

export function useServices(): Services {
  return inject(servicesKey) as Services
}
