import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { chromium, type Browser, type Page } from 'playwright-core'
import { browserClock } from '../../src/browser-clock.ts'
import { FakeCentral, type FakeCentralOptions } from '../fake-central/fake-central.ts'

const root = join(import.meta.dirname, '../..')
const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** Builds the app as `ops` does, into a folder of its own. */
export async function buildApp(): Promise<{ dist: string; remove: () => Promise<void> }> {
  const dist = await mkdtemp(join(tmpdir(), 'vigil-web-'))
  // Called from the repository root, as a person would; the runner's own `NODE_ENV` ("test") must not reach it.
  const vite = join(dirname(createRequire(import.meta.url).resolve('vite/package.json')), 'bin/vite.js')
  await promisify(execFile)(process.execPath, [vite, 'build', 'web-client', '--outDir', dist, '--emptyOutDir', '--logLevel', 'error'], { cwd: join(root, '..'), env: { NODE_ENV: 'production' } })
  return { dist, remove: () => rm(dist, { recursive: true, force: true }) }
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

/** A person signed in, in a browser of their own. */
export async function visit(browser: Browser, central: FakeCentral, { user = 'admin', theme = 'dark', width = 1280, height = 800, language = 'en', ownTimers = false, clockOffMs = 0 } = {}): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width, height } })
  await context.addInitScript((kept) => localStorage.setItem('vigil.preferences', kept), JSON.stringify({ theme, language, tour: -1 }))
  // A computer whose clock is wrong.
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
  // The page's timers become the test's to stop; those of its Worker stay real.
  if (ownTimers) await page.clock.install()
  await page.goto(`${central.origin}/sign-in`)
  await page.fill('[name="username"]', user)
  await page.fill('[name="password"]', `${user}-secret`)
  await page.click('button[type="submit"]')
  await page.waitForURL('**/ward/ward-3')
  return { page, complaints, close: () => context.close() }
}
