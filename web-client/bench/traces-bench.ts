/**
 * How many pictures a second eight traces get, and what they cost: `npm run bench:traces`. Beside them, in turn, a page that asks for
 * pictures and draws nothing: what the machine gives at most. Figures and profile stand in docs/performance.md.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import vue from '@vitejs/plugin-vue'
import type { Browser, Page } from 'playwright-core'
import { build } from 'vite'
import { browserClock } from '../src/browser-clock.ts'
import { openChromium, runningCentral } from '../test/browser/built-app.ts'

const ROUNDS = 5
const MEASURE_S = 8
const WIDTH = 1_920

interface Round {
  readonly perSecond: number
  readonly longFrames: number
  readonly cpuShare: number
  readonly mainMsPerFrame: number
}

const dist = await mkdtemp(join(tmpdir(), 'vigil-traces-'))
await build({ configFile: false, root: join(import.meta.dirname, 'traces'), plugins: [vue()], logLevel: 'error', build: { outDir: dist, emptyOutDir: true, assetsInlineLimit: 0 } })
const central = await runningCentral({ dist, beds: 1 })
const browser = await openChromium()
try {
  const sides = { 'no trace (control)': 0, '2 traces': 2, '8 traces': 8 }
  const rounds = new Map<string, Round[]>(Object.keys(sides).map((side) => [side, []]))
  for (let n = 0; n < ROUNDS; n++) for (const [side, traces] of Object.entries(sides)) rounds.get(side)?.push(await measure(browser, traces))
  const most = rounds.get('no trace (control)') ?? []
  for (const [side, measured] of rounds) {
    const ratio = median(measured.map((round, i) => round.perSecond / (most[i]?.perSecond ?? Number.NaN)))
    process.stdout.write(`${side}: ${median(measured.map((r) => r.perSecond)).toFixed(1)} pictures/s (${ratio.toFixed(2)} of the control), ${median(measured.map((r) => r.longFrames))} of them late, ${median(measured.map((r) => r.mainMsPerFrame)).toFixed(2)} ms of the page's thread for each, ${median(measured.map((r) => r.cpuShare)).toFixed(0)} % of one core for all processes of the browser\n`)
  }
} finally {
  await browser.close()
  await central.close()
  await rm(dist, { recursive: true, force: true })
}

async function measure(of: Browser, traces: number): Promise<Round> {
  const page = await of.newPage({ viewport: { width: WIDTH, height: 1_080 } })
  await page.goto(`${central.origin}/?traces=${traces}`)
  await page.waitForTimeout(5_000)
  const cdp = await page.context().newCDPSession(page)
  await cdp.send('Performance.enable', { timeDomain: 'threadTicks' })
  const [cpu, task, since] = [await cpuS(of), await taskS(cdp), browserClock.monotonic()]
  const { drawn, late } = await pictures(page)
  const tookS = (browserClock.monotonic() - since) / 1_000
  const cpuShare = (100 * ((await cpuS(of)) - cpu)) / tookS
  const mainMsPerFrame = (1_000 * ((await taskS(cdp)) - task)) / drawn
  await page.close()
  return { perSecond: drawn / MEASURE_S, longFrames: late, cpuShare, mainMsPerFrame }
}

/** Pictures the browser asked the page for; late ones came more than a picture and a half after the one before. */
function pictures(page: Page): Promise<{ drawn: number; late: number }> {
  return page.evaluate((forMs) => new Promise<{ drawn: number; late: number }>((done) => {
    let [drawn, late] = [0, 0]
    const start = performance.now()
    let last = start
    const step = (): void => {
      const now = performance.now()
      drawn += 1
      if (now - last > 25) late += 1
      last = now
      if (now - start < forMs) requestAnimationFrame(step)
      else done({ drawn, late })
    }
    requestAnimationFrame(step)
  }), MEASURE_S * 1_000)
}

async function taskS(cdp: Awaited<ReturnType<ReturnType<Page['context']>['newCDPSession']>>): Promise<number> {
  const { metrics } = await cdp.send('Performance.getMetrics')
  return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN
}

async function cpuS(of: Browser): Promise<number> {
  const cdp = await of.newBrowserCDPSession()
  const { processInfo } = (await cdp.send('SystemInfo.getProcessInfo')) as { processInfo: { cpuTime: number }[] }
  await cdp.detach()
  return processInfo.reduce((sum, one) => sum + one.cpuTime, 0)
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
