import { describe, expect, it } from 'vitest'
import en from '../../src/i18n/en/proposals.json'
import es from '../../src/i18n/es/proposals.json'
import pl from '../../src/i18n/pl/proposals.json'
import zh from '../../src/i18n/zh/proposals.json'
import { languages } from '../../src/preferences.ts'
import { hospitalTells } from '../fake-central/proposals.ts'
import { byName, fill, openApp } from '../support/open-app.ts'

const titles = { en: en.proposals.title, es: es.proposals.title, pl: pl.proposals.title, zh: zh.proposals.title }
const cards = () => [...document.querySelectorAll<HTMLElement>('.proposal')]
const card = (name: string) => cards().find((one) => one.getAttribute('aria-label')?.includes(name)) as HTMLElement
const press = (within: HTMLElement, label: string) => ([...within.querySelectorAll('button')].find((b) => b.textContent?.trim() === label) as HTMLElement).click()
const select = (within: HTMLElement) => within.querySelector('select') as HTMLSelectElement

describe('the list of what the hospital proposes', () => {
  it('admits by one press into the bed the hospital named, and says who did it', async () => {
    const { until, central, text } = await openApp({ path: '/admissions', user: 'nurse', empty: [2], before: hospitalTells })
    await until(() => expect(cards()).toHaveLength(5))
    expect(select(card('OKONKWO')).value).toBe('bed-02')
    press(card('OKONKWO'), 'Admit')
    await until(() => expect(cards()).toHaveLength(4))
    expect(central.proposals[0]).toMatchObject({ state: 'accepted', bedId: 'bed-02', decidedBy: 'nurse' })
    expect(text()).toContain('accepted by nurse')
  })

  it('asks for a bed where the one named is unknown, and offers only free ones', async () => {
    const { until, central } = await openApp({ path: '/admissions', user: 'nurse', empty: [2, 4], before: hospitalTells })
    await until(() => expect(cards()).toHaveLength(5))
    const duarte = card('DUARTE')
    expect([...select(duarte).options].map(({ value }) => value)).toEqual(['', 'bed-02', 'bed-04'])
    expect(duarte.textContent).toContain('the bed named is unknown or taken')
    press(duarte, 'Admit')
    expect(central.requests.filter((r) => r.includes('acceptance'))).toEqual([])
    fill(select(duarte), 'bed-04')
    await until(() => expect(duarte.querySelector('button')?.getAttribute('aria-disabled')).toBe('false'))
    press(duarte, 'Admit')
    await until(() => expect(central.proposals[1]).toMatchObject({ state: 'accepted', bedId: 'bed-04' }))
  })

  it('shows what a correction changes, and why something cannot be accepted', async () => {
    const { until, central } = await openApp({ path: '/admissions', user: 'nurse', before: hospitalTells })
    await until(() => expect(cards()).toHaveLength(5))
    expect(card('KOWALSKA').textContent).toMatch(/Family nameKowalski → Kowalska.*Sex– → Female/)
    expect(card('PETROVA').textContent).toContain('not admitted here, or was discharged already')
    expect(card('LI,').textContent).toContain('0815')
    press(card('LI,'), 'Put aside')
    await until(() => expect(central.proposals[4]?.state).toBe('refused'))
  })

  it('is renewed at once when the hospital tells more, or another nurse decides', async () => {
    const { until, central, text } = await openApp({ path: '/admissions', user: 'nurse' })
    await until(() => expect(text()).toContain('Nothing to decide'))
    hospitalTells(central)
    central.tell({ type: 'proposals' })
    await until(() => expect(cards()).toHaveLength(5))
  })

  it('is not for who may admit nobody, and is found in the menu', async () => {
    const { until, text } = await openApp({ path: '/admissions', user: 'viewer', before: hospitalTells })
    await until(() => expect(text()).toMatch(/admit/i))
    expect(cards()).toHaveLength(0)
    byName('button', /Vera Viewer/).click()
    await until(() => expect(byName('[role="menuitem"]', /From the hospital/)).toBeTruthy())
  })

  it.each(languages)('has words for everything it says (%s)', async (language) => {
    const { until, text } = await openApp({ path: '/admissions', user: 'nurse', language, before: hospitalTells })
    // The words of a language come after the page.
    await until(() => expect(document.querySelector('.proposals h1')?.textContent).toBe(titles[language]))
    await until(() => expect(cards()).toHaveLength(5))
    expect(text()).not.toMatch(/proposals\.|person\.|sex\./)
  })
})
