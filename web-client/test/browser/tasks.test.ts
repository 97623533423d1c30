// @vitest-environment node
import { describe, expect, it, vi } from 'vitest'
import type { Page } from 'playwright-core'
import { openWard } from './open-ward.ts'

// The fourteen tasks a nurse, an operator or a patient does most, each within its number of actions: a press of a key that does
// something, a click, or one thing typed or chosen.
vi.setConfig({ testTimeout: 180_000 })

const S6 = '00000000-0000-7000-8000-000000002005'
const spo2 = { condition: 'low:spo2', value: 86, worst: 84, limit: 90 } as const
const ward = openWard()

/** A page whose actions are counted; what is only looked at costs nothing. */
async function task(most: number, path: string, run: (page: Page, act: (what: Promise<unknown>) => Promise<void>) => Promise<void>, user = 'admin'): Promise<void> {
  const { page, complaints, close } = await ward.visit({ user, path })
  let actions = 0
  try {
    await run(page, async (what) => {
      actions++
      await what
    })
    expect(actions).toBeLessThanOrEqual(most)
    expect(complaints.filter((text) => !/409|WebSocket connection/.test(text))).toEqual([])
  } finally {
    for (const id of ward.central.alarms.open.keys()) ward.central.alarms.clear(id)
    await close()
  }
}

