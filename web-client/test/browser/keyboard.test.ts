// @vitest-environment node
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Page } from 'playwright-core'
import type { Visit } from './built-app.ts'
import { openWard } from './open-ward.ts'

// The tasks of tasks.test.ts that need a hand, by a person who has no mouse: nothing here clicks, hovers or sets a field past the
// keyboard. One tab, opened once; each task begins with the address, as a person who follows a link.
vi.setConfig({ testTimeout: 120_000 })

const S6 = '00000000-0000-7000-8000-000000002005'
const spo2 = { condition: 'low:spo2', value: 86, worst: 84, limit: 90 } as const
const ward = openWard()
let visit: Visit
let page: Page
beforeAll(async () => {
  visit = await ward.visit({ path: '/shift' })
  page = visit.page
  await page.waitForSelector('.shift-ward')
}, 60_000)
afterAll(() => visit.close())

/** Goes on within the app, as a link does, without the focus being anywhere. */
async function at(path: string, ready: string): Promise<void> {
  // A dialog that a task left open would hold the next one too.
  if ((await page.locator('[role="dialog"]').count()) > 0) await page.keyboard.press('Escape')
  await page.evaluate((url) => {
    history.pushState(null, '', url)
    dispatchEvent(new PopStateEvent('popstate', { state: null }))
    ;(document.activeElement as HTMLElement | null)?.blur()
  }, path)
  await page.waitForSelector(ready)
}

interface Focused {
  readonly name: string
  readonly ringed: boolean
  /** Covered by something that stays at the top or bottom of the page. */
  readonly covered: boolean
}

/** What has the focus: its name as it is read, whether it shows that it has it, and whether it can be seen. */
const focused = (): Promise<Focused> => page.evaluate(() => {
  const e = document.activeElement as HTMLElement | null
  if (!e || e === document.body) return { name: '', ringed: true, covered: false }
  const label = e.getAttribute('aria-label') ?? (e as HTMLInputElement).labels?.[0]?.textContent ?? e.textContent ?? ''
  const { left, top, width, height } = e.getBoundingClientRect()
  const above = document.elementFromPoint(left + Math.min(width / 2, 40), top + Math.min(height / 2, 12))
  const style = getComputedStyle(e)
  return { name: label.replace(/\s+/g, ' ').trim(), ringed: style.outlineStyle !== 'none' || style.boxShadow !== 'none', covered: !(above && (e.contains(above) || above.contains(e))) }
})

/** Tab by Tab to what has this name: a person would give up after some sixty. */
async function tabTo(name: RegExp | string): Promise<void> {
  const passed: string[] = []
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press('Tab')
    const now = await focused()
    if (typeof name === 'string' ? now.name === name : name.test(now.name)) {
      expect(now, now.name).toMatchObject({ ringed: true, covered: false })
      return
    }
    passed.push(now.name.slice(0, 30))
  }
  throw new TypeError(`Not reached by Tab: ${String(name)}. Passed: ${passed.join(' | ')}`)
}

/** Step by step with an arrow key; each step is waited for, as a menu moves the focus a moment later. */
async function arrowTo(name: RegExp, key: 'ArrowRight' | 'ArrowDown'): Promise<void> {
  for (let i = 0; i < 12; i++) {
    if (name.test((await focused()).name)) return
    const before = await page.evaluateHandle(() => document.activeElement)
    await page.keyboard.press(key)
    await page.waitForFunction((old) => document.activeElement !== old, before)
  }
  throw new TypeError(`Not reached by ${key}: ${String(name)}`)
}

async function press(name: RegExp | string, key = 'Enter'): Promise<void> {
  await tabTo(name)
  await page.keyboard.press(key)
}

