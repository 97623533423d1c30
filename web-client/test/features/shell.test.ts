import { describe, expect, it } from 'vitest'
import { findBeds } from '../../src/shell/find-beds.ts'
import { manualClock } from '@vigil/contract/testing/manual-clock'
import { FakeCentral } from '../fake-central/fake-central.ts'
import { bedOf, wardOf } from '../fake-central/ward.ts'
import { byName, fill, NOW, openApp, type OpenedApp } from '../support/open-app.ts'

const strip = () => document.querySelector('.strip')?.textContent ?? ''
const connected = ({ until, text }: OpenedApp) => until(() => expect(text()).toContain('Live'))
/** A second at a time until it is so; a frame may still be on its way over the real socket when the test begins to wait. */
const passing = ({ until, clock }: OpenedApp, check: () => void) => until(() => {
  clock.advance(1_000)
  check()
})
function seconds(opened: OpenedApp, n: number, each: () => void = () => undefined): void {
  for (let s = 0; s < n; s++) {
    opened.clock.advance(1_000)
    each()
  }
}

describe('a screen that may not be relied on', () => {
  it('says nothing while the connection lives', async () => {
    const opened = await openApp({ path: '/ward/ward-3' })
    await connected(opened)
    expect(strip()).toBe('')
  })

  it('declares itself NOT LIVE ten seconds after the last word, names the time, and its numbers go stale', async () => {
    const opened = await openApp({ path: '/ward/ward-3' })
    await connected(opened)
    await opened.until(() => expect(document.querySelectorAll('.vital.is-live').length).toBeGreaterThan(10))
    opened.central.frozen = true
    await passing(opened, () => expect(strip()).toMatch(/No word from the central station for [5-9] s/))
    await passing(opened, () => expect(document.querySelector('[role="alert"]')?.textContent).toMatch(/^NOT LIVE since \d\d:\d\d:\d\d: do not rely on this screen/))
    expect(document.querySelectorAll('.vital.is-live')).toHaveLength(0)
    expect(document.querySelector('.bar-clock')?.textContent).toBe('--:--:--')
  })

  it('does not go on saying on the list of alarms that they are watched', async () => {
    const opened = await openApp({ path: '/alarms' })
    await opened.until(() => expect(opened.text()).toContain('Alarms of 11 patients are watched'))
    opened.central.frozen = true
    await passing(opened, () => expect(opened.text()).toMatch(/This list is as it was at \d\d:\d\d:\d\d. It is not live./))
    expect(opened.text()).not.toContain('patients are watched')
  })

  it('does not cry blind to a person whose role has no live values', async () => {
    const opened = await openApp({ path: '/ward/ward-3', user: 'auditor' })
    await opened.until(() => expect(opened.text()).toContain('No live values for your role'))
    seconds(opened, 30)
    await opened.until(() => expect(opened.text()).toContain('Your role may not see wards'))
    expect(strip()).toBe('')
    expect(opened.central.requests).not.toContain('GET /wards')
  })

  it('is heard at once and every half minute, and says so when the browser keeps it silent', async () => {
    const opened = await openApp({ path: '/ward/ward-3' })
    await connected(opened)
    opened.central.frozen = true
    await passing(opened, () => expect(document.querySelector('.strip-sound')).toBeTruthy())
    document.querySelector<HTMLElement>('.strip-sound')?.click()
    opened.clock.advance(300)
    await opened.until(() => expect(document.querySelector('.strip-sound')).toBeNull())
    const heard = opened.sound.played
    seconds(opened, 60)
    expect(opened.sound.played).toBe(heard + 2)
    opened.central.frozen = false
    opened.central.dropConnections()
    await passing(opened, () => expect(strip()).toBe(''))
    const after = opened.sound.played
    seconds(opened, 60, () => opened.central.heartbeat())
    expect(opened.sound.played).toBe(after)
  })

  it('shows how long it has been reconnecting, and is live again by itself', async () => {
    const opened = await openApp({ path: '/ward/ward-3' })
    await connected(opened)
    opened.central.dropConnections()
    await opened.until(() => expect(strip()).toMatch(/Reconnecting \(\d+ s\)\. Ages go on counting\./))
    opened.clock.advance(1_000)
    await opened.until(() => expect(strip()).toBe(''))
    expect(opened.central.watches.at(-1)).toMatchObject({ wards: ['ward-3'] })
  })

  it('says once that the tab was asleep, until it is read', async () => {
    const opened = await openApp({ path: '/ward/ward-3' })
    await connected(opened)
    opened.clock.stepWallClock(240_000)
    opened.clock.advance(1_000)
    opened.central.heartbeat()
    await opened.until(() => expect(document.body.textContent).toContain('This tab was asleep for 4 min'))
    byName('button', 'Dismiss').click()
    await opened.until(() => expect(document.body.textContent).not.toContain('asleep for'))
  })

  it('says when values are live but not stored', async () => {
    const opened = await openApp({ path: '/ward/ward-3' })
    await connected(opened)
    opened.central.durable = 'away'
    opened.central.heartbeat()
    await opened.until(() => expect(strip()).toContain('not being stored at the moment'))
  })

  it('says when the central station does not answer at all, and tries again by itself', async () => {
    const opened = await openApp({ path: '/sign-in', user: '' })
    await opened.central.close()
    await opened.router.push('/ward/ward-3')
    await opened.until(() => expect(opened.text()).toContain('The central station does not answer'))
    expect(opened.text()).not.toContain('Not allowed')
  })
})

