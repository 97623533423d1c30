import { describe, expect, it } from 'vitest'
import { byName, openApp } from '../support/open-app.ts'

const S6 = '00000000-0000-7000-8000-000000002005'
const tile = (cell: number) => document.querySelector<HTMLElement>(`[data-cell="${cell}"]`)?.textContent?.replace(/\s+/g, ' ')

describe('the sound of a whole ward', () => {
  it('is paused for two minutes by who is in charge, after reading what that means; every tile counts down, and it is on again by one press', async () => {
    const { until, text, central, router } = await openApp({ path: '/ward/ward-3' })
    await until(() => expect(tile(5)).toContain('KOWALSKI'))
    await router.push('/alarms')
    await until(() => {
      byName('button', 'Pause the sound of Ward 3 East 2 min…').click()
      expect(text()).toContain('A new or worse alarm ends the pause for its patient at once.')
    })
    byName('button', 'Pause for 2 min').click()
    await until(() => expect(central.alarms.audio.get(S6)).toMatchObject({ mode: 'paused', by: 'Alex Admin' }))
    await until(() => expect(text()).toMatch(/Sound of Ward 3 East paused for (\d+) of \1/))
    await router.push('/ward/ward-3')
    await until(() => expect(tile(5)).toMatch(/Sound paused (2:00|1:5\d) ?Alex Admin/))
    await router.push('/alarms')
    await until(() => byName('button', 'Sound on again').click())
    await until(() => expect(central.alarms.audio.get(S6)).toEqual({ mode: 'on' }))
  })

  it('can be paused although one patient\'s is already, which is told beside it', async () => {
    const { until, text, router } = await openApp({ path: '/ward/ward-3', before: (c) => void c.alarms.audio.set(S6, { mode: 'paused', by: 'Li Wei', role: 'nurse', until: new Date(c.clock.now() + 600_000).toISOString() }) })
    await until(() => expect(tile(5)).toContain('KOWALSKI'))
    await router.push('/alarms')
    await until(() => expect(text()).toMatch(/Sound of Ward 3 East paused for 1 of \d+/))
    expect(byName('button', /^Pause the sound of/).getAttribute('aria-disabled')).toBe('false')
    expect(byName('button', 'Sound on again')).toBeTruthy()
  })

  it('is not for everybody: a nurse reads whom to ask', async () => {
    const { until } = await openApp({ path: '/ward/ward-3', user: 'nurse' })
    await until(() => expect(tile(5)).toContain('KOWALSKI'))
    byName('a', /^Alarms/).click()
    await until(() => expect(byName('button', /^Pause the sound of/).getAttribute('aria-disabled')).toBe('true'))
    expect(document.querySelector('.ward-quiet')?.textContent).toContain('Only a charge nurse or clinician may pause the sound of a ward')
  })
})
