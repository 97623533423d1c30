import { describe, expect, it } from 'vitest'
import { isLabelTaken, labelsUpTo, moved, nextLabel } from '../../src/features/wards/ward-draft.ts'
import { Refusal } from '../fake-central/refusal.ts'
import { wardOf } from '../fake-central/ward.ts'
import { byName, fill, openApp } from '../support/open-app.ts'

const page = '/ward-setup?ward=ward-3'
const rows = () => [...document.querySelectorAll('.bed-table tbody tr')].map((row) => row.querySelector('th')?.textContent ?? '')
const dialog = () => document.querySelector('.dialog')?.textContent ?? ''
const blocked = (label: string | RegExp) => byName('button', label).getAttribute('aria-disabled') === 'true'
/** Pressed as soon as it may be. */
const press = (label: string) => {
  expect(blocked(label)).toBe(false)
  byName('button', label).click()
}

describe('wards and their beds', () => {
  it('are made by a name and a number, and stand at once in the list with what other systems call them', async () => {
    const { until, text, router, central } = await openApp({ path: '/ward-setup' })
    await until(() => byName('button', 'Make a ward').click())
    await until(() => expect(dialog()).toContain('give the ward a name'))
    fill(byName('input', 'Name of the ward'), 'Ward 4 West')
    fill(byName('input', 'How many beds'), '3')
    await until(() => expect(dialog()).toContain('3 beds: 01 to 03.'))
    byName('button', 'Make the ward').click()
    await until(() => expect(router.currentRoute.value.fullPath).toBe('/ward-setup?ward=ward-4-west'))
    await until(() => expect(rows()).toEqual(['01', '02', '03']))
    expect(text()).toContain('ward-4-west-01')
    await until(() => expect(text()).toContain('3 beds · none occupied'))
    expect(central.world.wards.at(-1)).toMatchObject({ name: 'Ward 4 West' })
  })

  it('are renamed, get beds, and give their beds other labels', async () => {
    const { until, text, central, router } = await openApp({ path: page })
    await until(() => byName('button', 'Rename…').click())
    await until(() => fill(byName('input', 'Name of the ward'), 'Ward 3 North'))
    await until(() => press('Save the name'))
    await until(() => expect(document.querySelector('h2')?.textContent).toBe('Ward 3 North'))
    byName('button', 'Add a bed').click()
    await until(() => expect(byName('input', 'Label, as the wall shows it')).toHaveProperty('value', '13'))
    fill(byName('input', 'Label, as the wall shows it'), '06')
    await until(() => expect(dialog()).toContain('this ward has a bed 06 already'))
    fill(byName('input', 'Label, as the wall shows it'), 'Side room')
    await until(() => press('Add the bed'))
    await until(() => expect(rows().at(-1)).toBe('Side room'))
    byName('button', 'Rename bed 06…').click()
    await until(() => expect(dialog()).toMatch(/KOWALSKI, . lies there: everybody on the ward must know the new label at once\./))
    fill(byName('input', 'Label, as the wall shows it'), '06A')
    await until(() => press('Save the label'))
    await until(() => expect(central.world.wards[0]?.beds[5]?.label).toBe('06A'))
    await until(() => expect(text()).toContain('06A'))
    expect(router.currentRoute.value.fullPath).toBe(page)
  })

  it('go up and down by buttons that keep the focus and say where the bed is now', async () => {
    const { until, central } = await openApp({ path: page })
    await until(() => expect(rows()).toHaveLength(12))
    expect(blocked('Move bed 01 up')).toBe(true)
    expect(blocked('Move bed 12 down')).toBe(true)
    byName('button', 'Move bed 03 up').click()
    await until(() => expect(rows().slice(0, 3)).toEqual(['01', '03', '02']))
    await until(() => expect(document.activeElement?.getAttribute('aria-label')).toBe('Move bed 03 up'))
    expect(document.querySelector('.ward-setup-side [role="status"]')?.textContent).toBe('Bed 03 is now in place 2 of 12.')
    expect(central.world.wards[0]?.beds[1]?.label).toBe('03')
  })

  it('are not moved over what somebody else did meanwhile', async () => {
    const { until, text, central } = await openApp({ path: page, before: (c) => void c.refusals.set('PATCH /wards/ward-3', new Refusal('VERSION_CONFLICT', 'The beds of this ward changed meanwhile.')) })
    await until(() => expect(rows()).toHaveLength(12))
    byName('button', 'Move bed 03 up').click()
    await until(() => expect(text()).toMatch(/changed/i))
    expect(rows().slice(0, 3)).toEqual(['01', '02', '03'])
    expect(central.world.wards[0]?.beds[1]?.label).toBe('02')
  })

  it('lose a bed only when nobody lies there, with a reason', async () => {
    const { until, central } = await openApp({ path: page })
    await until(() => expect(blocked(/Retire bed 06…/)).toBe(true))
    expect(document.querySelector('.bed-table tr:nth-child(6)')?.textContent).toMatch(/KOWALSKI.*a patient lies there: discharge or transfer first/)
    byName('button', /Retire bed 02…/).click()
    await until(() => expect(dialog()).toContain('Who lay there and what was measured stays in the history.'))
    expect(dialog()).toContain('give a reason')
    byName('button', 'Bed was removed').click()
    await until(() => press('Retire the bed'))
    await until(() => expect(rows()).not.toContain('02'))
    expect(central.world.wards[0]?.beds).toHaveLength(11)
  })

  it('tell at once that somebody was admitted to the bed that is being retired', async () => {
    const { until, central } = await openApp({ path: `${page}&edit=retire&bed=bed-02` })
    await until(() => expect(dialog()).toContain('give a reason'))
    const ward = central.world.wards[0]
    const [taken, free] = [ward?.beds[0], ward?.beds[1]]
    if (ward && taken && free) {
      free.stay = taken.stay
      taken.stay = undefined
      central.tell({ type: 'ward', ward: wardOf(central, ward) })
    }
    await until(() => expect(dialog()).toContain('a patient lies there: discharge or transfer first'))
  })

  it('are read by everybody on the ward and changed by who may, with whom to ask', async () => {
    const { until, text } = await openApp({ path: `${page}&edit=add`, user: 'nurse' })
    await until(() => expect(rows()).toHaveLength(12))
    expect(text()).toContain('Only an operator or administrator may change wards and beds')
    for (const button of ['Make a ward', 'Add a bed', 'Move bed 03 up', 'Rename bed 03…', 'Retire bed 02…']) expect([button, blocked(button)]).toEqual([button, true])
    expect(document.querySelector('.dialog')).toBeNull()
  })

  it('a house without a ward says what to do first', async () => {
    const { until, text, router } = await openApp({ path: '/', before: (c) => void c.world.wards.splice(0) })
    await until(() => expect(text()).toContain('An operator or administrator makes a ward with its beds under Wards and beds.'))
    byName('button', 'Make a ward').click()
    await until(() => expect(router.currentRoute.value.fullPath).toBe('/ward-setup?edit=new'))
    await until(() => expect(text()).toContain('Make the first: its name and how many beds.'))
    expect(dialog()).toContain('How many beds')
  })
})

