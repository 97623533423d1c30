/** Pictures of every screen for `docs/screens`, from the built app on a scripted ward: `npm run screens`. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { buildApp, openChromium, runningCentral, visit } from '../test/browser/built-app.ts'
import { scene } from '../test/fake-central/scene.ts'

const out = join(import.meta.dirname, '../../docs/screens')
const S6 = '00000000-0000-7000-8000-000000002005'
const night = (ms: number) => `from=${ms - 8 * 3_600_000}&to=${ms}`

const built = await buildApp()
const browser = await openChromium()
const central = await runningCentral({ dist: built.dist, beds: 24 })
scene(central)
const shots: readonly (readonly [name: string, path: string, ready: string, options?: { theme?: string; width?: number; height?: number; language?: string }])[] = [
  ['wall', '/ward/ward-3', '.tile-alarm'],
  ['wall-light', '/ward/ward-3', '.tile-alarm', { theme: 'light' }],
  ['wall-night', '/ward/ward-3', '.tile-alarm', { theme: 'night' }],
  ['wall-phone', '/ward/ward-3', '.tile-alarm', { width: 390, height: 844 }],
  ['wall-zh', '/ward/ward-3', '.tile-alarm', { language: 'zh' }],
  ['patient', `/patient/${S6}/live`, '.values tbody tr'],
  ['patient-pl', `/patient/${S6}/live`, '.values tbody tr', { language: 'pl', theme: 'light' }],
  ['trends', `/patient/${S6}/trends`, '.trend-canvas'],
  ['limits', `/patient/${S6}/limits`, '.limit'],
  ['limits-phone', `/patient/${S6}/limits`, '.limit', { width: 390, height: 844 }],
  ['remote', `/patient/${S6}/remote`, '.remote-row'],
  ['history', `/history?stay=${S6}&${night(central.clock.now())}`, '.trend-canvas'],
  ['alarms', '/alarms', '.alarm-row'],
  ['alarms-light', '/alarms', '.alarm-row', { theme: 'light' }],
  ['alarms-phone', '/alarms', '.alarm-row', { width: 390, height: 844 }],
  ['alarm-review', '/alarms?show=review', '.table'],
  ['alarm-load', '/alarms?show=load', '.load-sum'],
  ['devices', '/devices', '.devices tbody tr'],
  ['device', '/devices/ST-0046', '.silent'],
  ['admit', '/admit?bed=bed-02', '.bed-choice'],
  ['shift', '/shift', '.shift-lines'],
  ['handover', '/handover?wards=ward-3', '.handover-bed', { theme: 'light' }],
  ['mirror', `/me?stay=${S6}`, '.mirror-tile .is-live'],
]
await mkdir(out, { recursive: true })
for (const [name, path, ready, options = {}] of shots) {
  const { page, close } = await visit(browser, central, { width: 1600, height: 900, ...options })
  page.setDefaultTimeout(120_000)
  await page.goto(central.origin + path)
  await page.waitForSelector(ready)
  await page.waitForTimeout(1_500)
  await page.screenshot({ path: join(out, `${name}.png`) })
  await close()
}
await browser.close()
await central.close()
await built.remove()
