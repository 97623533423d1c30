import { describe, expect, it } from 'vitest'
import type { DemoBoard } from '@vigil/contract/api/demo'
import type { FakeCentral } from '../fake-central/fake-central.ts'
import { byName, fill, openApp } from '../support/open-app.ts'

const S1 = '00000000-0000-7000-8000-000000002000'
const boards: DemoBoard[] = [
  { deviceId: 'ST-0042', wardId: 'ward-3', bed: '01', stayId: S1, scenarios: ['desaturation', 'fever', 'probe_off', 'broker_down', 'calm'] },
  { deviceId: 'ST-0044', wardId: 'ward-3', bed: '03', scenarios: ['desaturation', 'apnoea', 'calm'] },
]
const withDemo = (central: FakeCentral) => void central.demo.boards.push(...boards)
const lines = () => [...document.querySelectorAll('.demo-list li')].map((li) => li.textContent ?? '')

describe('the demo menu', () => {
  it('is not there in a house without a demo ward', async () => {
    const { central, until } = await openApp({ path: '/ward/ward-3' })
    await until(() => expect(central.requests).toContain('GET /demo'))
    expect(document.querySelector('.demo-open')).toBeNull()
    expect(document.querySelector('.tour')).toBeNull()
  })

  it('plays a scenario, says asked until the board has said so, and ends it on demand', async () => {
    const { central, clock, until } = await openApp({ path: '/ward/ward-3', before: withDemo })
    await until(() => byName('button', 'Try the demo').click())
    await until(() => expect(lines()).toHaveLength(5))
    document.querySelectorAll<HTMLElement>('.demo-list button')[0]?.click()
    await until(() => expect(lines()[0]).toContain('asked at bed 01'))
    const [run] = central.demo.runs
    if (run) run.state = 'done'
    clock.advance(2_000)
    await until(() => expect(lines()[0]).toMatch(/plays at bed 01, another 1:2\d/))
    byName('button', 'End it').click()
    await until(() => expect(central.demo.runs.map(({ scenario }) => scenario)).toEqual(['calm', 'desaturation']))
  })

  it('says why a scenario cannot be played instead of hiding it', async () => {
    const { central, until } = await openApp({ path: '/ward/ward-3', before: withDemo })
    await until(() => byName('button', 'Try the demo').click())
    await until(() => expect(document.querySelector('.demo-bed')).not.toBeNull())
    const select = document.querySelector('.demo-bed') as HTMLSelectElement
    select.value = 'ST-0042'
    select.dispatchEvent(new Event('change', { bubbles: true }))
    await until(() => expect(lines()[1]).toContain('bed 01 has no sensor for this'))
    expect(central.demo.runs).toEqual([])
  })

  it('refuses a viewer with the reason', async () => {
    const { until } = await openApp({ path: '/ward/ward-3', user: 'viewer', before: withDemo })
    await until(() => byName('button', 'Try the demo').click())
    await until(() => expect(lines()[0]).toContain('Your role may not send commands'))
  })
})

describe('the guided tour', () => {
  it('is offered once, and stays away when it was put away', async () => {
    const { services, until } = await openApp({ path: '/ward/ward-3', before: withDemo })
    await until(() => expect(document.querySelector('.tour')?.textContent).toContain('New here?'))
    byName('.tour button', 'Not now').click()
    await until(() => expect(document.querySelector('.tour')).toBeNull())
    expect(services.preferences.tour).toBe(-1)
  })

  it('ticks the first step when the server confirmed the answer to an alarm, and shows the way to the next', async () => {
    const { central, until } = await openApp({ path: '/ward/ward-3', before: withDemo })
    await until(() => byName('.tour button', 'Start the tour').click())
    await until(() => byName('.tour button', 'Make an alarm').click())
    await until(() => expect(central.demo.runs[0]?.scenario).toBe('desaturation'))
    await until(() => expect(document.querySelector('.tour')?.textContent).toContain('on its way'))
    // That nobody hears the ward may be answered first: it is not the alarm of the patient.
    const { bedLabel: _bed, patient: _who, stayId: _stay, ...ward } = central.alarms.raise('bed-02', { condition: 'no_armed_screen', kind: 'technical', priority: 'low' })
    central.alarms.tell(ward)
    await until(() => expect(document.querySelector('.alarm-entry')).not.toBeNull())
    document.dispatchEvent(new KeyboardEvent('keydown', { key: 'a' }))
    await until(() => expect(central.alarms.open.get(ward.id)?.state).toBe('acknowledged'))
    expect(document.querySelector('.tour-done')?.textContent).not.toContain('Done')
    central.alarms.raise('bed-01', { condition: 'low:spo2', value: 84, worst: 84, limit: 90 })
    await until(() => expect(document.querySelector('.alarm-entry.alarm-high')).not.toBeNull())
    document.dispatchEvent(new KeyboardEvent('keydown', { key: 'a' }))
    await until(() => expect(document.querySelector('.tour-done')?.textContent).toContain('Done'))
    byName('.tour button', 'Next step').click()
    await until(() => expect(document.querySelector('.tour h2')?.textContent).toBe('Look back'))
    expect(document.querySelector<HTMLAnchorElement>('.tour a')?.getAttribute('href')).toBe(`/patient/${S1}/history`)
  })
})