describe('drafting a ward', () => {
  const beds = (...labels: string[]) => ({ beds: labels.map((label) => ({ id: `b-${label}`, label, latest: {}, freshness: {} })) })

  it('numbers beds so that they sort as they stand', () => {
    expect(labelsUpTo(2)).toEqual(['01', '02'])
    expect(labelsUpTo(120).at(0)).toBe('001')
  })

  it('goes on after the highest number, as wide as it is', () => {
    expect(nextLabel(beds('01', 'window', '09'))).toBe('10')
    expect(nextLabel(beds('7'))).toBe('8')
    expect(nextLabel(beds())).toBe('01')
    expect(nextLabel(beds('window'))).toBe('')
  })

  it('moves one bed by one place, and none over an end', () => {
    expect(moved(beds('1', '2', '3'), 'b-3', -1)).toEqual(['b-1', 'b-3', 'b-2'])
    expect(moved(beds('1', '2'), 'b-1', -1)).toEqual(['b-1', 'b-2'])
    expect(moved(beds('1', '2'), 'b-2', 1)).toEqual(['b-1', 'b-2'])
    expect(moved(beds('1', '2'), 'gone', 1)).toEqual(['b-1', 'b-2'])
  })

  it('knows a label however it is written', () => {
    expect(isLabelTaken(beds('Side'), ' side ')).toBe(true)
    expect(isLabelTaken(beds('Side'), 'side', 'b-Side')).toBe(false)
  })
})
