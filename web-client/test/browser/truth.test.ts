// @vitest-environment node
import { describe, expect, it, vi } from 'vitest'
import type { Page } from 'playwright-core'
import { runningCentral, visit } from './built-app.ts'
import { openWard } from './open-ward.ts'

// What breaks around a screen, and that the screen says so. Stopping the central station is in smoke.test.ts and in test/e2e.
vi.setConfig({ testTimeout: 240_000 })

const S6 = '00000000-0000-7000-8000-000000002005'
const MINUTES = 60_000
const ward = openWard()

/** As many values as this are shown as live; a function, because the policy lets no text be evaluated. */
const untilLive = (page: Page, least: number) => page.waitForFunction((n) => document.querySelectorAll('.vital.is-live').length >= n, least, { timeout: 60_000 })

describe('the screen tells the truth', () => {
  it.each([10, -10])('with the computer’s clock %i minutes off: values are live, the clock is the server’s', async (minutes) => {
    const { page, close } = await ward.visit({ clockOffMs: minutes * MINUTES })
    await untilLive(page, 40)
    const shown = await page.textContent('.bar-clock')
    const [h = 0, m = 0, s = 0] = (shown ?? '').split(':').map(Number)
    const server = new Date(ward.central.clock.now())
    const off = Math.abs((h * 3_600 + m * 60 + s) - (server.getHours() * 3_600 + server.getMinutes() * 60 + server.getSeconds()))
    expect(Math.min(off, 86_400 - off)).toBeLessThanOrEqual(5)
    expect(await page.locator('.vital.is-stale').count()).toBe(0)
    await close()
  })

  it('with 30 % of what the server says lost on the way: still live, and what is missed is late, never silently old', async () => {
    const { page, close } = await ward.visit()
    ward.central.loss = 0.3
    await page.waitForTimeout(500)
    ward.central.silence('ST-0044')
    await untilLive(page, 30)
    // The board that really fell silent is told apart from frames that were lost.
    await page.waitForSelector('.tile:has-text("SILVA") .vital.is-stale', { timeout: 30_000 })
    expect(await page.locator('.strip-blind').count()).toBe(0)
    ward.central.loss = 0
    const fake = ward.central.world.devices.get('ST-0044')
    if (fake) {
      fake.silent = false
      fake.device.status = 'online'
    }
    await close()
  })

  it('after a tab slept for ten minutes: says so, and shows nothing from before as live', async () => {
    const { page, close } = await ward.visit({ ownTimers: true })
    await page.waitForSelector('.vital.is-live')
    ward.central.frozen = true
    await page.clock.fastForward('10:00')
    await page.waitForFunction(() => document.querySelectorAll('.vital.is-live').length === 0, undefined, { timeout: 30_000 })
    await page.waitForSelector('.strip', { timeout: 15_000 })
    ward.central.frozen = false
    await close()
  })

  it('with the database away: values stay live, and the strip says that they are not being stored', async () => {
    const { page, close } = await ward.visit()
    ward.central.durable = 'away'
    await page.waitForSelector('text=Values are live, but not being stored', { timeout: 15_000 })
    await untilLive(page, 20)
    ward.central.durable = 'ok'
    await close()
  })

  it('the mirror opens without a network from its own memory, with the station stopped, and says that the nurse sees nothing', async () => {
    const own = await runningCentral({ dist: ward.dist })
    const { page, close } = await visit(ward.browser, own, { path: `/me?stay=${S6}` })
    await page.waitForSelector('.mirror-bars li')
    // The worker keeps files of a page that was opened through it.
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))
    await page.reload()
    await page.waitForSelector('.mirror-bars li')
    await page.waitForFunction(() => navigator.serviceWorker.controller !== null)
    await page.reload()
    await page.waitForSelector('.mirror-bars li')
    await own.close()
    await page.reload()
    await page.waitForSelector('.mirror-seen:has-text("Your nurse can NOT see your readings")', { timeout: 30_000 })
    await page.waitForSelector('.mirror-memory')
    expect(await page.locator('.mirror-bars li').count()).toBeGreaterThan(0)
    expect(await page.locator('.mirror .vital.is-live').count()).toBe(0)
    await close()
  })
})
