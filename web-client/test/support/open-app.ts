import { mount, type VueWrapper } from '@vue/test-utils'
import { afterEach, vi } from 'vitest'
import { createMemoryHistory, type Router } from 'vue-router'
import { manualClock, type ManualClock } from '@vigil/contract/testing/manual-clock'
import App from '../../src/App.vue'
import { createApi } from '../../src/api/api.ts'
import { createHttp } from '../../src/api/http.ts'
import { createWords } from '../../src/i18n/words.ts'
import { createLive } from '../../src/live/live.ts'
import { createWatchdog } from '../../src/live/watchdog.ts'
import { apiPaths, deedOf, type Done } from '../../src/paths.ts'
import { createPreferences, type Language } from '../../src/preferences.ts'
import { createAppRouter } from '../../src/router.ts'
import { servicesKey, type Services } from '../../src/services.ts'
import { createSession } from '../../src/session.ts'
import { FakeCentral, type FakeCentralOptions } from '../fake-central/fake-central.ts'
import { nodeFetch, nodeSocket } from './node-network.ts'

// The whole app over real sockets, on a machine that may be busy.
vi.setConfig({ testTimeout: 20_000 })

export const NOW = Date.UTC(2026, 6, 14, 2, 14, 7)

export interface OpenedApp {
  readonly app: VueWrapper
  readonly central: FakeCentral
  readonly clock: ManualClock
  readonly router: Router
  readonly services: Services
  /** Pages this tab was sent to by loading them anew. */
  readonly left: string[]
  /** What this tab was heard to play, and whether the browser lets it. */
  readonly sound: { allowed: boolean; /** The browser never lets it through. */ blocked: boolean; played: number; /** Number of pulses of each. */ bursts: number[] }
  readonly text: () => string
  /** Polls until it no longer throws. */
  readonly until: (check: () => void) => Promise<void>
}

const opened: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of opened.splice(0)) await close()
  document.body.innerHTML = ''
})

export interface OpenOptions extends Partial<Omit<FakeCentralOptions, 'clock'>> {
  readonly path?: string
  readonly user?: string
  readonly language?: Language
  /** Called when the person is signed in, before the app opens. */
  readonly before?: (central: FakeCentral) => void | Promise<void>
}

/** The whole app on real HTTP and WebSocket against a fake central station, both on one clock moved by hand. */
export async function openApp({ path = '/', user = 'admin', language = 'en', before, ...options }: OpenOptions = {}): Promise<OpenedApp> {
  const clock = manualClock(NOW)
  const central = new FakeCentral({ clock, ...options })
  const origin = await central.start()
  const jar = { cookie: '' }
  const hearers = new Set<() => void>()
  const witnesses = new Set<(done: Done) => void>()
  const left: string[] = []
  const http = createHttp({ fetch: nodeFetch(jar), origin, onUnauthenticated: () => session.end(), onDone: (method, url, body) => {
    const done = deedOf(method, url, body)
    if (done) for (const tell of witnesses) tell(done)
  } })
  const api = createApi(http)
  const session = createSession(() => api)
  if (user) await session.signIn(user, `${user}-secret`)
  await before?.(central)
  const live = createLive({ clock, random: () => 0.5, openSocket: (handlers) => nodeSocket(origin + apiPaths.live(), jar)(handlers), onLost: () => void session.check(), onHeard: () => hearers.forEach((hear) => hear()) })
  const sound = { allowed: false, blocked: false, played: 0, bursts: [] as number[] }
  const kept = new Map<string, string>()
  const services: Services = {
    clock, api, live, session,
    preferences: createPreferences({ getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value) }, [language]),
    startWatchdog: (onSight) => createWatchdog(clock, onSight),
    speaker: {
      unlock: async () => { sound.allowed = !sound.blocked; return sound.allowed },
      audible: () => sound.allowed,
      play: (pulses) => { if (sound.allowed) { sound.played++; sound.bursts.push(pulses.length) } return sound.allowed },
      quiet: () => undefined,
    },
    onHeard: (hear) => {
      hearers.add(hear)
      return () => hearers.delete(hear)
    },
    onDeed: (hear) => {
      witnesses.add(hear)
      return () => witnesses.delete(hear)
    },
    leaveTo: (url) => left.push(url),
  }
  const router = createAppRouter(session, createMemoryHistory())
  await router.push(path)
  const app = mount(App, { attachTo: document.body, global: { plugins: [router, createWords(services.preferences)], provide: { [servicesKey as symbol]: services } } })
  opened.push(async () => {
    app.unmount()
    live.stop()
    await central.close()
  })
  return { app, central, clock, router, services, left, sound, text: () => document.body.textContent ?? '', until: (check) => vi.waitFor(check, { timeout: 8_000, interval: 15 }) }
}

/** The element with this role and accessible name, as a person would point at it. */
export function byName(selector: string, name: string | RegExp): HTMLElement {
  const all = [...document.querySelectorAll<HTMLElement>(selector)]
  const nameOf = (e: HTMLElement) => (e.getAttribute('aria-label') ?? (e.closest('label') ? e.closest('label')?.textContent : e.textContent) ?? '').replace(/\s+/g, ' ').trim()
  const found = all.find((e) => (typeof name === 'string' ? nameOf(e) === name : name.test(nameOf(e))))
  if (!found) throw new TypeError(`No ${selector} named ${String(name)}; there are: ${all.map(nameOf).join(' | ')}`)
  return found
}

export function fill(input: HTMLElement, value: string): void {
  ;(input as HTMLInputElement).value = value
  input.dispatchEvent(new Event('input', { bubbles: true }))
  input.dispatchEvent(new Event('change', { bubbles: true }))
}
