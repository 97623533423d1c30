import { describe, expect, it } from 'vitest'
import { byName, fill, openApp, type OpenedApp } from '../support/open-app.ts'

const S6 = '00000000-0000-7000-8000-000000002005'
const name = (cell: number) => document.querySelector(`[data-cell="${cell}"] .tile-name`)?.textContent
const strip = () => document.querySelector('.alarm-strip')?.textContent?.replace(/\s+/g, ' ') ?? ''
const said = () => document.querySelector('.wall-names')?.textContent?.replace(/\s+/g, ' ').trim()
/** All that is on the page, also what only a pointer or a reader of the source finds. */
const everything = () => document.body.outerHTML

async function wall(path: string, before?: (opened: OpenedApp) => void | Promise<void>): Promise<OpenedApp> {
  const opened = await openApp({ path: before ? '/settings' : path, before: (c) => void c.alarms.raise('bed-06', { condition: 'low:spo2', value: 86, worst: 84, limit: 90 }) })
  await before?.(opened)
  if (before) await opened.router.push(path)
  await opened.until(() => expect(name(5)).toBeDefined())
  await opened.until(() => expect(strip()).toContain('SpO₂ low'))
  return opened
}

describe('names on the wall', () => {
  it('stand there with surname and initial, unless somebody hides them', async () => {
    await wall('/ward/ward-3')
    expect(name(5)).toBe('KOWALSKI, P')
    expect(strip()).toMatch(/Bed ?06 ?KOWALSKI ?SpO₂ low/)
    expect(said()).toBeUndefined()
  })

  it('hidden by the setting of this screen are initials on tiles and strip, nowhere more, and the wall says so; the page of the patient has the full name', async () => {
    const { until, router, text } = await wall('/ward/ward-3', ({ until }) => until(() => fill(byName('select', /^Names on the ward wall/), 'initials')))
    expect(name(5)).toBe('K. P.')
    expect(strip()).toMatch(/Bed ?06 ?K\. P\. ?SpO₂ low/)
    expect(everything()).not.toMatch(/kowalski/i)
    expect(said()).toBe('Names are hidden on this wall: initials only. Settings')
    await router.push(`/patient/${S6}/live`)
    await until(() => expect(document.querySelector('.banner-name')?.textContent).toBe('KOWALSKI, Petr (Ms)'))
    expect(strip()).toContain('KOWALSKI')
    expect(text()).not.toContain('Names are hidden')
  })

  it('hidden by the address of a wall screen are beds alone, also after the way to a patient and back', async () => {
    const { until, router } = await wall('/ward/ward-3?names=bed')
    const isHidden = () => {
      expect(name(5)).toBe('')
      expect(strip()).toMatch(/Bed ?06 ?SpO₂ low/)
      expect(everything()).not.toMatch(/kowalski|petr/i)
      expect(said()).toBe('Names are hidden on this wall: beds only. The address of this screen asks for it.')
    }
    isHidden()
    await router.push(`/patient/${S6}/live`)
    await until(() => expect(document.querySelector('.banner-name')?.textContent).toBe('KOWALSKI, Petr (Ms)'))
    await router.push('/ward/ward-3')
    await until(() => isHidden())
    await router.push('/ward/ward-3?names=short')
    await until(() => expect(name(5)).toBe('KOWALSKI, P'))
  })

  it.each([['initials', 'K. P. was discharged from bed 06.'], ['bed', 'The patient was discharged from bed 06.']] as const)('are not uncovered by the word about who was just discharged: %s', async (form, words) => {
    const { until, text, services } = await openApp({ path: `/patient/${S6}/live` })
    services.preferences.names = form
    await until(() => {
      const button = byName('button', 'Change stay')
      button.dispatchEvent(new PointerEvent('pointerdown', { button: 0, bubbles: true }))
      button.click()
    })
    await until(() => byName('[role="menuitem"]', 'Discharge').click())
    await until(() => byName('[role="dialog"] button', 'Discharge KOWALSKI').click())
    await until(() => expect(text()).toContain(words))
    await until(() => expect(everything()).not.toMatch(/kowalski/i))
  })

  it('are not uncovered by an address on a screen that hides them', async () => {
    await wall('/ward/ward-3?names=short', ({ services }) => void (services.preferences.names = 'initials'))
    expect(name(5)).toBe('K. P.')
    expect(everything()).not.toMatch(/kowalski/i)
  })

  it('are as the screen is set where the address says nonsense', async () => {
    await wall('/ward/ward-3?names=all')
    expect(name(5)).toBe('KOWALSKI, P')
  })
})
