/**
 * What the wall costs in a real Chromium, against its budgets: `npm run web-budgets`. The newest figures stand in docs/performance.md.
 * With `-- --soak MINUTES` it only watches the wall's memory, as long as that, in six parts.
 */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { gzipSync } from 'node:zlib'
import type { Browser, Page } from 'playwright-core'
import { browserClock } from '../src/browser-clock.ts'
import { builtApp, openChromium, runningCentral, visit } from '../test/browser/built-app.ts'

const MEASURE_S = 30
const SOAK_S = 90
const SOAK_PARTS = 6
const S6 = '00000000-0000-7000-8000-000000002005'

interface Figure {
  readonly what: string
  readonly value: number
  readonly unit: string
  readonly most?: number
  readonly least?: number
}

const dist = await builtApp()
const browser = await openChromium()
const central = await runningCentral({ dist, beds: 48 })
const figures: Figure[] = []
try {
  const soakMinutes = Number(parseArgs({ options: { soak: { type: 'string' } } }).values.soak ?? 0)
  figures.push(...(soakMinutes > 0 ? await soak(soakMinutes) : await budgets()))
} finally {
  await browser.close()
  await central.close()
}
for (const { what, value, unit, most, least } of figures) {
  const budget = most === undefined ? (least === undefined ? '' : `, at least ${least}: ${value >= least ? 'kept' : 'MISSED'}`) : `, at most ${most}: ${value <= most ? 'kept' : 'MISSED'}`
  process.stdout.write(`${what}: ${value} ${unit}${budget}\n`)
}

async function budgets(): Promise<Figure[]> {
  const figures = [await scriptSize(dist)]
  const { page, close } = await visit(browser, central, { width: 1920, height: 1080 })
  figures.push(...(await firstPaint(page)))
  await page.waitForTimeout(5_000)
  figures.push(await cost('wall of 48 beds at 1 Hz, all processes of the browser', page, browser))
  figures.push(await growth(page))
  await page.goto(`${central.origin}/patient/${S6}/live`)
  await page.waitForSelector('canvas')
  await page.waitForTimeout(4_000)
  figures.push(await frames(page), await cost('patient page with its traces running', page, browser))
  await close()
  return figures
}

/** A ward screen is never closed: hours of it show what ninety seconds cannot. */
async function soak(minutes: number): Promise<Figure[]> {
  const { page, close } = await visit(browser, central, { width: 1920, height: 1080 })
  await page.waitForTimeout(30_000)
  const parts: Figure[] = []
  for (let part = 1; part <= SOAK_PARTS; part++) parts.push(await growth(page, (minutes * 60) / SOAK_PARTS))
  await close()
  return parts
}

async function scriptSize(dist: string): Promise<Figure> {
  const assets = join(dist, 'assets')
  const names = (await readdir(assets)).filter((name) => name.endsWith('.js'))
  const texts = new Map(await Promise.all(names.map(async (name) => [name, await readFile(join(assets, name), 'utf8')] as const)))
  const needed = new Set<string>()
  const add = (name: string | undefined): void => {
    if (name === undefined || needed.has(name)) return
    needed.add(name)
    for (const [, other] of (texts.get(name) ?? '').matchAll(/(?:from|^import|;import)\s*"\.\/([\w.-]+\.js)"/g)) add(other)
  }
  add(names.find((name) => name.startsWith('index-')))
  const bytes = [...needed].reduce((sum, name) => sum + gzipSync(texts.get(name) ?? '').length, 0)
  return { what: 'script of the wall, gzip', value: Math.round(bytes / 1_024), unit: 'KB', most: 200 }
}

/** From the start of the navigation, files from the network: nothing cached. Before each the same server's smallest page, for what the machine needs for a page at all. */
async function firstPaint(page: Page): Promise<Figure[]> {
  const cdp = await page.context().newCDPSession(page)
  await cdp.send('Network.setCacheDisabled', { cacheDisabled: true })
  const rounds: { blank: number; painted: number; filled: number }[] = []
  for (let i = 0; i < 5; i++) {
    await page.goto(`${central.origin}/favicon.svg`)
    const blank = await page.evaluate(() => (performance.getEntriesByType('navigation')[0] as PerformanceNavigationTiming).loadEventEnd)
    await page.goto(`${central.origin}/ward/ward-3`)
    await page.waitForFunction(() => document.querySelectorAll('.vital.is-live').length > 100)
    const filled = await page.evaluate(() => performance.now())
    const painted = await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN)
    rounds.push({ blank, painted, filled })
  }
  const middle = (what: string, of: (round: (typeof rounds)[number]) => number, more: Pick<Figure, 'unit'> & Partial<Figure>): Figure => ({ what: `${what}, median of 5`, value: Number(median(rounds.map(of)).toFixed(more.unit === 'ms' ? 0 : 1)), ...more })
  return [
    middle('a picture alone, of the same server (control)', ({ blank }) => blank, { unit: 'ms' }),
    middle('first paint of the wall', ({ painted }) => painted, { unit: 'ms', most: 1_200 }),
    middle('first paint against the control', ({ painted, blank }) => painted / blank, { unit: 'times' }),
    middle('wall filled with 48 beds', ({ filled }) => filled, { unit: 'ms' }),
    middle('wall filled against the control', ({ filled, blank }) => filled / blank, { unit: 'times' }),
  ]
}

async function cost(what: string, page: Page, of: Browser): Promise<Figure> {
  const cdp = await of.newBrowserCDPSession()
  const cpuS = async (): Promise<number> => {
    const { processInfo } = (await cdp.send('SystemInfo.getProcessInfo')) as { processInfo: { cpuTime: number }[] }
    return processInfo.reduce((sum, one) => sum + one.cpuTime, 0)
  }
  const [before, since] = [await cpuS(), browserClock.monotonic()]
  await page.waitForTimeout(MEASURE_S * 1_000)
  const share = (100 * ((await cpuS()) - before) * 1_000) / (browserClock.monotonic() - since)
  return { what, value: Number(share.toFixed(1)), unit: '% of one core', ...(what.startsWith('wall') && { most: 25 }) }
}

/** What stays in memory after the rubbish is collected, at the start and after the soak. */
async function growth(page: Page, seconds = SOAK_S): Promise<Figure> {
  const cdp = await page.context().newCDPSession(page)
  const heap = async (): Promise<number> => {
    await cdp.send('HeapProfiler.enable')
    await cdp.send('HeapProfiler.collectGarbage')
    return ((await cdp.send('Runtime.getHeapUsage')) as { usedSize: number }).usedSize
  }
  const before = await heap()
  await page.waitForTimeout(seconds * 1_000)
  return { what: `growth of the wall's memory in ${seconds} s`, value: Math.round(((await heap()) - before) / 1_024), unit: 'KB', most: 512 }
}

/** Frames the page really drew in five seconds. */
async function frames(page: Page): Promise<Figure> {
  const drawn = await page.evaluate(() => new Promise<number>((done) => {
    let n = 0
    const start = performance.now()
    const step = (): void => {
      n += 1
      if (performance.now() - start < 5_000) requestAnimationFrame(step)
      else done((n * 1_000) / (performance.now() - start))
    }
    requestAnimationFrame(step)
  }))
  const traces = await page.locator('canvas').count()
  return { what: `frames a second with ${traces} canvases of traces`, value: Math.round(drawn), unit: '/s', least: 55 }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
