import { describe, expect, it, onTestFinished } from 'vitest'
import { openApp } from '../support/open-app.ts'

const tile = (label: string) => [...document.querySelectorAll<HTMLElement>('[data-cell]')].find((e) => e.textContent?.includes(`Bed ${label}`) || e.querySelector('.tile-bed,.empty-label')?.textContent?.endsWith(label)) as HTMLElement
const vital = (label: string, signal: string) => [...tile(label).querySelectorAll<HTMLElement>('.vital')].find((e) => e.querySelector('.vital-label')?.textContent === signal) as HTMLElement

describe('the ward wall', () => {
  it('shows every bed in its place on one page, the empty one with Admit', async () => {
    const { until } = await openApp({ path: '/ward/ward-3', beds: 48 })
    await until(() => expect(document.querySelectorAll('[data-cell]')).toHaveLength(48))
    expect([...document.querySelectorAll('[data-cell]')].map((e) => e.getAttribute('data-cell'))).toEqual(Array.from({ length: 48 }, (_, i) => String(i)))
    expect(tile('02').textContent).toMatch(/Empty.*Admit/)
    expect(tile('02').getAttribute('href')).toBe('/admit?bed=bed-02')
    expect(document.querySelector('nav[aria-label*="page" i][aria-label*="next" i]')).toBeNull()
  })

  it('marks a demo ward in the bar and on every tile', async () => {
    const { until, text } = await openApp({ path: '/ward/ward-3' })
    await until(() => expect(text()).toContain('DEMO: not patients'))
    expect(document.querySelectorAll('.tile .tile-mode')).toHaveLength(11)
    expect(text()).not.toMatch(/\bOK\b/)
  })

  it('shows a new value within the frame that brings it', async () => {
    const { until, central, clock } = await openApp({ path: '/ward/ward-3' })
    await until(() => expect(vital('01', 'PR')).toBeTruthy())
    central.script('ST-0042', 'pr', { v: 123, t: 0 })
    clock.advance(1_000)
    central.tick()
    await until(() => expect(vital('01', 'PR').querySelector('.vital-number')?.textContent).toBe('123'))
  })

  it('says why there is no value, and what it last was', async () => {
    const { until, central, clock } = await openApp({ path: '/ward/ward-3' })
    await until(() => expect(vital('01', 'SpO₂')).toBeTruthy())
    central.script('ST-0042', 'spo2', { v: null, t: 0, x: 'off', was: { v: 97, t: clock.now() - 120_000 } })
    central.tick()
    await until(() => expect(vital('01', 'SpO₂').textContent).toContain('finger off'))
    expect(vital('01', 'SpO₂').textContent).toContain('97 · 2 min ago')
    expect(vital('01', 'SpO₂').querySelector('.vital-number')?.textContent).toBe('--')
  })

  it('lets a silent device grow late, then stale, by the screen itself, while another one stays live', async () => {
    const { until, central, clock } = await openApp({ path: '/ward/ward-3' })
    await until(() => expect(vital('01', 'PR')?.className).toContain('is-live'))
    const fake = central.world.devices.get('ST-0042')
    if (fake) fake.silent = true
    for (let s = 0; s < 4; s++) {
      clock.advance(1_000)
      central.tick()
    }
    await until(() => {
      expect(vital('01', 'PR').className).toContain('is-late')
      expect(vital('01', 'PR').querySelector('.vital-badge')?.textContent).toBe('4 s')
    })
    for (let s = 0; s < 2; s++) {
      clock.advance(1_000)
      central.tick()
    }
    await until(() => {
      expect(vital('01', 'PR').className).toContain('is-stale')
      expect(vital('01', 'PR').querySelector('.vital-number')?.textContent).toBe('--')
      expect(vital('04', 'PR').className).toContain('is-live')
    })
  })

  it('hatches the tile of a device that is offline and names the cause', async () => {
    const { until, central } = await openApp({ path: '/ward/ward-3' })
    await until(() => expect(vital('05', 'PR')).toBeTruthy())
    central.silence('ST-0046')
    await until(() => expect(tile('05').className).toContain('tile-offline'))
    expect(tile('05').textContent).toMatch(/Device offline since \d\d:\d\d$/)
  })

  it('says that a bed without a device is not monitored', async () => {
    const { until } = await openApp({ path: '/ward/ward-3' })
    await until(() => expect(tile('10')?.textContent).toContain('No device linked'))
  })

  it('is one tab stop: arrow keys move, Enter would open', async () => {
    const { until } = await openApp({ path: '/ward/ward-3' })
    await until(() => expect(tile('01')).toBeTruthy())
    const stops = () => [...document.querySelectorAll('[data-cell][tabindex="0"]')].map((e) => e.getAttribute('data-cell'))
    expect(stops()).toEqual(['0'])
    tile('01').dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight', bubbles: true }))
    await until(() => expect(stops()).toEqual(['1']))
    expect(document.activeElement?.getAttribute('data-cell')).toBe('1')
  })

  it('shows skeletons in the places of the beds until the ward is known', async () => {
    await openApp({ path: '/ward/ward-3', before: (central) => { central.frozen = true } })
    expect(document.querySelectorAll('.wall-grid > li .skeleton')).toHaveLength(12)
    expect(document.querySelector('.wall-grid')?.getAttribute('aria-busy')).toBe('true')
    expect(document.querySelectorAll('.vital')).toHaveLength(0)
  })

  it('tells a person without the right that they lack it', async () => {
    const { until, text } = await openApp({ path: '/ward/ward-3', user: 'auditor' })
    await until(() => expect(text()).toContain('Your role may not see wards'))
  })

  it('says of an unknown ward that there is none', async () => {
    const { until, text } = await openApp({ path: '/ward/nowhere' })
    await until(() => expect(text()).toContain('There is no such ward'))
  })

  it('says that an empty ward is empty and what to do', async () => {
    const { until, text } = await openApp({ path: '/ward/ward-3', beds: 3, empty: [1, 2, 3] })
    await until(() => expect(text()).toContain('No patients yet: admit the first'))
  })

  it('hung on a wall does not sleep, moves its picture by two pixels a minute, and loads itself anew in an hour without alarms', async () => {
    const asked: string[] = []
    Object.defineProperty(navigator, 'wakeLock', { configurable: true, value: { request: async (kind: string) => { asked.push(kind); return { release: async () => undefined } } } })
    onTestFinished(() => void Reflect.deleteProperty(navigator, 'wakeLock'))
    const { until, central, clock, left, services } = await openApp({ path: '/ward/ward-3', user: 'wall' })
    const frame = () => document.querySelector<HTMLElement>('.wall-frame')?.style.transform
    await until(() => expect(frame()).toBe('translate(0px, 0px)'))
    expect(asked).toEqual(['screen'])
    clock.advance(60_000)
    await until(() => expect(frame()).toBe('translate(2px, 0px)'))
    /** To a second before the full hour, connected again and with so many alarms; then the second. */
    const toTheHour = async (alarms: number, ms: number) => {
      clock.advance(ms)
      await until(() => {
        central.tick()
        expect([services.live.phase.value, services.live.alarms.open.value.length]).toEqual(['open', alarms])
      })
      clock.advance(1_000)
    }
    await toTheHour(0, 3_539_000)
    expect(left).toHaveLength(1)
    central.alarms.raise('bed-06', { condition: 'low:spo2', value: 84, worst: 84, limit: 90 })
    await toTheHour(1, 3_599_000)
    expect(left).toHaveLength(1)
  })

  it('at a desk stays where it is and reloads nothing', async () => {
    const { until, clock, left } = await openApp({ path: '/ward/ward-3' })
    await until(() => expect(tile('01')).toBeTruthy())
    clock.advance(3_600_000)
    expect(document.querySelector<HTMLElement>('.wall-frame')?.style.transform).toBe('')
    expect(left).toEqual([])
  })
})
