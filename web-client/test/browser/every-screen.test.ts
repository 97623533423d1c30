// @vitest-environment node
import type { Page } from 'playwright-core'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { faults } from './axe.ts'
import type { Visit } from './built-app.ts'
import { everyDialog, everyScreen, furnishScreens } from './every-screen.ts'
import { openWard } from './open-ward.ts'

vi.setConfig({ testTimeout: 300_000 })

const ward = openWard({}, (central) => {
  furnishScreens(central)
  central.alarms.raise('bed-06', { condition: 'low:spo2', value: 86, worst: 84, limit: 90 })
  central.alarms.raise('bed-07', { condition: 'high:rr', priority: 'medium', value: 31, worst: 31, limit: 30 })
  const owned = central.alarms.raise('bed-08', { condition: 'high:pr', priority: 'medium', value: 131, worst: 131, limit: 120 })
  central.alarms.tell({ ...owned, state: 'acknowledged', acknowledgedAt: central.alarms.iso(), acknowledgedBy: 'Li Wei' })
  central.alarms.setNews2('00000000-0000-7000-8000-000000002005', { score: 3, complete: false, known: 3, missing: ['respRate', 'oxygen', 'sys', 'consciousness'] })
})
let visit: Visit | undefined
afterEach(() => visit?.close())

/** Goes on within the app, which loads nothing anew; by way of a page that is nowhere, so that nothing of the last one is taken for the next. */
async function goOn(page: Page, path: string, ready: string): Promise<void> {
  const move = (to: string) => page.evaluate((url) => {
    history.replaceState(null, '', url)
    dispatchEvent(new PopStateEvent('popstate', { state: null }))
  }, to)
  await move('/no-such-page')
  await page.waitForSelector('main .state, .state >> nth=0')
  await move(path)
  await page.waitForSelector(ready)
}

/** What does not fit: the page wider than the screen, and text that is cut off without a sign of it. */
async function misfits(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const out: string[] = []
    const wide = document.documentElement.scrollWidth - innerWidth
    if (wide > 0) {
      const culprits = [...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest('.table-scroll, .sr-only')).slice(-3)
      out.push(`${wide} px too wide: ${culprits.map((e) => `${e.tagName}.${e.className}`).join(' | ')}`)
    }
    for (const e of document.querySelectorAll<HTMLElement>('main button, main a, main label, main h1, main h2, main p, main th, .bar button, .bar a, .dialog button, .dialog label, .dialog p')) {
      const style = getComputedStyle(e)
      if (e.clientWidth === 0 || e.closest('.sr-only, .table-scroll, [aria-hidden="true"]') || style.textOverflow === 'ellipsis') continue
      const hidden = style.overflowX === 'hidden' || style.overflowX === 'clip'
      if ((hidden && e.scrollWidth > e.clientWidth + 1) || (e.tagName === 'BUTTON' && e.scrollWidth > e.clientWidth + 1)) out.push(`cut: ${e.tagName}.${e.className} "${(e.textContent ?? '').trim().slice(0, 40)}"`)
    }
    return out
  })
}

/** axe in full in the dark theme, and what colours change once more in the light one. */
async function faultsOfBoth(page: Page): Promise<string[]> {
  const dark = await faults(page)
  const theme = (name: string) => page.evaluate((to) => void (document.documentElement.dataset['theme'] = to), name)
  await theme('light')
  const light = await faults(page, ['color-contrast'])
  await theme('dark')
  return [...dark, ...light.map((text) => `light, ${text}`)]
}

/** 400 % of zoom leaves 320 px of a desk screen; a phone has 390. */
const narrow = [[390, 844], [320, 640]] as const
const DESK = { width: 1280, height: 800 }

async function misfitsOfAll(page: Page): Promise<string[]> {
  const found = await misfits(page)
  for (const [width, height] of narrow) {
    await page.setViewportSize({ width, height })
    // A chart takes its new size with the next frame.
    await page.waitForFunction(() => document.documentElement.scrollWidth <= innerWidth, undefined, { timeout: 5_000 }).catch(() => undefined)
    found.push(...(await misfits(page)).map((text) => `at ${width} px, ${text}`))
  }
  await page.setViewportSize(DESK)
  return found
}

