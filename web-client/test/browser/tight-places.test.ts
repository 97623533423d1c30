// @vitest-environment node
import { expect, it, vi } from 'vitest'
import { openWard } from './open-ward.ts'

// Where there is little room and much to say: what a person must still see whole.
vi.setConfig({ testTimeout: 180_000 })

const S6 = '00000000-0000-7000-8000-000000002005'
const ward = openWard({ beds: 12 })
const change = () => {
  const limits = ward.central.alarms.limitsOf(S6)
  const by = { by: 'Li Wei', role: 'nurse' as const, at: ward.central.alarms.iso(-9_000), reason: 'Usual for this patient' }
  ward.central.alarms.limits.set(S6, { ...limits, limits: limits.limits.map((row) => (row.condition === 'low:rr' ? { ...row, inForce: { value: 6, delayS: 5, priority: 'high' as const }, changed: by } : row)) })
  ward.central.tellStay(S6)
}

it('a tile with an alarm and a changed limit keeps its course, and once answered says by whose initials', async () => {
  const { page, close } = await ward.visit({ path: '/ward/ward-3' })
  await page.setViewportSize({ width: 1440, height: 900 })
  change()
  const { id } = ward.central.alarms.raise('bed-06', { condition: 'low:spo2', value: 86, worst: 84, limit: 90 })
  const tile = page.locator('.tile:has-text("KOWALSKI")')
  await page.waitForSelector('.tile-spotlight:has-text("KOWALSKI") .tile-alarm')
  await tile.locator('.quiet-note').waitFor()
  await vi.waitFor(async () => expect((await tile.locator('.tile-big .spark').first().boundingBox())?.height ?? 0).toBeGreaterThan(6), { timeout: 20_000 })
  await page.keyboard.press('a')
  await tile.locator('.tile-owner:text-is("AA")').waitFor()
  await page.waitForFunction(() => document.querySelector('.tile-spotlight') === null, undefined, { timeout: 20_000 })
  expect((await tile.locator('.tile-big .spark').first().boundingBox())?.height ?? 0).toBeGreaterThan(6)
  ward.central.alarms.clear(id)
  await close()
})

it('a unit that has no room beside its label is wholly out of sight', async () => {
  const { page, close } = await ward.visit({ path: '/ward/ward-3' })
  await page.setViewportSize({ width: 1440, height: 820 })
  await page.waitForFunction(() => document.querySelectorAll('.vital.is-live').length > 20)
  const peeking = await page.evaluate(() => [...document.querySelectorAll('.tile .vital-head')].filter((head) => {
    const [box, unit] = [head.getBoundingClientRect(), head.querySelector('.vital-unit')?.getBoundingClientRect()]
    return unit !== undefined && unit.top > box.top + 4 && unit.top < box.bottom - 0.5
  }).map((head) => head.textContent))
  expect(peeking).toEqual([])
  await close()
})

it('a surname of a usual length is whole beside the score and the word DEMO', async () => {
  const { page, close } = await ward.visit({ path: '/ward/ward-3' })
  await page.setViewportSize({ width: 1440, height: 900 })
  ward.central.alarms.setNews2('00000000-0000-7000-8000-000000002006', { score: 1, complete: false, known: 4, missing: ['oxygen', 'sys', 'consciousness'] })
  await page.waitForSelector('.tile:has-text("IBRAHIM") .news2-score')
  const cut = await page.evaluate(() => [...document.querySelectorAll('.tile-name')].filter((name) => name.scrollWidth > name.clientWidth).map((name) => name.textContent?.trim() ?? ''))
  expect(cut.filter((name) => name.length <= 'DOGWOOD, D'.length)).toEqual([])
  await close()
})

it('the traces of a silent device do not run over the table of its values', async () => {
  const { page, close } = await ward.visit({ path: `/patient/${S6}/live` })
  await page.setViewportSize({ width: 1440, height: 800 })
  await page.waitForSelector('.vital.is-live')
  ward.central.silence('ST-0047')
  await page.waitForSelector('.live-pair .vital.is-stale', { timeout: 20_000 })
  const [numbers, table] = [await page.locator('.live-row >> nth=1').locator('.live-pair').boundingBox(), await page.locator('.live h2:has-text("All values")').boundingBox()]
  expect((numbers?.y ?? 0) + (numbers?.height ?? 0)).toBeLessThanOrEqual(table?.y ?? 0)
  await close()
})

it('an answer of the record comes into sight by itself, and a stay can be asked for from its beginning', async () => {
  const { page, close } = await ward.visit({ path: `/patient/${S6}/history` })
  await page.setViewportSize({ width: 1440, height: 800 })
  await page.click('.segment:has-text("Since admission")')
  await page.waitForSelector('.trend-canvas')
  const from = new URL(page.url()).searchParams.get('from') ?? ''
  expect(Date.parse(from)).toBe(Date.parse(ward.central.world.stays.get(S6)?.admittedAt ?? ''))
  await vi.waitFor(async () => expect((await page.locator('.result .trend-summary >> nth=0').boundingBox())?.y ?? 9_999).toBeLessThan(760), { timeout: 10_000 })
  const [banner, result] = [await page.locator('.patient-top').boundingBox(), await page.locator('.result').boundingBox()]
  expect(result?.y ?? 0).toBeGreaterThanOrEqual((banner?.y ?? 0) + (banner?.height ?? 0))
  await close()
})

it('on a phone the numbers of a patient are the first thing below the name, and /m leads to the wards', async () => {
  const { page, close } = await ward.visit({ path: '/m' })
  await page.setViewportSize({ width: 390, height: 844 })
  await page.waitForURL((url) => url.pathname === '/' || url.pathname.startsWith('/ward'))
  await page.goto(new URL(`/patient/${S6}/live`, page.url()).href)
  await page.waitForSelector('.strip-vitals .vital')
  const strip = await page.locator('.strip-vitals').boundingBox()
  expect((strip?.y ?? 9_999) + (strip?.height ?? 0)).toBeLessThan(500)
  await close()
})
