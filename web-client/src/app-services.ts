import { createApi } from './api/api.ts'
import { createHttp } from './api/http.ts'
import { browserClock } from './browser-clock.ts'
import { createLive } from './live/live.ts'
import { browserSocket } from './live/socket.ts'
import { startWorkerWatchdog } from './live/watchdog-worker.ts'
import { apiPaths, deedOf, type Done } from './paths.ts'
import { createPreferences } from './preferences.ts'
import type { Services } from './services.ts'
import { createSession } from './session.ts'
import { browserSpeaker } from './sound/speaker.ts'

/** The real parts: this browser's clock, network, storage and Worker. */
export function createAppServices(): Services {
  const hearers = new Set<() => void>()
  const witnesses = new Set<(done: Done) => void>()
  const onDone = (method: string, url: string, body: unknown) => {
    const done = deedOf(method, url, body)
    if (done) for (const tell of witnesses) tell(done)
  }
  const http = createHttp({ fetch: (...args) => fetch(...args), onUnauthenticated: () => session.end(), onDone })
  const api = createApi(http)
  const session = createSession(() => api)
  const live = createLive({
    clock: browserClock,
    openSocket: browserSocket(apiPaths.live()),
    random: Math.random,
    onLost: () => void session.check(),
    onHeard: () => {
      for (const hear of hearers) hear()
    },
  })
  return {
    clock: browserClock,
    api,
    live,
    session,
    preferences: createPreferences(localStorage, navigator.languages),
    startWatchdog: startWorkerWatchdog,
    speaker: browserSpeaker(),
    onHeard: (hear) => {
      hearers.add(hear)
      return () => hearers.delete(hear)
    },
    onDeed: (hear) => {
      witnesses.add(hear)
      return () => witnesses.delete(hear)
    },
    leaveTo: (url) => location.assign(url),
  }
}
