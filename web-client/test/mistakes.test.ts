import { describe, expect, it } from 'vitest'
import { onePerPatient } from '../src/alarms/one-per-patient.ts'
import { chooseSound } from '../src/alarms/choose-sound.ts'
import { burstOf } from '../src/sound/burst.ts'
import { chartConfig, datasetsOf } from '../src/ui/chart/chart-config.ts'
import { panelsOf } from '../src/ui/chart/panels.ts'
import { linesOf, outsideScale } from '../src/ui/chart/series.ts'
import { createPainter } from '../src/ui/wave/paint.ts'
import { createPlayer } from '../src/ui/wave/player.ts'
import { Refusal } from './fake-central/refusal.ts'
import { byName, NOW, openApp } from './support/open-app.ts'

// Fifteen faults of other monitoring systems, each with the test that keeps it out of this one.
const S6 = '00000000-0000-7000-8000-000000002005'
const tile = (cell: number) => document.querySelector<HTMLElement>(`[data-cell="${cell}"]`)
const vital = (cell: number, label: string) => [...(tile(cell)?.querySelectorAll<HTMLElement>('.vital') ?? [])].find((e) => e.querySelector('.vital-label')?.textContent === label)
const spo2 = { condition: 'low:spo2', value: 86, worst: 84, limit: 90 } as const

