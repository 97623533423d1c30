import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freshnessLimits, LIVE_SILENCE_LIMIT_MS, type Ward as WardFrame } from '@vigil/contract'
import { pause, systemClock } from '@vigil/program'
import { openBrowser, signInByHand } from '../support/browser.ts'
import { until } from '@vigil/ops/testing'
import { descendants, pidOf, type ProgramName } from '../support/processes.ts'
import { startWard, type Ward } from '../support/ward.ts'

/** A value of a board that measures each second is old after that; a busy machine draws it later. */
const { lateAfterMs: LATE_MS, staleAfterMs: STALE_MS } = freshnessLimits(1_000)
const SLACK_MS = 6_000

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

  it('makes a profile for the ward, chooses it for a patient, changes it, chooses the newer version, and retires it', async () => {
    const profiles = `${ward.ready.http}/limit-profiles?ward=${demo.id}`
    const limits = `${ward.ready.http}/patient/${bed().stay?.id}/limits`
    const because = async (reason: string, last: string) => {
      await page.getByLabel('Reason', { exact: true }).last().fill(reason)
      await page.getByRole('button', { name: last, exact: true }).click()
    }
    const lowLimit = () => page.getByRole('textbox', { name: 'SpO₂ low' }).inputValue()
    await page.goto(profiles)
    await page.getByRole('button', { name: 'Make a profile' }).click()
    await page.getByLabel('Name').fill('Weaning')
    await page.getByRole('button', { name: 'SpO₂ low: less' }).click()
    await because('agreed in the ward', 'Make this profile')
    await page.getByRole('heading', { name: 'Weaning version 1' }).waitFor()
    await page.getByText('No patient has it.').first().waitFor()

    await page.goto(limits)
    const before = await page.getByLabel('Kind of patient').inputValue()
    await page.getByLabel('Kind of patient').selectOption({ label: 'Weaning' })
    await because('mask since today', 'Apply')
    await page.getByText(/Profile Weaning of this ward \(version 1\)/).waitFor()
    expect(await lowLimit()).toBe('89')

    await page.goto(profiles)
    await page.getByRole('link', { name: 'Weaning' }).click()
    await page.getByRole('button', { name: 'Change', exact: true }).click()
    await page.getByRole('button', { name: 'SpO₂ low: less' }).click()
    await because('too many false alarms', 'Save as version 2')
    await page.getByRole('heading', { name: 'Weaning version 2' }).waitFor()
    await page.getByText('1 patient has it. 1 of them an older version.').first().waitFor()

    await page.goto(limits)
    await page.getByText(/Newer version 2 since/).first().waitFor()
    expect(await lowLimit(), 'nobody has chosen the newer one').toBe('89')
    await page.getByRole('button', { name: 'Choose version 2' }).click()
    await because('as the ward agreed', 'Apply')
    await page.getByText(/Profile Weaning of this ward \(version 2\)/).waitFor()
    expect(await lowLimit()).toBe('88')
    await page.getByText(/Newer version/).first().waitFor({ state: 'detached' })

    await page.goto(profiles)
    await page.getByRole('link', { name: 'Weaning' }).click()
    await page.getByRole('button', { name: 'Retire…' }).click()
    await page.getByRole('dialog').getByText('1 patient has it.').waitFor()
    await because('masks are gone', 'Retire')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await page.getByRole('link', { name: 'Weaning' }).waitFor({ state: 'detached' })
    await page.goto(limits)
    await page.getByText('The ward has retired this profile.').waitFor()
    expect(await lowLimit(), 'who has it keeps it').toBe('88')
    await page.getByLabel('Kind of patient').selectOption(before)
    await because('no mask any more', 'Apply')
    await until('the limits of before', 10_000, async () => ((await lowLimit()) === '90' ? true : undefined))
  })

  it('says which firmware boards should run, sees which do not, and takes it back', async () => {
    await page.goto(`${ward.ready.http}/devices`)
    const decide = async (version: string, reason: string) => {
      await page.getByRole('button', { name: /^Decide what .* should run$/ }).first().click()
      await page.getByRole('textbox', { name: 'Should run' }).fill(version)
      await page.getByLabel('Reason', { exact: true }).last().fill(reason)
      await page.getByRole('button', { name: 'Set it' }).click()
      await page.getByRole('dialog').waitFor({ state: 'detached' })
    }
    await decide('99.1.0', 'approved today')
    await page.getByText('should have 99.1.0').first().waitFor()
    await page.getByLabel(/^Only boards not on the firmware/).check()
    await page.waitForURL(/firmware=off/)
    expect(await page.getByText('should have 99.1.0').count()).toBeGreaterThan(0)
    await decide('', 'too early')
    await page.getByText('Every board runs what it should').waitFor()
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

  // What breaks behind the screen. Each is mended again before the next, and the page is never loaded anew meanwhile.
  const live = (least: number, timeout = 40_000) => until(`${least} live values`, timeout, async () => ((await page.locator('.vital.is-live').count()) >= least ? true : undefined))
  const says = (words: RegExp, timeout: number) => page.getByText(words).first().waitFor({ timeout })
  const gone = (words: RegExp, timeout: number) => page.getByText(words).first().waitFor({ state: 'detached', timeout })
  /** Stands still, connections open: what a hung program looks like. */
  const hold = async (pids: readonly number[], meanwhile: () => Promise<void>) => {
    for (const pid of pids) process.kill(pid, 'SIGSTOP')
    try {
      await meanwhile()
    } finally {
      for (const pid of pids) process.kill(pid, 'SIGCONT')
    }
  }
  const killed = async (program: ProgramName) => {
    const before = pidOf(ward, program) as number
    process.kill(before, 'SIGKILL')
    await until(`${program} to be started again`, 60_000, () => {
      const next = pidOf(ward, program)
      return next !== undefined && next !== before ? next : undefined
    })
  }

  it('shows no value as live when the broker stands still, says that the monitoring path is down, and goes on by itself', async () => {
    await page.goto(`${ward.ready.http}/ward/${demo.id}`)
    await live(6)
    const pid = pidOf(ward, 'broker') as number
    await hold([pid], async () => {
      await until('no value to be shown as live', STALE_MS + 1_000 + SLACK_MS, async () => ((await page.locator('.vital.is-live').count()) === 0 ? true : undefined))
      await says(/Monitoring path down/i, 30_000)
    })
    await live(6)
  })

  it('keeps values live when the database stands still, and says that they are not being stored', async () => {
    const postmaster = pidOf(ward, 'postgres') as number
    await hold([postmaster, ...descendants(postmaster).map((p) => p.pid)], async () => {
      await says(/not being stored/, 30_000)
      await live(6)
    })
    await gone(/not being stored/, 40_000)
  })

  it('keeps values live when the bridge stands still, and says that storage is behind', async () => {
    await hold([pidOf(ward, 'ingest-bridge') as number], async () => {
      // Of low priority: in the list, whatever else the strip has to say.
      await page.goto(`${ward.ready.http}/alarms`)
      await says(/Storage is behind/i, 90_000)
      await page.goto(`${ward.ready.http}/ward/${demo.id}`)
      await live(6)
    })
  })

  it.each(['broker', 'ingest-bridge', 'central-station'] as const)('goes on by itself, still signed in, after the %s was killed', async (program) => {
    await killed(program)
    // What was live before is no longer after this: the values below are new ones.
    await pause(systemClock, LATE_MS + 1_000)
    await until('a screen that has nothing to warn of', 60_000, async () => ((await page.locator('.strip').count()) === 0 && (await page.locator('.vital.is-live').count()) >= 6 ? true : undefined))
    expect(page.url()).toContain(`/ward/${demo.id}`)
  })

  it('shows the reason in place of the value when one sensor says nothing, and the others live', async () => {
    const api = await ward.admin()
    const device = bed().device?.id as string
    await api.post('/demo/scenarios', { scenario: 'probe_off', deviceId: device })
    const tile = page.locator(`a[href*="/patient/${bed().stay?.id}"].tile`)
    await tile.locator('.vital', { hasText: 'SpO₂' }).getByText(/finger off/).waitFor({ timeout: 60_000 })
    expect(await tile.locator('.vital.is-live', { hasText: 'SpO₂' }).count()).toBe(0)
    expect(await tile.locator('.vital.is-live').count()).toBeGreaterThan(0)
  })

  it('has nothing to complain of in the console', () => {
    expect(errors.filter((text) => !/Failed to load resource|WebSocket|net::ERR/.test(text))).toEqual([])
  })
})