describe('the tasks of the ward by keyboard alone', () => {
  it('acknowledges a high alarm by one key, and by its button', async () => {
    const first = ward.central.alarms.raise('bed-06', spo2)
    await page.waitForSelector('.alarm-entry')
    await page.keyboard.press('a')
    await page.waitForSelector('.alarm-entry-owned')
    const second = ward.central.alarms.raise('bed-07', { condition: 'high:rr', priority: 'medium', value: 31, worst: 31, limit: 30 })
    await page.waitForSelector('.alarm-entry:has-text("07")')
    await press(/^Acknowledge/)
    await vi.waitFor(() => expect(ward.central.alarms.open.get(second.id)?.acknowledgedBy).toBe('Alex Admin'), { timeout: 10_000 })
    for (const { id } of [first, second]) ward.central.alarms.clear(id)
  })

  it('finds a patient by three letters', async () => {
    await page.keyboard.press('/')
    await page.waitForSelector('[role="combobox"]')
    await page.keyboard.type('kow')
    await page.waitForSelector('[role="option"]')
    await page.keyboard.press('Enter')
    await page.waitForURL(`**/patient/${S6}/live`)
  })

  it('learns why bed 5 is silent, over the wall by arrows', async () => {
    ward.central.silence('ST-0046')
    await at('/ward/ward-3', '.tile-offline:has-text("MEYER")')
    await tabTo(/NGUYEN/)
    await arrowTo(/MEYER/, 'ArrowRight')
    await page.keyboard.press('Enter')
    await page.waitForSelector('.banner a:has-text("ST-0046")')
    await press('ST-0046')
    await page.waitForSelector('.silent:has-text("The connection broke without a goodbye")')
    const fake = ward.central.world.devices.get('ST-0046')
    if (fake) {
      fake.silent = false
      fake.device.status = 'online'
    }
    ward.central.tellBed('bed-05')
  })

  it('changes the low SpO₂ limit, with a reason', async () => {
    await at(`/patient/${S6}/live`, '.values tbody tr')
    await press('Limits')
    await page.waitForSelector('.limit')
    await press('SpO₂ low: less')
    await press(/COPD|Usual|agreed|order/i)
    await press('Save 1 limit')
    await page.waitForSelector('.limit:has-text("changed by Alex Admin")')
  })

  it('reads SpO₂ of last night, from the table', async () => {
    await at(`/patient/${S6}/history`, '.ask')
    await press('Last night')
    await page.waitForSelector('.trend-canvas')
    await press('Table')
    await page.waitForSelector('.record tbody tr')
  })

  it('admits a patient to a bed with a device', async () => {
    await at('/ward/ward-3', '.empty-bed')
    await tabTo(/NGUYEN|KOWALSKI|MEYER/)
    await page.keyboard.press('Home')
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('Enter')
    await page.waitForSelector('.bed-choice')
    await tabTo(/number|name/i)
    await page.keyboard.type('Zeta, Zoe')
    await press(/New patient/)
    await press('Add patient')
    await page.waitForSelector('.admit-sentence')
    await tabTo(/^Device/)
    await page.keyboard.press('ArrowDown')
    await press('Admit')
    await page.waitForSelector('.undo:has-text("ZETA, Zoe was admitted to bed 02")')
    await press(/^Undo/)
    await page.waitForSelector('.empty-bed:has-text("02")')
  })

  it('moves a patient to another bed, and back', async () => {
    await at(`/patient/${S6}/live`, '.values tbody tr')
    await press(/^Change stay/)
    await page.waitForSelector('[role="menuitem"]')
    await arrowTo(/^Transfer/, 'ArrowDown')
    await page.keyboard.press('Enter')
    await page.waitForSelector('.bed-pick')
    await press(/^02/)
    await page.waitForSelector('.banner:has-text("Bed 02")')
    await press(/^Undo/)
    await page.waitForSelector('.banner:has-text("Bed 06")')
  })

  it('blinks the device of a patient', async () => {
    await at(`/patient/${S6}/remote`, '.remote-row')
    await press('Blink (identify)')
    await page.waitForSelector('.remote-status:has-text("queued")')
  })

  it('hands over the patients of the shift', async () => {
    await at('/ward/ward-3', '.vital.is-live')
    await press(/Alex Admin/)
    await page.waitForSelector('[role="menuitem"]')
    await arrowTo(/^Handover/, 'ArrowDown')
    await page.keyboard.press('Enter')
    await page.waitForSelector('.handover-bed:has-text("KOWALSKI")')
  })

  it('registers a device', async () => {
    await at('/devices', '.devices tbody tr')
    await press('Add a device')
    await page.waitForSelector('[role="dialog"]')
    await tabTo(/^Name/)
    await page.keyboard.type('ST-0998')
    await press('Add device')
    await page.waitForSelector('text=Device ST-0998 was added')
  })

  it('complained of nothing on the way', () => {
    expect(visit.complaints.filter((text) => !/409|WebSocket connection/.test(text))).toEqual([])
  })
})

describe('Escape', () => {
  it('goes back within Vigil, and never out of it: on the page it was opened with, alarms are listened to on', async () => {
    const own = await ward.visit({ path: '/shift' })
    await own.page.waitForSelector('.shift-ward')
    await own.page.keyboard.press('Escape')
    // A page that was left would take no further key.
    await own.page.keyboard.press('g')
    await own.page.keyboard.press('f')
    await own.page.waitForSelector('.devices tbody tr')
    await own.page.keyboard.press('Escape')
    await own.page.waitForSelector('.shift-ward')
    await own.close()
  })
})

describe('what stays at the top', () => {
  it('never covers the name of the patient, whatever alarms stand above, nor what has the focus, on a desk and on a phone', async () => {
    const raised = ['bed-05', 'bed-06', 'bed-07'].map((bed) => ward.central.alarms.raise(bed, spo2).id)
    for (const [width, height] of [[1280, 800], [390, 844]] as const) {
      await page.setViewportSize({ width, height })
      await at(`/patient/${S6}/limits`, '.limit')
      await page.waitForSelector('.alarm-entry')
      await page.evaluate(() => scrollTo(0, document.body.scrollHeight))
      // The measured height takes effect with the next frame.
      await page.waitForFunction(() => {
        const name = document.querySelector('.banner-name')?.getBoundingClientRect()
        const there = name && document.elementFromPoint(name.left + 10, name.top + name.height / 2)
        return there?.closest('.banner') !== null && there?.closest('.banner') !== undefined
      }, undefined, { timeout: 10_000 })
      const covered: string[] = []
      for (let i = 0; i < 25; i++) {
        await page.keyboard.press('Shift+Tab')
        const now = await focused()
        if (now.covered) covered.push(`${width}: ${now.name}`)
      }
      expect(covered).toEqual([])
    }
    for (const id of raised) ward.central.alarms.clear(id)
  })
})
