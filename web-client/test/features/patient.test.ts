import { afterEach, describe, expect, it } from 'vitest'
import { Refusal } from '../fake-central/refusal.ts'
import { byName, fill, openApp, type OpenedApp } from '../support/open-app.ts'

const S6 = '00000000-0000-7000-8000-000000002005'
const S10 = '00000000-0000-7000-8000-000000002009'
const banner = () => (document.querySelector('.banner')?.textContent ?? '').replace(/\s+/g, ' ')
const dialog = () => document.querySelector('[role="dialog"]') as HTMLElement

async function patient(path = `/patient/${S6}`, options: Parameters<typeof openApp>[0] = {}): Promise<OpenedApp> {
  const opened = await openApp({ path, ...options })
  await opened.until(() => expect(banner()).toContain('Born'))
  return opened
}
async function choose({ until }: OpenedApp, action: string): Promise<void> {
  const button = byName('button', 'Change stay')
  button.dispatchEvent(new PointerEvent('pointerdown', { button: 0, bubbles: true }))
  button.click()
  await until(() => expect(byName('[role="menuitem"]', action)).toBeTruthy())
  byName('[role="menuitem"]', action).click()
}

describe('the patient page', () => {
  it('says who this is in the form of the patient banner', async () => {
    const { until } = await patient()
    await until(() => expect(banner()).toMatch(/KOWALSKI, Petr \(Ms\) ?Born 15-Mar-1968 \(58y\) ?Female ?No\. 133 555 9257 ?Bed 06/))
  })

  it('opens on the live tab, and every tab is an address', async () => {
    const { router } = await patient()
    expect(router.currentRoute.value.path).toBe(`/patient/${S6}/live`)
    expect([...document.querySelectorAll('.tab')].map((a) => a.getAttribute('href'))).toEqual(['live', 'replay', 'trends', 'limits', 'remote', 'history'].map((tab) => `/patient/${S6}/${tab}`))
  })

  it('shows live values with quality, time and device, and asks for the traces only here', async () => {
    const { until, central, router } = await patient()
    await until(() => expect(central.watches.at(-1)).toMatchObject({ waves: ['ST-0047'], wards: ['ward-3'] }))
    await until(() => expect(document.querySelector('.values tbody')?.textContent).toMatch(/Pulse rate92 of 100.*ST-0047/))
    await router.push(`/patient/${S6}/remote`)
    await until(() => expect(central.watches.at(-1)).toMatchObject({ waves: [], devices: ['ST-0047'] }))
  })

  it('has words for its traces, for those who cannot see a canvas', async () => {
    const { until, central, clock } = await patient()
    await until(() => expect(central.watches.at(-1)).toMatchObject({ waves: ['ST-0047'] }))
    expect(byName('canvas', /^Pleth trace\. no trace received yet$/)).toBeTruthy()
    expect(document.body.textContent).toContain('25 mm/s')
    expect(document.body.textContent).toContain('6.25 mm/s')
    clock.advance(1_000)
    central.tick()
    await until(() => expect(byName('canvas', /^Pleth trace\. (buffering|\d)/)).toBeTruthy())
  })

  it('goes to the next and previous patient by bed, keeping the tab', async () => {
    const { until, router } = await patient(`/patient/${S6}/remote`)
    await until(() => expect(byName('button', 'Next bed').hasAttribute('disabled')).toBe(false))
    document.body.dispatchEvent(new KeyboardEvent('keydown', { key: ']', bubbles: true }))
    await until(() => expect(router.currentRoute.value.path).toBe('/patient/00000000-0000-7000-8000-000000002006/remote'))
    await until(() => expect(banner()).toContain('IBRAHIM'))
    document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }))
    await until(() => expect(router.currentRoute.value.path).toBe('/ward/ward-3'))
  })

  it('says once that there is no device, instead of empty numbers without a reason', async () => {
    const { until, text } = await patient(`/patient/${S10}/live`)
    await until(() => expect(text()).toContain('No device linked'))
    expect(document.querySelectorAll('canvas')).toHaveLength(0)
  })

  it('discharges after saying what that does, and goes back to the ward', async () => {
    const opened = await patient()
    await choose(opened, 'Discharge')
    await opened.until(() => expect(dialog().textContent).toContain('Bed 06 becomes empty on the wall.'))
    expect(dialog().textContent).toContain('ST-0047 is unlinked and free for another patient.')
    byName('[role="dialog"] button', 'Discharge KOWALSKI').click()
    await opened.until(() => expect(opened.router.currentRoute.value.path).toBe('/ward/ward-3'))
    expect(opened.central.world.stays.get(S6)?.dischargedAt).toBeDefined()
    // A slip of the finger is taken back within half a minute, and not after it.
    await opened.until(() => expect(byName('button', 'Undo (30 s)')).toBeTruthy())
    byName('button', 'Undo (30 s)').click()
    await opened.until(() => expect(opened.router.currentRoute.value.path).toBe(`/patient/${S6}/live`))
    expect(opened.central.world.stays.get(S6)?.dischargedAt).toBeUndefined()
  })

  it('transfers to a free bed', async () => {
    const opened = await patient()
    await choose(opened, 'Transfer to another bed')
    await opened.until(() => expect(byName('[role="dialog"] button', '02Free')).toBeTruthy())
    byName('[role="dialog"] button', '02Free').click()
    await opened.until(() => expect(banner()).toContain('Bed 02'))
    for (let s = 0; s < 31; s++) opened.clock.advance(1_000)
    await opened.until(() => expect(opened.text()).not.toContain('Undo ('))
  })

  it('swaps two patients, and swaps them back on Undo', async () => {
    const opened = await patient()
    await choose(opened, 'Transfer to another bed')
    await opened.until(() => expect(byName('[role="dialog"] button', /^01swap with/)).toBeTruthy())
    byName('[role="dialog"] button', /^01swap with/).click()
    await opened.until(() => expect(banner()).toContain('Bed 01'))
    expect(opened.central.world.wards[0]?.beds[5]?.stay?.patient.familyName).toBe('Nguyen')
    await opened.until(() => expect(byName('button', 'Undo (30 s)')).toBeTruthy())
    byName('button', 'Undo (30 s)').click()
    await opened.until(() => expect(banner()).toContain('Bed 06'))
  })

  it('does not take a device from another patient: it says whose it is', async () => {
    const opened = await patient(`/patient/${S10}/live`)
    await choose(opened, 'Link a device')
    await opened.until(() => expect(dialog().querySelectorAll('option').length).toBeGreaterThan(5))
    const taken = [...dialog().querySelectorAll('option')].find((o) => o.value === 'ST-0042') as HTMLOptionElement
    expect([taken.disabled, taken.textContent]).toEqual([true, 'ST-0042 · online · linked to bed 01'])
    fill(dialog().querySelector('select') as HTMLElement, 'ST-0043')
    await opened.until(() => expect(byName('[role="dialog"] button', 'Link device').getAttribute('aria-disabled')).toBe('false'))
    byName('[role="dialog"] button', 'Link device').click()
    await opened.until(() => expect(banner()).toContain('ST-0043'))
  })

  it('keeps actions a viewer may not take in the menu, with the reason', async () => {
    const opened = await patient(undefined, { user: 'viewer' })
    const button = byName('button', 'Change stay')
    button.dispatchEvent(new PointerEvent('pointerdown', { button: 0, bubbles: true }))
    button.click()
    await opened.until(() => expect(byName('[role="menuitem"]', /^Discharge/).textContent).toContain('Your role may not change stays'))
  })

  it('says of an unknown patient that there is none', async () => {
    const { until, text } = await openApp({ path: '/patient/nobody/live' })
    await until(() => expect(text()).toContain('There is no such patient'))
  })
})

