import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LIVE_SILENCE_LIMIT_MS, type Ward as WardFrame } from '@vigil/contract'
import { systemClock } from '@vigil/program'
import { openBrowser, signInByHand } from '../support/browser.ts'
import { until } from '@vigil/ops/testing'
import { pidOf } from '../support/processes.ts'
import { startWard, type Ward } from '../support/ward.ts'

describe('a nurse at a real browser, with the demo ward running', () => {
  let ward: Ward
  let browser: Browser
  let page: Page
  let errors: string[]
  let demo: WardFrame

  beforeAll(async () => {
    ward = await startWard({ VIGIL_DEMO_BEDS: '3', VIGIL_DEMO_HISTORY_HOURS: '2' })
    const api = await ward.admin()
    demo = await until('three live demo beds', 30_000, async () => {
      const { wards } = await api.get<{ wards: WardFrame[] }>('/wards')
      return wards.find((w) => w.mode === 'demo' && w.beds.length === 3 && w.beds.every((b) => b.device?.status === 'online'))
    })
    browser = await openBrowser()
    ;({ page, errors } = await signInByHand(browser, ward))
  })
  afterAll(async () => {
    await browser?.close()
    await ward?.end()
  })

  const bed = () => demo.beds[0] as WardFrame['beds'][number]

  it('signs in and sees every bed live, labelled DEMO', async () => {
    await page.getByText(bed().stay?.patient.familyName.toUpperCase() as string).first().waitFor()
    expect(await page.getByText('DEMO: not patients').first().isVisible()).toBe(true)
    const link = page.locator(`a[href*="/patient/${bed().stay?.id}"]`).first()
    await until('a pulse rate on the tile', 20_000, async () => (/\b\d{2,3}\b/.test((await link.textContent()) ?? '') ? true : undefined))
  })

  it('opens a patient and sees numbers and moving traces', async () => {
    await page.locator(`a[href*="/patient/${bed().stay?.id}"]`).first().click()
    await page.waitForURL(/\/patient\//)
    await page.locator('canvas').first().waitFor()
    const picture = () => page.locator('canvas').first().evaluate((canvas) => (canvas as unknown as { toDataURL(): string }).toDataURL())
    const before = await picture()
    await until('a trace that moves', 10_000, async () => ((await picture()) === before ? undefined : true))
  })

  it('asks the history and gets points, with the whole question in the URL', async () => {
    const to = systemClock.now()
    await page.goto(`${ward.ready.http}/history?stay=${bed().stay?.id}&signals=pr&from=${new Date(to - 3_600_000).toISOString()}&to=${new Date(to).toISOString()}&view=table`)
    await page.getByRole('table').first().waitFor()
    await until('rows in the table', 10_000, async () => ((await page.getByRole('row').count()) > 5 ? true : undefined))
  })

  it('sends measure_now and sees it done', async () => {
    await page.goto(`${ward.ready.http}/patient/${bed().stay?.id}/remote`)
    await page.getByRole('button', { name: /measure now/i }).first().click()
    await page.getByText(/\bdone\b/i).first().waitFor({ timeout: 15_000 })
  })

  it('declares itself NOT LIVE within 10 s when the central station freezes, and comes back with it', async () => {
    await page.goto(`${ward.ready.http}/patient/${bed().stay?.id}`)
    await page.locator('canvas').first().waitFor()
    const pid = pidOf(ward, 'central-station') as number
    const since = systemClock.monotonic()
    process.kill(pid, 'SIGSTOP')
    try {
      await page.getByText(/NOT LIVE/).first().waitFor({ timeout: LIVE_SILENCE_LIMIT_MS + 2_000 })
      expect(systemClock.monotonic() - since).toBeLessThan(LIVE_SILENCE_LIMIT_MS + 1_500)
    } finally {
      process.kill(pid, 'SIGCONT')
    }
    await page.getByText(/NOT LIVE/).first().waitFor({ state: 'detached', timeout: 30_000 })
  })

  it('has nothing to complain of in the console', () => {
    expect(errors.filter((text) => !/Failed to load resource|WebSocket|net::ERR/.test(text))).toEqual([])
  })
})
