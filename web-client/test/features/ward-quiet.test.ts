import { describe, expect, it } from 'vitest'
import type { FakeCentral } from '../fake-central/fake-central.ts'
import { byName, openApp } from '../support/open-app.ts'

const S6 = '00000000-0000-7000-8000-000000002005'
const tile = (cell: number) => document.querySelector<HTMLElement>(`[data-cell="${cell}"]`)?.textContent?.replace(/\s+/g, ' ')

const strip = () => document.querySelector('.quiet-strip')?.textContent?.replace(/\s+/g, ' ').trim()
const pauseAll = (c: FakeCentral, but: readonly string[] = []) => {
  for (const id of c.world.stays.keys()) if (!but.includes(id)) c.alarms.audio.set(id, { mode: 'paused', by: 'Ola', role: 'charge', until: c.alarms.iso(120_000) })
}

describe('the sound of a whole ward', () => {
  it('is paused at the wall, in its bar, where whoever is in charge stands; every page counts down in words, and ends it', async () => {
    const { until, text, central, router, clock } = await openApp({ path: '/ward/ward-3' })
    await until(() => expect(tile(5)).toContain('KOWALSKI'))
    expect(strip()).toBeUndefined()
    byName('button', 'Pause the sound of Ward 3 East 2 min…').click()
    await until(() => expect(text()).toContain('A new or worse alarm ends the pause for its patient at once.'))
    byName('button', 'Pause for 2 min').click()
    await until(() => expect(strip()).toMatch(/^Sound of Ward 3 East paused for (\d+) of \1 ?(2:00|1:5\d) left ?Sound on again$/))
    await until(() => expect(document.querySelector('.dialog')).toBeNull())
    clock.advance(30_000)
    await until(() => expect(strip()).toMatch(/1:(30|2\d) left/))
    await router.push('/devices')
    await until(() => byName('button', 'Sound on again').click())
    await until(() => expect(central.alarms.audio.get(S6)).toEqual({ mode: 'on' }))
    await until(() => expect(strip()).toBeUndefined())
  })

  it('is told as paused on a screen on the wall, in words, with no button at all', async () => {
    const { until } = await openApp({ path: '/ward/ward-3', user: 'wall', before: pauseAll })
    await until(() => expect(strip()).toMatch(/^Sound of Ward 3 East paused for (\d+) of \1 ?(2:00|1:5\d) left$/))
    expect(document.querySelector('.quiet-strip button, .bar-quiet')).toBeNull()
  })

  it('is not ON where it is armed and the whole ward is paused', async () => {
    const { until, central } = await openApp({ path: '/ward/ward-3' })
    await until(() => expect(tile(5)).toContain('KOWALSKI'))
    document.querySelector<HTMLElement>('.bar-sound')?.click()
    await until(() => byName('button', /^Yes/).click())
    await until(() => expect(document.querySelector('.bar-sound')?.textContent).toMatch(/ON/i))
    pauseAll(central)
    for (const id of central.world.stays.keys()) central.tellStay(id)
    await until(() => expect(document.querySelector('.bar-sound')?.textContent).toMatch(/^Sound paused (2:00|1:5\d)$/))
  })

  it('goes on being told when a new alarm ended the pause of its patient', async () => {
    const { until } = await openApp({ path: '/ward/ward-3', before: (c) => pauseAll(c, [S6]) })
    await until(() => expect(strip()).toMatch(/paused for 9 of 10/))
  })

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
    byName('button', /^Pause the sound of/).click()
    await until(() => expect(document.querySelector('.dialog-actions')?.textContent).toContain('Only a charge nurse or clinician may pause the sound of a ward'))
    expect(byName('button', 'Pause for 2 min').getAttribute('aria-disabled')).toBe('true')
    byName('button', 'Cancel').click()
    byName('a', /^Alarms/).click()
    await until(() => expect(document.querySelector('.alarms-quiet button')?.getAttribute('aria-disabled')).toBe('true'))
    expect(document.querySelector('.ward-quiet')?.textContent).toContain('Only a charge nurse or clinician may pause the sound of a ward')
  })
})