describe('signing in and out', () => {
  it('brings a person back to where they were going', async () => {
    const { router, until, text } = await openApp({ path: '/devices', user: '' })
    expect(router.currentRoute.value.fullPath).toBe('/sign-in?from=/devices')
    expect(text()).toContain('Your session ended')
    fill(document.querySelector('[name="username"]') as HTMLElement, 'nurse')
    fill(document.querySelector('[name="password"]') as HTMLElement, 'nurse-secret')
    byName('button', 'Sign in').click()
    await until(() => expect(router.currentRoute.value.path).toBe('/devices'))
  })

  it('goes straight to the wall where there is one ward', async () => {
    const { router, until } = await openApp({ path: '/sign-in', user: '' })
    fill(document.querySelector('[name="username"]') as HTMLElement, 'nurse')
    fill(document.querySelector('[name="password"]') as HTMLElement, 'nurse-secret')
    byName('button', 'Sign in').click()
    await until(() => expect(router.currentRoute.value.path).toBe('/ward/ward-3'))
  })

  it('says that name or password is wrong without saying which', async () => {
    const { until, text, router } = await openApp({ path: '/sign-in', user: '' })
    fill(document.querySelector('[name="username"]') as HTMLElement, 'nurse')
    fill(document.querySelector('[name="password"]') as HTMLElement, 'wrong')
    byName('button', 'Sign in').click()
    await until(() => expect(text()).toContain('User name or password is not right.'))
    expect(router.currentRoute.value.path).toBe('/sign-in')
  })

  it('leaves the page when the session is over, by loading sign-in anew with the way back', async () => {
    const opened = await openApp({ path: '/ward/ward-3' })
    await connected(opened)
    opened.central.expireSessions()
    opened.central.dropConnections()
    await opened.until(() => expect(opened.left).toEqual(['/sign-in?from=%2Fward%2Fward-3']))
  })

  it('leaves nothing behind at sign-out', async () => {
    const opened = await openApp({ path: '/ward/ward-3' })
    await connected(opened)
    byName('button', 'Signed in as Alex Admin').dispatchEvent(new PointerEvent('pointerdown', { button: 0, bubbles: true }))
    byName('button', 'Signed in as Alex Admin').click()
    await opened.until(() => expect(byName('[role="menuitem"]', 'Sign out')).toBeTruthy())
    byName('[role="menuitem"]', 'Sign out').click()
    await opened.until(() => expect(opened.left).toEqual(['/sign-in']))
    expect(opened.services.session.signedIn.value).toBe(false)
  })
})

describe('finding a patient', () => {
  const central = new FakeCentral({ clock: manualClock(NOW), mode: 'real' })
  const wards = central.world.wards.map((ward) => wardOf(central, ward))

  it('needs the first letters of the name, the number or the bed, without accents', () => {
    expect(findBeds(wards, 'kow').map((f) => f.name)).toEqual(['KOWALSKI, Petr (Ms)'])
    expect(findBeds(wards, 'garcia').map((f) => f.place)).toEqual(['Ward 3 East · 08'])
    expect(findBeds(wards, '08').map((f) => f.name)).toEqual(['GARCÍA MÁRQUEZ, Reza (Mr)'].filter((n) => findBeds(wards, '08').some((f) => f.name === n)))
    expect(findBeds(wards, '08')).toHaveLength(1)
    expect(findBeds(wards, 'owalski')).toEqual([])
    expect(findBeds(wards, ' ')).toEqual([])
    expect(bedOf(central, { id: 'x', label: 'x', stay: undefined }).latest).toEqual({})
  })

  it('takes / and three letters and Enter from anywhere', async () => {
    const { until, router } = await openApp({ path: '/devices' })
    await until(() => expect(document.querySelector('.devices')).toBeTruthy())
    document.body.dispatchEvent(new KeyboardEvent('keydown', { key: '/', bubbles: true }))
    await until(() => expect(document.querySelector('[role="combobox"]')).toBeTruthy())
    const input = document.querySelector('[role="combobox"]') as HTMLInputElement
    fill(input, 'kow')
    await until(() => expect(document.querySelectorAll('[role="option"]')).toHaveLength(1))
    input.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }))
    await until(() => expect(router.currentRoute.value.path).toMatch(/^\/patient\/.*\/live$/))
  })
})

describe('language and theme', () => {
  it('are changed without losing the page', async () => {
    const { until, text, services } = await openApp({ path: '/ward/ward-3' })
    await until(() => expect(text()).toContain('Sound: off: tap'))
    services.preferences.language = 'es'
    await until(() => expect(text()).toContain('Sonido: apagado: toque'))
    expect(document.documentElement.lang).toBe('es')
    document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'n', bubbles: true }))
    await until(() => expect(document.documentElement.dataset['theme']).toBe('night'))
  })
})
