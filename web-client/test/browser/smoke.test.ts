// @vitest-environment node
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Browser, Page } from 'playwright-core'
import type { FakeCentral } from '../fake-central/fake-central.ts'
import { browserClock } from '../../src/browser-clock.ts'
import { buildApp, openChromium, runningCentral, visit } from './built-app.ts'

vi.setConfig({ testTimeout: 240_000 })

const S6 = '00000000-0000-7000-8000-000000002005'
let browser: Browser
let central: FakeCentral
let built: Awaited<ReturnType<typeof buildApp>>
beforeAll(async () => {
  built = await buildApp()
  ;[browser, central] = await Promise.all([openChromium(), runningCentral({ dist: built.dist })])
}, 120_000)
afterAll(async () => {
  await browser?.close()
  await central?.close()
  await built?.remove()
})

const axeSource = readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** Faults axe finds, each with the elements it means. */
async function faults(page: Page, only?: string[]): Promise<string[]> {
  await page.evaluate(await axeSource)
  return page.evaluate(async (rules) => {
    const axe = (globalThis as unknown as { axe: { run(options: object): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> } }).axe
    const { violations } = await axe.run(rules ? { runOnly: rules } : {})
    return violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map((n) => n.html.slice(0, 140)).join(' | ')}`)
  }, only)
}

describe('the app in a real browser, under its content security policy', () => {
  it('signs in, shows the wall, opens a patient with running traces, asks history, measures and sees it done', async () => {
    const { page, complaints, close } = await visit(browser, central)
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
    central.moveCommand('ST-0047', 'done', { data: { m: { pr: 71 } } })
    await page.waitForSelector('.remote-status:has-text("done")')
    expect(complaints).toEqual([])
    await close()
  })

  it('is NOT LIVE within ten seconds when the central station stands still, and live again when it goes on', async () => {
    const { page, close } = await visit(browser, central)
    await page.waitForFunction(() => document.querySelectorAll('.vital.is-live').length > 40)
    central.frozen = true
    await page.waitForSelector('.strip-waiting', { timeout: 8_000 })
    await page.waitForSelector('.strip-blind', { timeout: 8_000 })
    expect(await page.textContent('.strip-blind')).toMatch(/NOT LIVE since \d\d:\d\d:\d\d: do not rely on this screen/)
    expect(await page.locator('.vital.is-live').count()).toBe(0)
    central.frozen = false
    await page.waitForFunction(() => document.querySelectorAll('.vital.is-live').length > 40, undefined, { timeout: 30_000 })
    expect(await page.locator('.strip').count()).toBe(0)
    await close()
  })

  it('the watchdog barks from its own thread even when the page’s timers stand still', async () => {
    const { page, close } = await visit(browser, central, { ownTimers: true })
    await page.waitForSelector('.vital.is-live')
    await page.clock.pauseAt(browserClock.now() + 2_000)
    central.frozen = true
    await page.waitForSelector('.strip-blind', { timeout: 20_000 })
    central.frozen = false
    await close()
  })

  it.each([['dark', undefined], ['light', ['color-contrast']]])('has no accessibility fault axe can find, in the %s theme', async (theme, only) => {
    const { page, close } = await visit(browser, central, { theme })
    const found: Record<string, string[]> = {}
    const look = async (name: string, path: string, ready: string, act?: () => Promise<unknown>) => {
      await page.goto(central.origin + path)
      await page.waitForSelector(ready)
      await act?.()
      const faulty = await faults(page, only)
      if (faulty.length > 0) found[name] = faulty
    }
    central.alarms.raise('bed-06', { condition: 'low:spo2', value: 86, worst: 84, limit: 90 })
    await look('wall', '/ward/ward-3', '.tile-alarm')
    await look('wards', '/', '.ward-name')
    await look('live', `/patient/${S6}/live`, '.values tbody tr')
    await look('trends', `/patient/${S6}/trends`, '.trend-canvas')
    await look('remote', `/patient/${S6}/remote`, '.remote-row')
    await look('history table', `/patient/${S6}/history?from=${Date.UTC(2026, 0, 1)}&to=${Date.UTC(2026, 0, 1, 1)}&view=table`, '.record tbody tr')
    await look('history form', '/history', '.ask')
    await look('devices', '/devices', '.devices tbody tr')
    await look('device', '/devices/ST-0046', '.device-latest')
    await look('admit', '/admit?bed=bed-02', '.bed-choice')
    await look('alarms', '/alarms', '.alarm-row')
    await look('alarm load', '/alarms?show=load', '.load-sum')
    await look('limits', `/patient/${S6}/limits`, '.limit')
    await look('shift', '/shift', '.shift-ward')
    await look('handover', '/handover?wards=ward-3', '.handover-bed')
    await look('mirror', `/me?stay=${S6}`, '.mirror-tile .vital')
    await look('people', '/people', 'h1')
    await look('audit', '/audit', 'h1')
    await look('shortcuts', '/ward/ward-3', '.vital.is-live', () => page.keyboard.press('?').then(() => page.waitForSelector('[role="dialog"]')))
    await look('find', '/ward/ward-3', '.vital.is-live', async () => {
      await page.keyboard.press('/')
      await page.fill('[role="combobox"]', 'ko')
      await page.waitForSelector('[role="option"]')
    })
    for (const id of central.alarms.open.keys()) central.alarms.clear(id)
    expect(found).toEqual({})
    await close()
  })

  it.each([[1280, 800], [390, 844]])('never scrolls sideways at %i by %i', async (width, height) => {
    const { page, close } = await visit(browser, central, { width, height })
    for (const path of ['/ward/ward-3', `/patient/${S6}/live`, `/patient/${S6}/trends`, `/patient/${S6}/remote`, '/history', '/devices', '/devices/ST-0046', '/admit', '/alarms', `/patient/${S6}/limits`, '/shift', '/handover?wards=ward-3', `/me?stay=${S6}`]) {
      await page.goto(central.origin + path)
      await page.waitForSelector('main *')
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), path).toBeLessThanOrEqual(0)
    }
    await close()
  })
})
