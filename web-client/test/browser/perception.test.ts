// @vitest-environment node
import { expect, it, vi } from 'vitest'
import type { Page } from 'playwright-core'
import { scene } from '../fake-central/scene.ts'
import { openWard } from './open-ward.ts'

// What reaches a person who sees the wall without motion, or hears it.
vi.setConfig({ testTimeout: 240_000 })

const ward = openWard({ beds: 24 }, scene)
/** What moves on the page now, by name; a transition has none. */
const moving = (page: Page) => page.evaluate(() => document.getAnimations().filter(({ playState }) => playState === 'running').map((one) => ('animationName' in one ? String(one.animationName) : 'transition')))

it('with reduced motion nothing flashes or slides, and an unanswered alarm has a thick edge instead', async () => {
  const { page, close } = await ward.visit()
  await page.waitForSelector('.tile-alarm')
  await page.waitForFunction(() => document.querySelectorAll('.vital.is-live').length > 40)
  expect(await moving(page)).toContain('alarm-flash')
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await page.waitForTimeout(1_500)
  expect(await moving(page)).toEqual([])
  expect(await page.locator('.alarm-flashing').first().evaluate((badge) => getComputedStyle(badge).borderTopWidth)).toBe('4px')
  await close()
})

it('a screen reader is told a new alarm at once, and each bed as one line: where, who, values with units, what is wrong and what is old', async () => {
  const { page, close } = await ward.visit()
  await page.waitForSelector('.tile-alarm')
  // The lost device's last values are shown as old once they are.
  await page.waitForSelector('[data-cell="4"] .is-stale')
  const read = async () => (await page.locator('body').ariaSnapshot()).replaceAll('\u00A0', ' ')
  expect(await read()).toMatch(/- alert: New high alarm, bed 06/)
  const text = await read()
  expect(text).toMatch(/link "HIGH Bed 06 KOWALSKI SpO₂ low 84 % \d+:\d\d unanswered"/)
  expect(text).toMatch(/link "Bed 06 KOWALSKI, P NEWS2 \d+ PR \/min \d+ SpO₂ % \d+ .*HIGH SpO₂ low 84 %/)
  expect(text).toMatch(/link "Bed 05 MEYER, T PR \/min no current value \d+ · [0-9a-z ]+ ago .*Device lost/)
  expect(text).toMatch(/link "Bed 02 Empty Admit"/)
  await close()
})
