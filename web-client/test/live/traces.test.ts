// @vitest-environment node
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { WAVE_GAP } from '@vigil/contract/messages/waveform'
import { createWaveBuffer } from '../../src/live/wave-buffer.ts'
import { nextScale } from '../../src/ui/wave/auto-gain.ts'
import { createPainter } from '../../src/ui/wave/paint.ts'
import { BEHIND_LIMIT_MS, createPlayer, MARGIN_MS } from '../../src/ui/wave/player.ts'
import { drawTrace, PX_PER_MM, sweepY, windowMs, type Sweep } from '../../src/ui/wave/trace.ts'

const T0 = 1_700_000_000_000
const frame = (startMs: number, values: number[], hz = 25) => ({ seq: 1, t0Us: startMs * 1_000, hz, scale: 1, offset: 0, samples: Int16Array.from(values) })
const second = (startMs: number, value = 1) => frame(startMs, Array.from({ length: 25 }, () => value))

function lines(buffer: ReturnType<typeof createWaveBuffer>, more: Partial<Sweep> = {}): { x: number; y: number }[][] {
  const out: { x: number; y: number }[][] = []
  drawTrace(buffer, { widthPx: 1_000, heightPx: 100, windowMs: 10_000, playheadMs: buffer.headMs ?? 0, low: 0, high: 10, ...more }, {
    move: (x, y) => out.push([{ x, y }]),
    line: (x, y) => out.at(-1)?.push({ x, y }),
  })
  return out
}

describe('a live trace', () => {
  it('runs at 25 millimetres a second on every screen', () => {
    expect(PX_PER_MM).toBeCloseTo(3.78, 2)
    expect(windowMs(25 * PX_PER_MM, 25)).toBeCloseTo(1_000)
    expect(windowMs(62.5 * PX_PER_MM, 6.25)).toBeCloseTo(10_000)
  })

  it('is drawn by sample time: frames that follow each other are one line', () => {
    const buffer = createWaveBuffer()
    for (const s of [0, 1, 2]) buffer.push(second(T0 + s * 1_000))
    expect(lines(buffer)).toHaveLength(1)
  })

  it('lifts the pen where a frame is missing', () => {
    const buffer = createWaveBuffer()
    buffer.push(second(T0))
    buffer.push(second(T0 + 2_000))
    expect(lines(buffer)).toHaveLength(2)
  })

  it('lifts the pen where the device said there was no sample', () => {
    const buffer = createWaveBuffer()
    buffer.push(frame(T0, [1, 2, WAVE_GAP, WAVE_GAP, 3, 4]))
    expect(lines(buffer).map((l) => l.length)).toEqual([2, 2])
  })

  it('lifts the pen where the sweep begins again at the left', () => {
    const buffer = createWaveBuffer()
    const start = Math.ceil(T0 / 10_000) * 10_000 - 500
    buffer.push(second(start))
    const drawn = lines(buffer)
    expect(drawn).toHaveLength(2)
    expect(drawn[0]?.at(-1)?.x).toBeGreaterThan(drawn[1]?.[0]?.x ?? 0)
  })

  it('leaves blank space ahead of the newest sample', () => {
    const buffer = createWaveBuffer()
    for (let s = 0; s < 20; s++) buffer.push(second(T0 + s * 1_000))
    const oldest = (buffer.headMs ?? 0) - 10_000 * (1 - 18 / 1_000)
    const all = lines(buffer).flat()
    expect(all.length).toBeLessThanOrEqual(Math.ceil(((buffer.headMs ?? 0) - oldest) / 40) + 1)
  })

  it('shows nothing newer than the moment it is played at', () => {
    const buffer = createWaveBuffer()
    buffer.push(second(T0))
    expect(lines(buffer, { playheadMs: T0 + 200 }).flat()).toHaveLength(6)
  })

  it('keeps to its scale: what lies outside is drawn at the edge', () => {
    expect([sweepY(-5, { low: 0, high: 10, heightPx: 100 }), sweepY(5, { low: 0, high: 10, heightPx: 100 }), sweepY(50, { low: 0, high: 10, heightPx: 100 })]).toEqual([100, 50, 0])
  })

  it('leaves out frames that repeat what is known, and forgets what no screen is wide enough for', () => {
    const buffer = createWaveBuffer()
    for (let s = 0; s < 200; s++) buffer.push(second(T0 + s * 1_000))
    buffer.push(second(T0 + 100_000))
    expect(buffer.headMs).toBe(T0 + 200_000)
    expect(buffer.runs.length).toBeLessThanOrEqual(122)
  })

  it('opens its scale at once for a signal without a unit, and closes it slowly', () => {
    const buffer = createWaveBuffer()
    buffer.push(frame(T0, Array.from({ length: 25 }, (_, i) => i % 10)))
    const first = nextScale(undefined, buffer, T0 + 1_000, 6_000)
    expect(first?.low).toBeCloseTo(-1.35)
    buffer.push(frame(T0 + 1_000, Array.from({ length: 25 }, (_, i) => (i % 10) * 10)))
    const next = nextScale(first, buffer, T0 + 2_000, 6_000)
    expect(next?.high).toBeGreaterThan(90)
    buffer.push(frame(T0 + 9_000, Array.from({ length: 25 }, (_, i) => i % 10)))
    const closing = nextScale(next, buffer, T0 + 10_000, 6_000)
    expect(closing?.high).toBeLessThan(next?.high ?? 0)
    expect(closing?.high).toBeGreaterThan(80)
  })
})

