// @vitest-environment node
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Browser, Page } from 'playwright-core'
import type { FakeCentral } from '../fake-central/fake-central.ts'
import { buildApp, openChromium, runningCentral, visit } from './built-app.ts'
import { everyScreen, furnishScreens } from './every-screen.ts'

vi.setConfig({ testTimeout: 300_000 })

let browser: Browser
let central: FakeCentral
let built: Awaited<ReturnType<typeof buildApp>>
beforeAll(async () => {
  built = await buildApp()
  ;[browser, central] = await Promise.all([openChromium(), runningCentral({ dist: built.dist })])
  furnishScreens(central)
  central.alarms.raise('bed-06', { condition: 'low:spo2', value: 86, worst: 84, limit: 90 })
  central.alarms.raise('bed-07', { condition: 'high:rr', priority: 'medium', value: 31, worst: 31, limit: 30 })
}, 180_000)
afterAll(async () => {
  await browser?.close()
  await central?.close()
  await built?.remove()
})

/** What does not fit: the page wider than the screen, and text that is cut off without a sign of it. */
async function misfits(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const out: string[] = []
    const wide = document.documentElement.scrollWidth - innerWidth
    if (wide > 0) {
      const culprits = [...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest('.table-scroll, .sr-only')).slice(-3)
      out.push(`${wide} px too wide: ${culprits.map((e) => `${e.tagName}.${e.className}`).join(' | ')}`)
    }
    for (const e of document.querySelectorAll<HTMLElement>('main button, main a, main label, main h1, main h2, main p, main th, .bar button, .bar a')) {
      const style = getComputedStyle(e)
      if (e.clientWidth === 0 || e.closest('.sr-only, .table-scroll, [aria-hidden="true"]') || style.textOverflow === 'ellipsis') continue
      const hidden = style.overflowX === 'hidden' || style.overflowX === 'clip'
      if ((hidden && e.scrollWidth > e.clientWidth + 1) || (e.tagName === 'BUTTON' && e.scrollWidth > e.clientWidth + 1)) out.push(`cut: ${e.tagName}.${e.className} "${(e.textContent ?? '').trim().slice(0, 40)}"`)
    }
    return out
  })
}

async function lookAtEvery(options: { width: number; height: number; language?: string; theme?: string }): Promise<Record<string, string[]>> {
  const { page, close } = await visit(browser, central, options)
  const found: Record<string, string[]> = {}
  for (const { name, path, ready } of everyScreen(central.clock.now())) {
    await page.goto(central.origin + path)
    await page.waitForSelector(ready)
    const wrong = await misfits(page)
    if (wrong.length > 0) found[name] = wrong
  }
  await close()
  return found
}

describe('every screen', () => {
  it('fits 320 px, which is what 400 % of zoom leaves of a desk screen: nothing beyond the edge, nothing cut', async () => {
    expect(await lookAtEvery({ width: 320, height: 640 })).toEqual({})
  })

  it('holds the longest language', async () => {
    expect(await lookAtEvery({ width: 1280, height: 800, language: 'pl' })).toEqual({})
  })

  it('has touch targets of at least 56 px on the mirror', async () => {
    const { page, close } = await visit(browser, central)
    const mirror = everyScreen(central.clock.now()).find(({ name }) => name === 'mirror')
    await page.goto(central.origin + (mirror?.path ?? ''))
    await page.waitForSelector('.mirror-call button')
    await page.click('.mirror-call button')
    const heights = await page.$$eval('.mirror button, .mirror a', (all) => all.map((e) => Math.min(e.getBoundingClientRect().height, e.getBoundingClientRect().width)))
    expect(heights.length).toBeGreaterThanOrEqual(2)
    expect(Math.min(...heights)).toBeGreaterThanOrEqual(56)
    await close()
  })
})