async function lookAtScreens(page: Page, look: (page: Page) => Promise<string[]>): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {}
  for (const { name, path, ready, user } of everyScreen(ward.central.clock.now())) {
    if (user !== undefined) continue
    await goOn(page, path, ready)
    const wrong = await look(page)
    if (wrong.length > 0) found[name] = wrong
  }
  return found
}

describe('every screen', () => {
  it('has no accessibility fault axe can find, dark and light', async () => {
    visit = await ward.visit()
    expect(await lookAtScreens(visit.page, faultsOfBoth)).toEqual({})
  })

  it('fits a desk, a phone, and 320 px, which is what 400 % of zoom leaves: nothing beyond the edge, nothing cut', async () => {
    visit = await ward.visit()
    expect(await lookAtScreens(visit.page, misfitsOfAll)).toEqual({})
  })

  it('holds the longest language', async () => {
    visit = await ward.visit({ language: 'pl' })
    expect(await lookAtScreens(visit.page, misfits)).toEqual({})
  })

  it('has touch targets of at least 56 px on the mirror', async () => {
    visit = await ward.visit({ path: everyScreen(ward.central.clock.now()).find(({ name }) => name === 'mirror')?.path ?? '' })
    const { page } = visit
    await page.waitForSelector('.mirror-call button')
    await page.click('.mirror-call button')
    const heights = await page.$$eval('.mirror button, .mirror a', (all) => all.map((e) => Math.min(e.getBoundingClientRect().height, e.getBoundingClientRect().width)))
    expect(heights.length).toBeGreaterThanOrEqual(2)
    expect(Math.min(...heights)).toBeGreaterThanOrEqual(56)
  })
})

describe('a patient’s own page', () => {
  it('has no accessibility fault and fits, in English and in the longest language', async () => {
    const { path, ready, user = '' } = everyScreen(ward.central.clock.now()).find(({ name }) => name === 'own') ?? { path: '', ready: '' }
    for (const language of ['en', 'pl']) {
      visit = await ward.visit({ user, path, language })
      await visit.page.waitForSelector(ready)
      expect([...(await faultsOfBoth(visit.page)), ...(await misfitsOfAll(visit.page))], language).toEqual([])
      await visit.page.click('.mirror-phones li button')
      const sizes = await visit.page.$$eval('.mirror button, .mirror a', (all) => all.map((e) => Math.min(e.getBoundingClientRect().height, e.getBoundingClientRect().width)))
      expect(Math.min(...sizes), 'a finger finds it').toBeGreaterThanOrEqual(56)
      await visit.close()
    }
  })
})

describe('every dialog', () => {
  it('has no accessibility fault, fits a desk and 320 px, closes with Escape, and gives the focus back', async () => {
    visit = await ward.visit()
    const { page } = visit
    const found: Record<string, string[]> = {}
    for (const { name, path, ready, open, shown = '[role="dialog"]' } of everyDialog) {
      await goOn(page, path, ready)
      await open(page)
      await page.waitForSelector(shown)
      const wrong = [...(await faultsOfBoth(page)), ...(await misfitsOfAll(page))]
      if (shown !== '.lock') {
        await page.keyboard.press('Escape')
        await page.waitForSelector(shown, { state: 'detached' })
        // Reka gives the focus back in the next frame.
        const back = await page.waitForFunction(() => !['BODY', 'HTML'].includes(document.activeElement?.tagName ?? 'BODY'), undefined, { timeout: 3_000 }).then(() => true, () => false)
        if (!back) wrong.push('the focus is lost when it closes')
      } else {
        await page.fill('.lock input', 'admin-secret')
        await page.keyboard.press('Enter')
        await page.waitForSelector(shown, { state: 'detached' })
      }
      if (wrong.length > 0) found[name] = wrong
    }
    expect(found).toEqual({})
  })
})