describe('a trace drawn strip by strip', () => {
  type Stretch = readonly [x0: number, y0: number, x1: number, y1: number]
  function stretches(buffer: ReturnType<typeof createWaveBuffer>, playheadMs: number, fromMs?: number): Stretch[] {
    const out: Stretch[] = []
    let [px, py] = [0, 0]
    drawTrace(buffer, { widthPx: 1_000, heightPx: 100, windowMs: 10_000, playheadMs, low: 0, high: 100 }, {
      move: (x, y) => { [px, py] = [x, y] },
      line: (x, y) => {
        out.push([px, py, x, y])
        ;[px, py] = [x, y]
      },
    }, fromMs)
    return out
  }
  const lengthOf = (of: readonly Stretch[]) => of.reduce((sum, [x0, , x1]) => sum + x1 - x0, 0)

  it('has the same line as one drawn at once, with the same gaps, however the pictures fall', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 5, max: 400 }), { minLength: 2, maxLength: 40 }), fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }), (steps, there) => {
      const buffer = createWaveBuffer()
      there.forEach((isThere, s) => isThere && buffer.push(frame(T0 + s * 1_000, Array.from({ length: 25 }, (_, i) => (i === 7 ? WAVE_GAP : (i * 37 + s * 11) % 100)))))
      let atMs = T0
      const strips: Stretch[] = []
      for (const step of steps) {
        strips.push(...stretches(buffer, atMs + step, atMs))
        atMs += step
      }
      const whole = stretches(buffer, atMs, T0)
      expect(lengthOf(strips)).toBeCloseTo(lengthOf(whole), 6)
      // Each strip lies on the line as a whole: nothing joins what was not measured.
      for (const [x0, y0, x1, y1] of strips.filter(([from, , to]) => to - from > 1e-6)) {
        const on = whole.find(([from, , to]) => from <= x0 + 1e-6 && to >= x1 - 1e-6)
        expect(on).toBeDefined()
        const [a, b, c, d] = on as Stretch
        const at = (x: number) => b + ((d - b) * (x - a)) / (c - a)
        expect(y0).toBeCloseTo(at(x0), 6)
        expect(y1).toBeCloseTo(at(x1), 6)
      }
    }), { seed: 20_261_129, numRuns: 200 })
  })

  it('costs a strip of a few pixels, clears only what lies ahead, and paints all of it anew when anything else changed', () => {
    const said: string[] = []
    const cleared: number[][] = []
    const ctx = new Proxy({ canvas: { width: 0, height: 0 } } as unknown as CanvasRenderingContext2D, {
      get: (of, name) => (name in of ? Reflect.get(of, name) : (...args: number[]) => {
        said.push(String(name))
        if (name === 'clearRect') cleared.push(args)
      }),
      set: () => true,
    })
    const painter = createPainter(ctx)
    const buffer = createWaveBuffer()
    for (let s = 0; s < 12; s++) buffer.push(second(T0 + s * 1_000))
    const sweep = { widthPx: 1_000, heightPx: 100, windowMs: 10_000, playheadMs: T0 + 8_000, low: 0, high: 10 }
    const look = { ink: 'green', note: 'grey', font: 'x', width: 2, skips: [], skipText: () => '' }
    painter.paint(buffer, sweep, look)
    expect(cleared.splice(0)).toEqual([[0, 0, 1_000, 100]])
    said.length = 0
    painter.paint(buffer, { ...sweep, playheadMs: T0 + 8_016 }, look)
    expect(said.filter((name) => name === 'lineTo').length).toBeLessThan(5)
    const ahead = cleared.splice(0)
    expect(ahead.every(([, , w = 0]) => w < 6)).toBe(true)
    painter.paint(buffer, { ...sweep, playheadMs: T0 + 8_032, high: 20 }, look)
    expect(cleared.splice(0)).toEqual([[0, 0, 1_000, 100]])
    painter.paint(buffer, { ...sweep, playheadMs: T0 + 8_048, high: 20 }, { ...look, ink: 'blue' })
    expect(cleared.splice(0)).toEqual([[0, 0, 1_000, 100]])
    painter.paint(buffer, { ...sweep, playheadMs: T0 + 11_000, high: 20 }, { ...look, ink: 'blue' })
    expect(cleared.splice(0)).toEqual([[0, 0, 1_000, 100]])
  })
})