describe('the tasks of the ward, within their actions', () => {
  it('1 · names the sickest bed without touching anything', () => task(0, '/ward/ward-3', async (page) => {
    ward.central.alarms.raise('bed-07', { condition: 'high:rr', priority: 'medium', value: 31, worst: 31, limit: 30 })
    ward.central.alarms.raise('bed-06', spo2)
    await page.waitForSelector('.alarm-entry:first-child:has-text("06"):has-text("HIGH")')
  }))

  it('2 · acknowledges a high alarm from any page', () => task(2, '/devices', async (page, act) => {
    const { id } = ward.central.alarms.raise('bed-06', spo2)
    await page.waitForSelector('.alarm-entry')
    await act(page.keyboard.press('a'))
    await page.waitForSelector('.alarm-entry-owned')
    expect(ward.central.alarms.open.get(id)?.acknowledgedBy).toBe('Alex Admin')
  }))

  it('3 · finds a patient by three letters', () => task(3, '/history', async (page, act) => {
    await page.waitForSelector('.ask')
    await act(page.keyboard.press('/'))
    await page.waitForSelector('[role="combobox"]')
    await act(page.fill('[role="combobox"]', 'kow'))
    await page.waitForSelector('[role="option"]')
    await act(page.keyboard.press('Enter'))
    await page.waitForURL(`**/patient/${S6}/live`)
  }))

  it('4 · sees that a value is old, without touching anything', () => task(0, '/ward/ward-3', async (page) => {
    await page.waitForSelector('.vital.is-live')
    const fake = ward.central.world.devices.get('ST-0044')
    if (fake) fake.silent = true
    await page.waitForSelector('.tile:has-text("SILVA") .vital.is-stale', { timeout: 20_000 })
    if (fake) fake.silent = false
  }))

  it('5 · learns why bed 5 is silent', () => task(2, '/ward/ward-3', async (page, act) => {
    ward.central.silence('ST-0046')
    await page.waitForSelector('.tile-offline:has-text("MEYER")')
    await act(page.click('.tile:has-text("MEYER")'))
    await act(page.click('.banner a:has-text("ST-0046")'))
    await page.waitForSelector('.silent:has-text("The connection broke without a goodbye: power or network.")')
    const fake = ward.central.world.devices.get('ST-0046')
    if (fake) {
      fake.silent = false
      fake.device.status = 'online'
    }
    ward.central.tellBed('bed-05')
  }))

  it('6 · changes the low SpO₂ limit, with a reason', () => task(4, `/patient/${S6}/live`, async (page, act) => {
    await act(page.click('.tab:has-text("Limits")'))
    await act(page.click('[aria-label="SpO₂ low: less"]'))
    await act(page.click('.limits-save .reason-offer >> nth=0'))
    await act(page.click('button:has-text("Save 1 limit")'))
    await page.waitForSelector('.limit:has-text("changed by Alex Admin")')
    expect(ward.central.alarms.limitsOf(S6).limits.find((l) => l.condition === 'low:spo2')?.inForce?.value).toBe(89)
  }))

  it('7 · reads SpO₂ of last night', () => task(3, `/patient/${S6}/live`, async (page, act) => {
    await act(page.click('.tab:has-text("History")'))
    await act(page.click('text=Last night'))
    await page.waitForSelector('.trend-canvas')
    await act(page.hover('.trend-canvas >> nth=0', { position: { x: 200, y: 40 } }))
    await page.waitForSelector('.trend-at .vital-recorded')
  }))

  it('8 · admits a patient to a bed with a device', () => task(8, '/ward/ward-3', async (page, act) => {
    await act(page.click('.empty-bed'))
    await act(page.fill('input[type="search"]', 'Zeta, Zoe'))
    await act(page.click('button:has-text("New patient")'))
    await act(page.click('button:has-text("Add patient")'))
    await page.waitForSelector('.admit-sentence')
    await act(page.selectOption('.section select >> nth=-1', { index: 1 }))
    await act(page.click('button:text-is("Admit")'))
    await page.waitForURL('**/ward/ward-3')
    await page.waitForSelector('.undo:has-text("ZETA, Zoe was admitted to bed 02")')
    await page.click('.undo button:has-text("Undo")')
    await page.waitForSelector('.empty-bed:has-text("02")')
  }))

  it('9 · moves a patient to another bed', () => task(4, '/ward/ward-3', async (page, act) => {
    await act(page.click('.tile:has-text("KOWALSKI")'))
    await act(page.click('button:has-text("Change stay")'))
    await act(page.click('[role="menuitem"]:has-text("Transfer")'))
    await act(page.click('.bed-pick:has-text("02")'))
    await page.waitForSelector('.banner:has-text("Bed 02")')
    await page.click('.undo button:has-text("Undo")')
    await page.waitForSelector('.banner:has-text("Bed 06")')
  }))

  it('10 · blinks the device of a patient', () => task(2, `/patient/${S6}/live`, async (page, act) => {
    await act(page.click('.tab:has-text("Remote control")'))
    await act(page.click('button:text-is("Blink (identify)")'))
    await page.waitForSelector('.remote-status:has-text("queued")')
    expect(ward.central.world.devices.get('ST-0047')?.commands[0]?.do).toBe('identify')
  }))

  it('11 · sees who paused bed 6 and until when', () => task(0, '/ward/ward-3', async (page) => {
    ward.central.alarms.audio.set(S6, { mode: 'paused', until: ward.central.alarms.iso(110_000), by: 'Li Wei', role: 'nurse' })
    ward.central.tellStay(S6)
    await page.waitForSelector('.tile:has-text("KOWALSKI") .quiet:has-text("Sound paused 1:"):has-text("Li Wei")')
    ward.central.alarms.audio.delete(S6)
  }))

  it('12 · hands over the patients of the shift', () => task(3, '/ward/ward-3', async (page, act) => {
    await page.waitForSelector('.vital.is-live')
    await act(page.click('.bar-user'))
    await act(page.click('[role="menuitem"]:has-text("Handover sheet")'))
    await page.waitForSelector('.handover-bed:has-text("KOWALSKI")')
    expect(await page.locator('.handover-bed').count()).toBe(11)
  }))

  it('13 · registers a device and gets the lines to put on the board', () => task(5, '/devices', async (page, act) => {
    await act(page.click('button:has-text("Add a device")'))
    await act(page.fill('.dialog .code >> nth=0', 'ST-0999'))
    await act(page.click('button:text-is("Add device")'))
    await page.waitForSelector('text=Device ST-0999 was added')
  }))

  it('14 · tells the patient at the mirror that the nurse sees the readings, and when not', () => task(0, `/me?stay=${S6}`, async (page) => {
    await page.waitForSelector('.mirror-seen:has-text("Your nurse can see these readings")')
    ward.central.frozen = true
    await page.waitForSelector('.mirror-seen:has-text("Your nurse can NOT see your readings")', { timeout: 30_000 })
    expect(await page.locator('.mirror .vital.is-live').count()).toBe(0)
    ward.central.frozen = false
  }))
})
