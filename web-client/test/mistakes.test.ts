import { describe, expect, it } from 'vitest'
import { onePerPatient } from '../src/alarms/one-per-patient.ts'
import { linesOf } from '../src/ui/chart/series.ts'
import { createPainter } from '../src/ui/wave/paint.ts'
import { createPlayer } from '../src/ui/wave/player.ts'
import { Refusal } from './fake-central/refusal.ts'
import { byName, openApp } from './support/open-app.ts'

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
    const { mean } = linesOf([[0, 60, 61, 62], [minute, 60, 61, 62], [8 * minute, 70, 71, 72], [9 * minute, 70, 71, 72]], minute)
    expect(mean.map(({ y }) => y)).toEqual([61, 61, Number.NaN, 71, 71])
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
})
