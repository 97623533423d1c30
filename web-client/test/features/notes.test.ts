import { describe, expect, it } from 'vitest'
import type { FakeCentral } from '../fake-central/fake-central.ts'
import { byName, fill, openApp } from '../support/open-app.ts'
import { marksOfRow, marksWithoutRow } from '../../src/ui/chart/marks.ts'

const S6 = '00000000-0000-7000-8000-000000002005'
const asked = (central: FakeCentral) => `from=${central.clock.now() - 3_600_000}&to=${central.clock.now()}`

describe('notes beside the record', () => {
  it('a note is written at the cursor, corrected with a reason, and shows what it said before', async () => {
    const { central, router, until } = await openApp({ path: '/alarms' })
    await router.push(`/patient/${S6}/history?${asked(central)}`)
    await until(() => byName('button', 'Add a note').click())
    await until(() => fill(byName('.note-text input', /Note/), 'Turned on the left side'))
    byName('button', 'Save note').click()
    await until(() => expect(document.querySelector('.notes')?.textContent).toContain('Turned on the left side'))
    expect(central.notes.all[0]).toMatchObject({ stayId: S6, by: 'admin' })
    byName('.notes button', 'Correct').click()
    await until(() => fill(byName('.notes .note-text input', /Note/), 'Turned on the right side'))
    byName('.reason-offer', 'wrong time').click()
    await until(() => expect(byName('button', 'Save correction').getAttribute('aria-disabled')).toBe('false'))
    byName('button', 'Save correction').click()
    await until(() => expect(document.querySelector('.notes')?.textContent).toMatch(/right side.*wrong time.*before: “Turned on the left side”/))
  })

  it('withdraws a note, which stays readable and is struck through', async () => {
    const { central, router, until } = await openApp({ path: '/alarms' })
    central.notes.add(S6, { from: new Date(central.clock.now() - 60_000).toISOString(), text: 'Of another patient' }, 'li')
    await router.push(`/patient/${S6}/history?${asked(central)}`)
    await until(() => byName('.notes button', 'Correct').click())
    await until(() => byName('.reason-offer', 'wrong patient').click())
    await until(() => expect(byName('button', 'Withdraw').getAttribute('aria-disabled')).toBe('false'))
    byName('button', 'Withdraw').click()
    await until(() => expect(document.querySelector('.notes s')?.textContent).toBe('Of another patient'))
  })

  it('stands in the row of its time in the table twin, and none is lost in a gap', async () => {
    const { central, router, until } = await openApp({ path: '/alarms' })
    central.notes.add(S6, { from: new Date(central.clock.now() - 600_000).toISOString(), text: 'Suctioned' }, 'li')
    await router.push(`/patient/${S6}/history?${asked(central)}&view=table&signals=spo2`)
    await until(() => expect(document.querySelector('.record')?.textContent).toContain('✎ Suctioned (li)'))
    const mark = { kind: 'note', fromMs: 150, says: 'x' } as const
    expect(marksOfRow([mark], 100, 100)).toEqual([mark])
    expect(marksWithoutRow([mark], [0, 300], 100)).toEqual([mark])
  })

  it('a viewer is told why no note can be added', async () => {
    const { central, router, until } = await openApp({ path: '/alarms', user: 'viewer' })
    await router.push(`/patient/${S6}/history?${asked(central)}`)
    await until(() => expect(document.body.textContent).toContain('Your role may not enter observations'))
  })
})

describe('questions a person keeps', () => {
  it('are kept under a name and asked again by one press', async () => {
    const { central, router, until } = await openApp({ path: '/alarms' })
    await router.push(`/history?stay=${S6}&signals=spo2&${asked(central)}`)
    await until(() => byName('button', 'Keep this question').click())
    await until(() => fill(byName('.kept input', /Name/), 'Oxygen, last hour'))
    byName('.kept button', 'Keep').click()
    await until(() => expect(central.notes.queries[0]?.name).toBe('Oxygen, last hour'))
    await router.push('/history')
    await until(() => byName('.kept button', 'Oxygen, last hour').click())
    await until(() => expect(router.currentRoute.value.query).toMatchObject({ stay: S6, signals: 'spo2' }))
  })
})
