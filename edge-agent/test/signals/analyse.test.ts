import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ventilated } from './synthetic-breath.ts'
import { redOf, syntheticPulse } from './synthetic-pulse.ts'

interface Line {
  readonly t: number
  readonly pr?: number
  readonly spo2?: number
  readonly pi?: number
  readonly rr?: number
  readonly peep?: number
  readonly pip?: number
  readonly apnoea?: boolean
  readonly sq: Readonly<Record<string, number>>
  readonly x?: Readonly<Record<string, string>>
  readonly beats?: readonly number[]
  readonly breaths?: readonly number[]
  readonly cycles?: readonly Readonly<Record<string, number>>[]
}

const program = fileURLToPath(new URL('../../src/cli/analyse.ts', import.meta.url))
const data = (path: string): string => fileURLToPath(new URL(`../../data/${path}`, import.meta.url))

function analyse(flags: readonly string[], input: string, engine: readonly string[] = []): Promise<{ code: number | null; lines: Line[]; errors: string; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...engine, program, ...flags])
    let output = ''
    let errors = ''
    child.stdout.on('data', (chunk) => (output += String(chunk)))
    child.stderr.on('data', (chunk) => (errors += String(chunk)))
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, output, errors, lines: output.startsWith('{') ? output.trim().split('\n').map((l) => JSON.parse(l) as Line) : [] }))
    child.stdin.on('error', () => undefined)
    child.stdin.end(input)
  })
}