describe('a pleth without its wander', () => {
  const values = (buffer: ReturnType<typeof createWaveBuffer>) => buffer.runs.flatMap((run) => [...run.values])
  const wave = (startMs: number, of: (seconds: number) => number) => frame(startMs, Array.from({ length: 25 }, (_, i) => Math.round(of((startMs - T0) / 1_000 + i / 25))))

  it('keeps the pulse and loses the drift', () => {
    const buffer = createWaveBuffer({ highPassHz: 0.4 })
    for (let s = 0; s < 20; s++) buffer.push(wave(T0 + s * 1_000, (t) => 900 * t + 500 * Math.sin(2 * Math.PI * 1.2 * t)))
    const settled = values(buffer).slice(250)
    expect(Math.max(...settled) - Math.min(...settled)).toBeGreaterThan(850)
    expect(Math.max(...settled) - Math.min(...settled)).toBeLessThan(1_050)
  })

  it('begins anew after a gap instead of drawing the step as a beat', () => {
    const buffer = createWaveBuffer({ highPassHz: 0.4 })
    buffer.push(second(T0, 1_000))
    buffer.push(second(T0 + 5_000, 20_000))
    expect(values(buffer).every((v) => v === 0)).toBe(true)
  })

  it('leaves a sample that is not there as not there', () => {
    const buffer = createWaveBuffer({ highPassHz: 0.4 })
    buffer.push(frame(T0, [5, WAVE_GAP, 5]))
    expect(values(buffer)).toEqual([0, Number.NaN, 0])
  })
})

describe('the player of a trace', () => {
  /** Plays for a while; a frame of one second comes whenever its second is over, later by `lateMs(n)`. */
  function play(forMs: number, lateMs: (n: number) => number = () => 0, stepMs = 20) {
    const player = createPlayer()
    const phases = new Set<string>()
    let head: number | undefined
    for (let t = 0; t <= forMs; t += stepMs) {
      for (let n = 0; n * 1_000 <= t; n++) if (t >= (n + 1) * 1_000 + lateMs(n)) head = Math.max(head ?? 0, T0 + (n + 1) * 1_000)
      player.advance(stepMs, head)
      if (t > 5_000) phases.add(player.phase)
    }
    return { player, phases, behindMs: T0 + forMs - (player.playheadMs ?? 0) }
  }

  it('waits until it holds a frame and a margin, then never stops while frames come on time', () => {
    const { phases, behindMs } = play(60_000)
    expect([...phases]).toEqual(['playing'])
    expect(behindMs).toBeLessThan(1_000 + MARGIN_MS + 200)
  })

  it('does not stop when frames are a little late', () => {
    const { phases } = play(60_000, (n) => (n * 97) % 300)
    expect([...phases]).toEqual(['playing'])
  })

  it('says that it buffers when a frame is missing for long, and stopped when nothing comes any more', () => {
    const { phases, player } = play(40_000, (n) => (n > 20 ? 1e9 : 0))
    expect(phases).toContain('buffering')
    expect(player.phase).toBe('stopped')
  })

  it('jumps to live and marks the jump when it fell more than two seconds behind', () => {
    const player = createPlayer()
    player.advance(20, T0)
    player.advance(20, T0 + 1_000)
    for (let i = 0; i < 20; i++) player.advance(20, T0 + 1_000)
    player.advance(20, T0 + 9_000)
    const [skip] = player.skips
    expect(player.skips).toHaveLength(1)
    expect((skip?.toMs ?? 0) - (skip?.fromMs ?? 0)).toBeGreaterThan(BEHIND_LIMIT_MS)
    expect(player.phase).toBe('playing')
  })

  it('jumps once after a tab slept, instead of replaying minutes', () => {
    const player = createPlayer()
    for (let s = 0; s < 5; s++) player.advance(1_000, T0 + s * 1_000)
    player.advance(20, T0 + 300_000)
    expect(player.skips).toHaveLength(1)
    expect(T0 + 300_000 - (player.playheadMs ?? 0)).toBeLessThan(BEHIND_LIMIT_MS + 5_000)
  })
})
