import { afterAll, beforeAll } from 'vitest'
import type { Browser } from 'playwright-core'
import type { FakeCentral, FakeCentralOptions } from '../fake-central/fake-central.ts'
import { builtApp, openChromium, runningCentral, visit, type Visit, type VisitOptions } from './built-app.ts'

/** What the tests of one file share: the built app, a Chromium, and a ward that lives. */
export interface OpenWard {
  readonly browser: Browser
  readonly central: FakeCentral
  readonly dist: string
  visit(options?: VisitOptions): Promise<Visit>
}

/** Opened before the tests of the file and closed after them. */
export function openWard(options: Omit<FakeCentralOptions, 'clock' | 'dist'> = {}, furnish: (central: FakeCentral) => void = () => undefined): OpenWard {
  let open: { browser: Browser; central: FakeCentral; dist: string } | undefined
  const must = () => open as NonNullable<typeof open>
  beforeAll(async () => {
    const dist = await builtApp()
    const [browser, central] = await Promise.all([openChromium(), runningCentral({ ...options, dist })])
    furnish(central)
    open = { browser, central, dist }
  }, 180_000)
  afterAll(async () => {
    await open?.browser.close()
    await open?.central.close()
  })
  return {
    get browser() { return must().browser },
    get central() { return must().central },
    get dist() { return must().dist },
    visit: (how) => visit(must().browser, must().central, how),
  }
}
