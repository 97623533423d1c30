import { describe, expect, it } from 'vitest'
import { byName, fill, openApp } from '../support/open-app.ts'

const range = () => document.querySelector<HTMLInputElement>('.sound-range')
const floor = () => byName('select', /^Least volume of the screens of Ward 3 East/)

describe('how quiet a screen may be', () => {
  it('is said for a ward by who is in charge, and holds at once on a screen that is set quieter', async () => {
    const { until, text, central, services, router } = await openApp({ path: '/ward/ward-3' })
    await until(() => expect(text()).toContain('KOWALSKI'))
    services.preferences.volume = 30
    await router.push('/settings')
    await until(() => expect(text()).toContain('Volume of this screen: 30 %'))
    expect(range()?.min).toBe('20')
    fill(floor(), '80')
    await until(() => expect(central.world.wards.find(({ id }) => id === 'ward-3')?.soundFloor).toBe(80))
    await until(() => expect(text()).toContain('Volume of this screen: 80 %'))
    expect(range()?.min).toBe('80')
    expect(text()).toContain('Not below 80 % here.')
  })

  it('is read, not set, by a nurse, with whom to ask', async () => {
    const { until, text, router } = await openApp({ path: '/ward/ward-3', user: 'nurse' })
    await until(() => expect(text()).toContain('KOWALSKI'))
    await router.push('/settings')
    await until(() => expect(floor()).toHaveProperty('disabled', true))
    expect(text()).toContain('Only a charge nurse or clinician may set the least volume of a ward')
  })
})