describe('a mistake of others that is not ours', () => {
  it('1 · a frozen value shown as live: it grows stale although the connection is alive', async () => {
    const { until, central, clock } = await openApp({ path: '/ward/ward-3' })
    await until(() => expect(vital(0, 'PR')?.className).toContain('is-live'))
    const fake = central.world.devices.get('ST-0042')
    if (fake) fake.silent = true
    for (let s = 0; s < 7; s++) {
      clock.advance(1_000)
      central.tick()
    }
    await until(() => expect(vital(0, 'PR')?.className).toContain('is-stale'))
    expect(vital(0, 'PR')?.querySelector('.vital-number')?.textContent).toBe('--')
  })

  it('2 · nothing shown unless everything arrives: one clip alone shows its value', async () => {
    const { until, central } = await openApp({ path: '/ward/ward-3', before: (c) => {
      const fake = c.world.devices.get('ST-0042')
      if (!fake) return
      fake.silent = true
      fake.latest = { spo2: { v: 97, t: c.clock.now() } }
    } })
    await until(() => expect(vital(0, 'SpO₂')?.querySelector('.vital-number')?.textContent).toBe('97'))
    expect(vital(0, 'PR')?.textContent).toContain('no reading yet')
    await until(() => expect(central.watches.length).toBeGreaterThan(0))
    // A live frame about another value changes neither.
    central.tell({ type: 'values', devices: [{ device: 'ST-0042', values: { rr: { v: 15, t: central.clock.now() } } }] })
    await until(() => expect(vital(0, 'RR')?.querySelector('.vital-number')?.textContent).toBe('15'))
    expect(vital(0, 'SpO₂')?.querySelector('.vital-number')?.textContent).toBe('97')
    expect(vital(0, 'PR')?.textContent).toContain('no reading yet')
  })

  it('3 · a waveform silently behind: it jumps to now, marks what it skipped, and the mark is painted', () => {
    const player = createPlayer()
    let head = 1_000
    for (let i = 0; i < 20; i++) player.advance(100, (head += 100))
    player.advance(16, head + 60_000)
    expect(player.skips.at(-1)).toBeDefined()
    expect(head + 60_000 - (player.playheadMs ?? 0)).toBeLessThan(5_000)
    const written: string[] = []
    const ctx = new Proxy({ canvas: {} } as unknown as CanvasRenderingContext2D, { get: (of, name) => (name === 'canvas' ? of.canvas : (text: string) => void (name === 'fillText' && written.push(text))), set: () => true })
    const sweep = { widthPx: 800, heightPx: 100, windowMs: 8_000, playheadMs: player.playheadMs ?? 0, low: 0, high: 1 }
    createPainter(ctx).paint({ runs: [], headMs: head }, sweep, { ink: '', note: '', font: '', width: 2, skips: player.skips, skipText: (ms) => `skipped ${Math.round(ms / 1_000)} s` })
    expect(written).toEqual([expect.stringMatching(/^skipped 5\d s$/)])
  })

  it('4 · patients hidden by pagination: all 48 beds are on the one page', async () => {
    const { until } = await openApp({ path: '/ward/ward-3', beds: 48 })
    await until(() => expect(document.querySelectorAll('[data-cell]')).toHaveLength(48))
  })

  it('5 · "OK" that means "a number exists": 60 % is a number in its place, and nothing says OK', async () => {
    const { until, central, text } = await openApp({ path: '/ward/ward-3', before: (c) => c.script('ST-0042', 'spo2', { v: 60, t: 0 }) })
    await until(() => expect(vital(0, 'SpO₂')?.querySelector('.vital-number')?.textContent).toBe('60'))
    expect(text()).not.toMatch(/\bOK\b|\bnormal\b/i)
    central.script('ST-0042', 'spo2', { v: 0, t: 0 })
    central.tick()
    await until(() => expect(vital(0, 'SpO₂')?.querySelector('.vital-number')?.textContent).toBe('0'))
  })

  it('6 · the age of another value: each value counts from its own time', async () => {
    const { until, clock, central } = await openApp({ path: '/ward/ward-3' })
    await until(() => expect(vital(0, 'PR')).toBeTruthy())
    central.script('ST-0042', 'spo2', { v: 97, t: clock.now() })
    for (let s = 0; s < 4; s++) {
      clock.advance(1_000)
      central.tick()
    }
    await until(() => expect(vital(0, 'SpO₂')?.querySelector('.vital-badge')?.textContent).toBe('4 s'))
    // The frame with its newest value may still be on its way when the clock has moved.
    await until(() => expect(vital(0, 'PR')?.className).toContain('is-live'))
  })

  it('7 · a patient that is only a number: bed and name on the tile, two identifiers in the banner', async () => {
    const { until, router } = await openApp({ path: '/ward/ward-3' })
    await until(() => expect(tile(5)?.textContent).toMatch(/06.*KOWALSKI/))
    await router.push(`/patient/${S6}/live`)
    await until(() => expect(document.querySelector('.banner')?.textContent).toMatch(/KOWALSKI, .*Born \d\d-\w{3}-19\d\d.*No\. \d{3} \d{3} \d{4}.*Bed 06/))
  })

  it('8 · sent taken for done: a command says what the device said, and what it did not say', async () => {
    const { until, text, central } = await openApp({ path: `/patient/${S6}/remote` })
    await until(() => expect(byName('button', 'Measure now')).toBeTruthy())
    byName('button', 'Measure now').click()
    await until(() => expect(text()).toContain('queued: waits for the device'))
    expect(document.querySelector('.remote-status')?.textContent).not.toContain('done')
    central.moveCommand('ST-0047', 'unknown')
    await until(() => expect(text()).toContain('We do not know whether it happened'))
  })

  it('9 · alarms that live in a tab: a screen opened later shows them, and what another screen answered', async () => {
    const { until, text } = await openApp({ path: '/ward/ward-3', before: (c) => {
      const alarm = c.alarms.raise('bed-06', spo2)
      c.alarms.tell({ ...alarm, state: 'acknowledged', acknowledgedBy: 'Li Wei', acknowledgedAt: c.alarms.iso() })
      c.alarms.raise('bed-07', spo2)
    } })
    await until(() => expect(text()).toContain('owned by Li Wei'))
    expect(tile(6)?.textContent).toContain('unanswered')
  })

  it('10 · a muted alarm or changed limit nobody finds: both stand in words on the tile', async () => {
    const { until } = await openApp({ path: '/ward/ward-3', before: (c) => {
      c.alarms.audio.set(S6, { mode: 'off', by: 'Dr Roy', role: 'clinician', reason: 'Comfort care', since: c.alarms.iso() })
      const limits = c.alarms.limitsOf(S6)
      c.alarms.limits.set(S6, { ...limits, off: [{ condition: 'apnoea', by: 'Dr Roy', role: 'clinician', at: c.alarms.iso(), reason: 'x' }] })
    } })
    await until(() => expect(tile(5)?.textContent).toMatch(/Sound OFF.*No breathing alarm OFF/))
  })

  it('11 · colour alone: each alarm has a shape, marks and a word; nothing pulses that is no measurement', async () => {
    const { until } = await openApp({ path: '/ward/ward-3', before: (c) => {
      c.alarms.raise('bed-06', spo2)
      c.alarms.raise('bed-07', { ...spo2, priority: 'medium' })
      c.alarms.raise('bed-09', { ...spo2, priority: 'low' })
    } })
    await until(() => expect(document.querySelectorAll('.tile-alarm')).toHaveLength(3))
    const shapes = [...document.querySelectorAll('.tile-alarm path')].map((path) => path.getAttribute('d'))
    expect(new Set(shapes).size).toBe(3)
    expect(new Set([...document.querySelectorAll('.tile-alarm')].map((e) => /(!+)\s*(HIGH|MED|LOW)/.exec(e.textContent ?? '')?.slice(1).join(' ')))).toEqual(new Set(['! LOW', '!! MED', '!!! HIGH']))
  })

  it('12 · joined gaps and silent averaging: a line breaks where nothing was measured', () => {
    const minute = 60_000
    const lines = linesOf([[0, 60, 61, 62], [minute, 60, 61, 62], [8 * minute, 70, 71, 72], [9 * minute, 70, 71, 72]], minute)
    expect(lines.mean.map(({ y }) => y)).toEqual([61, 61, Number.NaN, 71, 71])
    // The chart may not bridge what the data leave open, nor smooth it; the extremes behind each mean are drawn.
    const drawn = datasetsOf([{ label: 'PR', lines, colour: '#000', bandColour: '#ccc', dash: [] }])
    expect(drawn.map(({ spanGaps, tension }) => [spanGaps, tension])).toEqual([[false, 0], [false, 0], [false, 0]])
    expect(new Set(drawn.map(({ data }) => data[0]?.y))).toEqual(new Set([60, 61, 62]))
  })

  it('12 · charts that scale themselves: calm and crisis are drawn on the same fixed scale, and what lies beyond it is counted', () => {
    const [panel] = panelsOf(['spo2'])
    if (!panel) throw new TypeError('oxygen has a panel')
    const look = { ...panel, fromMs: 0, toMs: 3_000, grid: '', text: '', font: '', timeLabel: String, valueLabel: String }
    const scaleOf = (values: readonly number[]) => {
      const lines = linesOf(values.map((v, i) => [i * 1_000, v]), 1_000)
      const y = chartConfig([{ label: 'SpO₂', lines, colour: '', bandColour: '', dash: [] }], look, []).options?.scales?.['y']
      return [y?.min, y?.max]
    }
    expect([scaleOf([97, 98, 97]), scaleOf([60, 98, 75])]).toEqual([[70, 100], [70, 100]])
    expect(outsideScale([[0, 97], [1_000, 55]], 70, 100)).toBe(1)
  })

  it('12 · silent truncation: what the answer is made of, how much of what was due is there, and what is missing stand above it', async () => {
    const { until, text } = await openApp({ path: `/history?stay=${S6}&signals=spo2&from=${NOW - 30 * 86_400_000}&to=${NOW}` })
    await until(() => expect(text()).toMatch(/1-hour mean with minimum and maximum/))
    expect(text()).toMatch(/96 % of the expected samples/)
    expect(text()).toMatch(/1 gap/)
    expect(text()).toMatch(/312 samples arrived late/)
  })

  it('13 · the last patient’s values under a new name: what was measured before the stay is shown to nobody, whichever way it comes', async () => {
    const { until, central } = await openApp({ path: '/ward/ward-3', before: (c) => {
      const stay = c.world.wards[0]?.beds[0]?.stay
      if (stay) stay.admittedAt = c.alarms.iso(-5_000)
      const fake = c.world.devices.get('ST-0042')
      if (fake) fake.silent = true
      if (fake) fake.latest = { spo2: { v: 97, t: c.clock.now() } }
    } })
    await until(() => expect(vital(0, 'SpO₂')?.querySelector('.vital-number')?.textContent).toBe('97'))
    await until(() => expect(central.watches.length).toBeGreaterThan(0))
    central.tell({ type: 'values', devices: [{ device: 'ST-0042', values: { pr: { v: 99, t: central.clock.now() - 5_001 }, rr: { v: 15, t: central.clock.now() } } }] })
    await until(() => expect(vital(0, 'RR')?.querySelector('.vital-number')?.textContent).toBe('15'))
    expect(vital(0, 'PR')?.textContent).toContain('no reading yet')
    expect(tile(0)?.textContent).not.toContain('99')
  })

  it('14 · an error that is blank or raw: a sentence, what to do, and a way to try again', async () => {
    const { until, text, central } = await openApp({ path: '/alarms', before: (c) => void c.refusals.set('GET /alarms', new Refusal('INTERNAL', 'boom')) })
    await until(() => expect(text()).toContain('The central station had a fault. Try again; if it stays so, tell the operator.'))
    expect(text()).not.toContain('No alarms')
    central.refusals.clear()
    byName('button', 'Try again').click()
    await until(() => expect(text()).toContain('No alarms'))
  })

  it('15 · a flood of alarms: one entry and one sound for a patient, however many conditions', async () => {
    const { until, central } = await openApp({ path: '/ward/ward-3' })
    await until(() => expect(tile(5)?.textContent).toContain('KOWALSKI'))
    for (const condition of ['low:spo2', 'desat:spo2', 'high:pr', 'high:rr']) central.alarms.raise('bed-06', { ...spo2, condition })
    await until(() => expect(document.querySelector('.alarm-entry')?.textContent).toContain('+3'))
    expect(document.querySelectorAll('.alarm-entry')).toHaveLength(1)
    expect(onePerPatient([...central.alarms.open.values()])).toHaveLength(1)
  })

  it('15 · a flood of one volume: the most urgent alone is heard, each priority in its own rhythm, an owned one no more, another patient’s goes on', async () => {
    const { central } = await openApp({ path: '/ward/ward-3' })
    const { alarms } = central
    const low = alarms.raise('bed-09', { ...spo2, priority: 'low' })
    const medium = alarms.raise('bed-07', { ...spo2, priority: 'medium' })
    const high = alarms.raise('bed-06', spo2)
    const heard = (paused: readonly string[] = []) => chooseSound([...alarms.open.values()], (stay) => (paused.includes(stay) ? { mode: 'off' } : undefined), central.clock.now())
    const own = (alarm: typeof high) => alarms.tell({ ...alarm, state: 'acknowledged', acknowledgedBy: 'Li Wei', acknowledgedAt: alarms.iso() })
    expect(heard()).toMatchObject({ priority: 'high', key: expect.stringContaining(high.id) })
    expect(heard([high.stayId ?? ''])).toMatchObject({ priority: 'medium', key: expect.stringContaining(medium.id) })
    own(high)
    expect(heard()).toMatchObject({ priority: 'medium' })
    own(medium)
    expect(heard()).toMatchObject({ priority: 'low', key: expect.stringContaining(low.id) })
    own(low)
    expect(heard()).toBeUndefined()
    expect((['high', 'medium', 'low'] as const).map((priority) => burstOf(priority).length)).toEqual([10, 3, 2])
  })

  it('15 · a flood nobody measures or owns: who has an alarm stands on it, and the load is counted by day, bed and condition', async () => {
    const { until, text, router } = await openApp({ path: '/alarms', before: (c) => {
      const alarm = c.alarms.raise('bed-06', spo2)
      c.alarms.tell({ ...alarm, state: 'acknowledged', acknowledgedBy: 'Li Wei', acknowledgedAt: c.alarms.iso() })
    } })
    await until(() => expect(document.querySelector('.alarm-row')?.textContent).toContain('owned by Li Wei'))
    await router.push('/alarms?show=load')
    await until(() => expect(text()).toMatch(/Per bed and day.*Median time to answer.*By bed, noisiest first.*By condition/))
  })
})
