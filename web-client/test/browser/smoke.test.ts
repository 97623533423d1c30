// @vitest-environment node
import { afterEach, describe, expect, it, vi } from 'vitest'
import { browserClock } from '../../src/browser-clock.ts'
import { openWard } from './open-ward.ts'

vi.setConfig({ testTimeout: 240_000 })

const S6 = '00000000-0000-7000-8000-000000002005'
const ward = openWard()

describe('the app in a real browser, under its content security policy', () => {
  afterEach(() => {
    ward.central.frozen = false
  })

  it('asks who is there and what lies in the ward once, before the app itself has come, and never flashes dark on a light screen', async () => {
    const { page, complaints, close } = await ward.visit({ theme: 'light', path: '/shift' })
    await page.waitForSelector('.shift-ward')
    ward.central.requests.length = 0
    const themes = page.waitForEvent('domcontentloaded').then(() => page.evaluate(() => document.documentElement.dataset['theme']))
    await page.goto(`${ward.central.origin}/ward/ward-3`)
    expect(await themes).toBe('light')
    await page.waitForFunction(() => document.querySelectorAll('.vital.is-live').length > 40)
    expect(ward.central.requests.filter((request) => request === 'GET /me')).toHaveLength(1)
    expect(ward.central.requests.filter((request) => request === 'GET /wards')).toHaveLength(1)
    // The app's own files run once the page is read: what was asked before that did not wait for them.
    const { askedAt, readAt } = await page.evaluate(() => ({
      askedAt: performance.getEntriesByType('resource').find(({ name }) => name.endsWith('/api/v1/me'))?.startTime,
      readAt: (performance.getEntriesByType('navigation')[0] as PerformanceNavigationTiming).domInteractive,
    }))
    expect(askedAt).toBeLessThan(readAt)
    expect(complaints).toEqual([])
    await close()
  })

  it('signs in, shows the wall, opens a patient with running traces, asks history, measures and sees it done', async () => {
    const { page, complaints, close } = await ward.visit({ path: '/sign-in' })
    await page.fill('[name="username"]', 'admin')
    await page.fill('[name="password"]', 'admin-secret')
    await page.click('button[type="submit"]')
    await page.waitForURL('**/ward/ward-3')
    await page.waitForFunction(() => document.querySelectorAll('.vital.is-live').length > 40)
    await page.keyboard.press('Tab')
    await page.click('.tile:has-text("KOWALSKI")')
    await page.waitForURL(`**/patient/${S6}/live`)
    await page.waitForFunction(() => /\d\.\d s behind/.test(document.querySelector('.wave-status')?.textContent ?? ''))
    const drawn = await page.evaluate(() => {
      const canvas = document.querySelector('canvas') as HTMLCanvasElement
      const pixels = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? []
      return [...pixels].filter((value, i) => i % 4 === 3 && value > 0).length
    })
    expect(drawn).toBeGreaterThan(200)

    await page.click('text=Trends')
    await page.waitForSelector('.trend-canvas')
    await page.hover('.trend-canvas', { position: { x: 200, y: 40 } })
    await page.waitForSelector('.trend-at .vital-recorded')

    await page.click('.tab:has-text("History")')
    await page.click('text=Last 8 h')
    await page.waitForSelector('text=samples arrived late')

    await page.click('.tab:has-text("Remote control")')
    await page.click('button:has-text("Measure now")')
    await page.waitForSelector('text=queued: waits for the device')
    ward.central.moveCommand('ST-0047', 'done', { data: { m: { pr: 71 } } })
    await page.waitForSelector('.remote-status:has-text("done")')
    expect(complaints).toEqual([])
    await close()
  })

  it('is NOT LIVE within ten seconds when the central station stands still, and live again when it goes on', async () => {
    const { page, close } = await ward.visit()
    await page.waitForFunction(() => document.querySelectorAll('.vital.is-live').length > 40)
    ward.central.frozen = true
    await page.waitForSelector('.strip-waiting', { timeout: 8_000 })
    await page.waitForSelector('.strip-blind', { timeout: 8_000 })
    expect(await page.textContent('.strip-blind')).toMatch(/NOT LIVE since \d\d:\d\d:\d\d: do not rely on this screen/)
    expect(await page.locator('.vital.is-live').count()).toBe(0)
    ward.central.frozen = false
    await page.waitForFunction(() => document.querySelectorAll('.vital.is-live').length > 40, undefined, { timeout: 30_000 })
    expect(await page.locator('.strip').count()).toBe(0)
    await close()
  })

  it('the watchdog barks from its own thread even when the page’s timers stand still', async () => {
    const { page, close } = await ward.visit({ ownTimers: true })
    await page.waitForSelector('.vital.is-live')
    await page.clock.pauseAt(browserClock.now() + 2_000)
    ward.central.frozen = true
    await page.waitForSelector('.strip-blind', { timeout: 20_000 })
    ward.central.frozen = false
    await close()
  })
})
