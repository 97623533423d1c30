/** Pictures of every screen, dark and light, for `docs/screens`, from the built app on a scripted ward: `npm run screens`, or some of them: `npm run screens -- wall audit`. */
import { execFile } from 'node:child_process'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { builtApp, openChromium, runningCentral, visit } from '../test/browser/built-app.ts'
import { type Dialog, everyDialog, everyScreen, furnishScreens } from '../test/browser/every-screen.ts'
import { scene } from '../test/fake-central/scene.ts'

const only = process.argv.slice(2)
const out = join(import.meta.dirname, '../../docs/screens')
const S6 = '00000000-0000-7000-8000-000000002005'

interface Shot {
  readonly name: string
  readonly path: string
  readonly ready: string
  readonly theme?: string
  readonly width?: number
  readonly height?: number
  readonly language?: string
  readonly user?: string
  /** What is opened over it, by its name in the list of dialogs. */
  readonly dialog?: string
  /** As somebody sees it whose eyes lack one kind of cone. */
  readonly vision?: 'deuteranopia' | 'protanopia' | 'tritanopia'
}

const dist = await builtApp()
const browser = await openChromium()
const central = await runningCentral({ dist, beds: 24 })
scene(central)
furnishScreens(central)

function dialogOf(name: string): Dialog {
  const found = everyDialog.find((one) => one.name === name)
  if (!found) throw new TypeError(`There is no dialog ${name}.`)
  return found
}

const shots: readonly Shot[] = [
  ...everyScreen(central.clock.now()).flatMap(({ name, path, ready, user }): Shot[] => ['dark', 'light'].map((theme) => ({ name: `${name}-${theme}`, path, ready, theme, ...(user && { user }) }))),
  { name: 'wall-night', path: '/ward/ward-3', ready: '.tile-alarm', theme: 'night' },
  { name: 'wall-deuteranopia', path: '/ward/ward-3', ready: '.tile-alarm', vision: 'deuteranopia' },
  { name: 'wall-phone', path: '/ward/ward-3', ready: '.tile-alarm', width: 390, height: 844 },
  { name: 'limits-phone', path: `/patient/${S6}/limits`, ready: '.limit', width: 390, height: 844 },
  { name: 'profiles-phone', path: everyScreen(0).find(({ name }) => name === 'profiles')?.path ?? '', ready: '.versions li', width: 390, height: 844 },
  { name: 'ward-setup-phone', path: '/ward-setup?ward=ward-3', ready: '.bed-table tbody tr', width: 390, height: 844, theme: 'light' },
  { name: 'alarms-phone', path: '/alarms', ready: '.alarm-row', width: 390, height: 844, theme: 'light' },
  { name: 'wall-far', path: '/ward/ward-3?distance=12&inches=24', ready: '.wall-names' },
  ...['demo-removal', 'pause-monitoring', 'ward-quiet-wall', 'make-ward', 'retire-bed'].map((dialog): Shot => ({ name: `dialog-${dialog}`, path: dialogOf(dialog).path, ready: dialogOf(dialog).ready, dialog })),
  { name: 'wall-zh', path: '/ward/ward-3', ready: '.tile-alarm', language: 'zh' },
  { name: 'patient-pl', path: `/patient/${S6}/live`, ready: '.values tbody tr', language: 'pl', theme: 'light' },
]
await mkdir(out, { recursive: true })
const made = new Set<string>()
for (const { name, path, ready, vision, dialog, ...options } of shots.filter((shot) => only.length === 0 || only.some((word) => shot.name.startsWith(word)))) {
  const { page, close } = await visit(browser, central, { width: 1440, height: 900, ...options })
  page.setDefaultTimeout(120_000)
  if (vision) await (await page.context().newCDPSession(page)).send('Emulation.setEmulatedVisionDeficiency', { type: vision })
  await page.goto(central.origin + path)
  await page.waitForSelector(ready)
  // A sweep of waves takes a few seconds to come.
  await page.waitForTimeout(path.endsWith('/live') ? 9_000 : 1_200)
  // What stands further down a page is what its picture is of.
  await page.locator(ready).first().scrollIntoViewIfNeeded()
  if (dialog !== undefined) {
    await dialogOf(dialog).open(page)
    await page.waitForSelector('[role="dialog"]')
  }
  const file = join(out, `${name}.png`)
  await page.screenshot({ path: file })
  await smaller(file)
  made.add(`${name}.png`)
  process.stdout.write(`${name}\n`)
  await close()
}
// A screen that is gone takes its picture along.
if (only.length === 0) for (const file of await readdir(out)) if (file.endsWith('.png') && !made.has(file)) await rm(join(out, file))
await browser.close()
await central.close()

/** A palette picture is a fifth of the size. Without ImageMagick it stays as it is. */
async function smaller(file: string): Promise<void> {
  await promisify(execFile)('convert', [file, '+dither', '-colors', '128', `PNG8:${file}`]).catch(() => undefined)
}
