import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureWebApp } from '@vigil/ops/testing'
import { chromium, type Browser, type Page } from 'playwright-core'
import { browserClock } from '../../src/browser-clock.ts'
import { FakeCentral, type FakeCentralOptions } from '../fake-central/fake-central.ts'

const root = join(import.meta.dirname, '../../..')
const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** Folder of the app as `npm start` builds it: once for all that run on the same sources. */
export function builtApp(): Promise<string> {
  return ensureWebApp({ root, dataDir: tmpdir(), env: {}, tell: () => undefined })
}

export async function openChromium(): Promise<Browser> {
  const executablePath = places.find((path) => existsSync(path))
  if (!executablePath) throw new TypeError(`A Chromium is needed for the browser tests: apt-get install chromium. Looked at ${places.join(', ')}.`)
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'] })
}

/** A central station that runs by itself, a second of ward life each second. */
export async function runningCentral(options: Omit<FakeCentralOptions, 'clock'>): Promise<FakeCentral> {
  const central = new FakeCentral({ clock: browserClock, ...options })
  await central.start()
  central.run()
  return central
}

export interface Visit {
  readonly page: Page
  /** What the browser complained about: errors on the console, uncaught errors, breaches of the content security policy. */
  readonly complaints: string[]
  readonly close: () => Promise<void>
}

export interface VisitOptions {
  readonly user?: string
  readonly path?: string
  readonly theme?: string
  readonly width?: number
  readonly height?: number
  readonly language?: string
  /** The page's timers become the test's to stop; those of its Worker stay real. */
  readonly ownTimers?: boolean
  /** A computer whose clock is wrong. */
  readonly clockOffMs?: number
}

/** A person who signed in before, in a browser of their own, at a page. Signing in by hand is a test of its own. */
export async function visit(browser: Browser, central: FakeCentral, { user = 'admin', path = '/ward/ward-3', theme = 'dark', width = 1280, height = 800, language = 'en', ownTimers = false, clockOffMs = 0 }: VisitOptions = {}): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width, height } })
  await context.addCookies([{ name: 'vigil', value: central.openSession(user), url: central.origin, httpOnly: true, sameSite: 'Strict' }])
  await context.addInitScript((kept) => localStorage.setItem('vigil.preferences', kept), JSON.stringify({ theme, language, tour: -1 }))
  if (clockOffMs !== 0) {
    await context.addInitScript((offMs) => {
      const right = Date.now.bind(Date)
      Date.now = () => right() + offMs
    }, clockOffMs)
  }
  const page = await context.newPage()
  const complaints: string[] = []
  await page.exposeFunction('complain', (text: string) => complaints.push(text))
  await page.addInitScript(() => {
    const { complain } = globalThis as unknown as { complain: (text: string) => void }
    document.addEventListener('securitypolicyviolation', (e) => complain(`policy: ${e.violatedDirective} ${e.blockedURI} ${e.sourceFile}`))
  })
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(error.message))
  if (ownTimers) await page.clock.install()
  await page.goto(central.origin + path)
  return { page, complaints, close: () => context.close() }
}