describe('the last day of a patient on a phone', () => {
  const viewport = (width: number) => (window as unknown as { happyDOM: { setViewport(size: { width: number }): void } }).happyDOM.setViewport({ width })
  const lines = () => [...document.querySelectorAll('.live-numbers .spark-line')].map((line) => line.getAttribute('d') ?? '')
  const asked = ({ central }: OpenedApp) => central.requests.filter((line) => line.endsWith('/history')).length
  afterEach(() => viewport(1_024))

  it('stands under each vital as the wall draws its quarter of an hour, broken where nothing was recorded', async () => {
    viewport(390)
    const opened = await patient(`/patient/${S6}/live`)
    await opened.until(() => expect(lines()).toHaveLength(6))
    // The record has one gap of an hour in this day.
    for (const line of lines()) expect(line.match(/M/g)).toHaveLength(2)
    expect(document.querySelectorAll('.live-numbers .spark-band').length).toBeGreaterThan(2)
    expect(byName('a', 'Lines: last 24 h, means of 15 min').getAttribute('href')).toBe(`/patient/${S6}/trends?range=24h`)
  })

  it('is renewed, and gone when no newer one came: an old course never stands behind a number of now', async () => {
    viewport(390)
    const opened = await patient(`/patient/${S6}/live`)
    await opened.until(() => expect(lines()).toHaveLength(6))
    const before = asked(opened)
    opened.clock.advance(300_000)
    opened.central.tick()
    await opened.until(() => expect(asked(opened)).toBeGreaterThan(before))
    opened.central.refusals.set(`GET /stays/${S6}/history`, new Refusal('DATABASE_AWAY', 'No answer from PostgreSQL'))
    opened.clock.advance(901_000)
    await opened.until(() => {
      opened.central.tick()
      expect(document.querySelectorAll('.live-numbers .vital.is-live').length).toBeGreaterThan(2)
      expect(lines()).toEqual([])
    })
  })

  it('is not asked for where there is room for the trends', async () => {
    const opened = await patient(`/patient/${S6}/live`)
    await opened.until(() => expect(document.querySelectorAll('.live-numbers .vital-number').length).toBe(6))
    expect(asked(opened)).toBe(0)
    viewport(390)
    await opened.until(() => expect(lines()).toHaveLength(6))
  })
})