describe('a recording is analysed from the command line', () => {
  it('as camera means with a header, one line a second', async () => {
    const rows = gunzipSync(readFileSync(data('uw-oximetry/ppg-Left-100001.csv.gz'))).toString('utf8').split('\n').slice(0, 1 + 30 * 40)
    const { code, lines } = await analyse(['--kind', 'ppg', '--rate', '30'], rows.map((row) => row.split(',')[1]).join('\r\n'))
    expect(code).toBe(0)
    expect(lines.map(({ t }) => t)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1))
    expect(lines[0]?.x).toMatchObject({ pr: 'warmup' })
    expect(lines.at(-1)?.pr).toBeGreaterThan(50)
    expect(lines.at(-1)?.pr).toBeLessThan(70)
    expect(lines.at(-1)?.sq['pr']).toBeGreaterThan(50)
    const beats = lines.flatMap((l) => l.beats ?? [])
    expect(beats.length).toBeGreaterThan(30)
    expect(beats.every((b) => b > 0 && b < 40)).toBe(true)
  })

  it('as red and infrared counts: a four-second clip is enough for a saturation', async () => {
    const { counts } = syntheticPulse({ hz: 25, seconds: 4, rate: 80 })
    const red = redOf(counts, 0.6)
    const { lines } = await analyse(['--kind', 'ppg-red-ir', '--rate', '25'], ['red,ir', ...counts.map((ir, i) => `${red[i]},${ir}`)].join('\n'))
    expect(lines.length).toBe(4)
    expect(lines.at(-1)?.spo2).toBeCloseTo(92.5, 0)
  })

  it('as the sample counts that came with a sensor library', async () => {
    const rows = readFileSync(data('rf-sample/ExpectedGoodQualitySignals.csv'), 'utf8').split('\n').map((row) => row.split(',').slice(1).join(','))
    const { lines } = await analyse(['--kind', 'ppg-red-ir', '--rate', '25'], rows.join('\n'))
    expect(lines.at(-1)?.spo2).toBeGreaterThan(95)
  })

  it('as airway pressure, with every breath and the apnoea at the end', async () => {
    const { pressure } = ventilated({ hz: 50, seconds: 90, rate: 15 })
    const { lines } = await analyse(['--kind', 'pressure', '--rate', '50'], pressure.map((p, i) => (i > 60 * 50 ? 5 : p).toFixed(3)).join('\n'))
    expect(lines[50]).toMatchObject({ t: 51 })
    expect(lines[50]?.rr).toBeCloseTo(15, 0)
    expect(lines[50]?.peep).toBeCloseTo(5, 0)
    expect(lines[50]?.pip).toBeCloseTo(15, 0)
    expect(lines.flatMap((l) => l.breaths ?? []).length).toBe(14)
    expect(lines.flatMap((l) => l.cycles ?? [])[3]).toMatchObject({ ti: expect.any(Number) as number, te: expect.any(Number) as number })
    expect(lines.at(-1)).toMatchObject({ rr: 0, apnoea: true })
  })

  it('whichever way up it is: beats, rate and breathing are the same', async () => {
    const rows = gunzipSync(readFileSync(data('uw-oximetry/ppg-Left-100001.csv.gz'))).toString('utf8').split('\n').slice(1, 1 + 30 * 70)
    const light = rows.map((row) => Number(row.split(',')[1]))
    const [plain, turned] = await Promise.all([light, light.map((x) => 300 - x)].map((samples) => analyse(['--kind', 'ppg', '--rate', '30'], samples.join('\n'))))
    expect(turned?.lines.map(({ pr, rr, beats }) => ({ pr, rr, beats }))).toEqual(plain?.lines.map(({ pr, rr, beats }) => ({ pr, rr, beats })))
    expect(turned?.lines.at(-1)?.rr).toBeGreaterThan(5)
  })

  it.each([25, 50, 100, 125, 200, 400])('at %d Hz, with the same beats and rate', async (hz) => {
    const { counts } = syntheticPulse({ hz, seconds: 30, rate: 72 })
    const { lines } = await analyse(['--kind', 'ppg', '--rate', String(hz)], counts.join('\n'))
    expect(lines.length).toBe(30)
    expect(lines.find(({ pr }) => pr !== undefined)?.t).toBeLessThanOrEqual(9)
    expect(lines.at(-1)?.pr).toBeCloseTo(72, 0)
    expect(lines.flatMap((l) => l.beats ?? []).length).toBeGreaterThanOrEqual(33)
  })

  it('with the beats of its last second, when nothing more can change them', async () => {
    const { counts } = syntheticPulse({ hz: 25, seconds: 20, rate: 90 })
    const { lines } = await analyse(['--kind', 'ppg', '--rate', '25'], counts.join('\n'))
    expect(lines.flatMap((l) => l.beats ?? []).at(-1)).toBeGreaterThan(19)
  })

  it('by the names in its header, in whatever order the columns are', async () => {
    const { counts } = syntheticPulse({ hz: 25, seconds: 6, rate: 80 })
    const red = redOf(counts, 0.6)
    const named = ['"time","IR","Red"', ...counts.map((ir, i) => `${i / 25},"${ir}",${red[i]}`)].join('\r\n')
    const plain = counts.map((ir, i) => `${red[i]},${ir}`).join('\n')
    const [byName, byPlace] = await Promise.all([named, plain].map((text) => analyse(['--kind', 'ppg-red-ir', '--rate', '25'], text)))
    expect(byName?.lines).toEqual(byPlace?.lines)
    expect(byName?.lines.at(-1)?.spo2).toBeCloseTo(92.5, 0)
  })

  it('in bounded memory: an hour at 200 Hz fits into a heap of 32 MB', async () => {
    const { counts } = syntheticPulse({ hz: 200, seconds: 60, rate: 72 })
    const minute = `${counts.map((x) => Math.round(x)).join('\n')}\n`
    const { code, lines } = await analyse(['--kind', 'ppg', '--rate', '200'], minute.repeat(60), ['--max-old-space-size=32'])
    expect(code).toBe(0)
    expect(lines.length).toBe(3_600)
  }, 60_000)

  it('to its very end, also within a second', async () => {
    const { counts } = syntheticPulse({ hz: 25, seconds: 3, rate: 80 })
    const { lines } = await analyse(['--kind', 'ppg', '--rate', '25'], counts.slice(0, 65).join('\n'))
    expect(lines.map(({ t }) => t)).toEqual([1, 2, 2.6])
  })

  it('with rows that are no numbers: they are stood in for and counted', async () => {
    const { counts } = syntheticPulse({ hz: 25, seconds: 20, rate: 66 })
    const { lines, errors } = await analyse(['--kind', 'ppg', '--rate', '25'], counts.map((x, i) => (i % 100 === 50 ? 'NaN' : x)).join('\n'))
    expect(errors).toContain('5 of 500 rows')
    expect(lines.at(-1)?.pr).toBeCloseTo(66, 0)
  })

  it.each([
    [['--kind', 'ecg', '--rate', '25'], '--kind must be one of'],
    [['--kind', 'ppg', '--rate', '5'], '--rate must be'],
    [['--kind', 'ppg', '--rate', '25', '--polarity', 'up'], '--polarity must be'],
    [['--kind', 'ppg', '--rate', '25', '--colour', 'red'], "Unknown option '--colour'"],
  ])('and %j is refused with a sentence', async (flags, sentence) => {
    const { code, errors, lines } = await analyse(flags, '')
    expect(code).toBe(2)
    expect(errors).toContain(sentence)
    expect(lines).toEqual([])
  })

  it('and nothing at all is refused too', async () => expect(await analyse(['--kind', 'ppg', '--rate', '25'], 'red\n')).toMatchObject({ code: 1, errors: expect.stringContaining('no sample') as string }))

  it('tells how to use it', async () => expect((await analyse(['--help'], '')).output).toContain('--kind pressure'))
})