describe('the end of the demo ward', () => {
  it('says what goes, what stays and how it comes back, asks for the word, and then says how the first patient is admitted', async () => {
    const { central, left, until, text, router } = await openApp({ path: '/settings', before: (c) => void (c.demo.contents = { patients: 12, devices: 14, wards: 1, kept: 2 }) })
    await until(() => byName('button', 'Remove the demo ward…').click())
    const dialog = () => document.querySelector('[role="dialog"]')?.textContent ?? ''
    await until(() => expect(dialog()).toContain('What goes for good: simulated patients 12, devices 14, wards 1.'))
    expect(dialog()).toContain('Nothing of a real patient is touched.')
    expect(dialog()).toContain('2 demo devices or wards stay')
    expect(dialog()).toContain('npm start -- --demo-again')
    byName('button', 'Remove for good').click()
    expect(central.requests).not.toContain('POST /demo/removal')
    fill(byName('input', /Type DEMO/), 'DEMO')
    await until(() => expect(byName('button', 'Remove for good').getAttribute('aria-disabled')).toBe('false'))
    byName('button', 'Remove for good').click()
    await until(() => expect(left).toEqual(['/']))
    await router.push('/')
    await until(() => expect(text()).toContain('Three steps to the first patient.'))
  })

  it('that takes longer than an answer is followed in words until it is done, or says why it is not', async () => {
    const contents = { patients: 12, devices: 14, wards: 1, kept: 0 }
    const { central, clock, left, until, text } = await openApp({ path: '/settings', before: (c) => void Object.assign(c.demo, { contents, removalTakesLong: true }) })
    await until(() => byName('button', 'Remove the demo ward…').click())
    fill(byName('input', /Type DEMO/), 'DEMO')
    await until(() => expect(byName('button', 'Remove for good').getAttribute('aria-disabled')).toBe('false'))
    byName('button', 'Remove for good').click()
    await until(() => expect(text()).toContain('Being removed, as admin asked.'))
    expect([document.querySelector('[role="dialog"]'), left]).toEqual([null, []])
    central.demo.contents = { ...contents, removal: { state: 'failed', since: '2026-03-01T00:00:00Z', by: 'admin', why: 'DATABASE_AWAY: PostgreSQL does not answer.' } }
    clock.advance(2_000)
    await until(() => expect(text()).toContain('the data are still there. Ask again. (DATABASE_AWAY: PostgreSQL does not answer.)'))
    expect(left).toEqual([])
    await until(() => byName('button', 'Remove the demo ward…').click())
    fill(byName('input', /Type DEMO/), 'DEMO')
    await until(() => expect(byName('button', 'Remove for good').getAttribute('aria-disabled')).toBe('false'))
    byName('button', 'Remove for good').click()
    await until(() => expect(text()).toContain('Being removed, as admin asked.'))
    central.demo.contents = { patients: 0, devices: 0, wards: 0, kept: 0 }
    clock.advance(2_000)
    await until(() => expect(left).toEqual(['/']))
  })

  it('is nobody\'s but an administrator\'s, and is not offered where there is nothing', async () => {
    const nurse = await openApp({ path: '/settings', user: 'nurse', before: (c) => void (c.demo.contents = { patients: 12, devices: 14, wards: 1, kept: 0 }) })
    await nurse.until(() => expect(nurse.text()).toContain('Where the wall hangs'))
    expect(nurse.text()).not.toContain('Remove the demo ward')
    expect(nurse.central.requests).not.toContain('GET /demo/contents')
  })
})
