import { describe, expect, it } from 'vitest'
import { byName, NOW, openApp } from '../support/open-app.ts'

const S6 = '00000000-0000-7000-8000-000000002005'
const night = `from=${NOW - 8 * 3_600_000}&to=${NOW}`
const rows = () => [...document.querySelectorAll<HTMLElement>('.export')]

describe('every value as a file', () => {
  it('is asked for from the question on the page, shows how far it is and when it will be done, and can be fetched', async () => {
    const { until, central, clock } = await openApp({ path: `/history?stay=${S6}&signals=spo2&${night}`, user: 'nurse' })
    await until(() => expect(byName('.exports button', 'Make the file').getAttribute('aria-disabled')).toBe('false'))
    byName('.exports button', 'Make the file').click()
    await until(() => expect(rows()).toHaveLength(1))
    expect(central.exports[0]).toMatchObject({ format: 'csv', stays: [S6], beds: [], signals: ['spo2'], from: new Date(NOW - 8 * 3_600_000).toISOString() })
    expect(rows()[0]?.textContent).toMatch(/126.000 lines, 42 %.*done about/)
    expect(rows()[0]?.querySelector('progress')?.value).toBeCloseTo(0.42)
    Object.assign(central.exports[0] ?? {}, { state: 'done', share: 1, expectedAt: undefined, expiresAt: new Date(NOW + 86_400_000).toISOString() })
    clock.advance(2_000)
    await until(() => expect(byName('.export a', 'Fetch').getAttribute('href')).toBe(`/api/v1/exports/${central.exports[0]?.id}/file`))
    expect(rows()[0]?.textContent).toContain('1.3 MB')
    byName('.export button', 'Remove').click()
    await until(() => expect(rows()).toHaveLength(0))
  })

  it('may be of several beds, and can be ended while it is made', async () => {
    const { until, central } = await openApp({ path: `/history?${night}`, user: 'nurse' })
    await until(() => expect(document.querySelectorAll('.exports-ward input').length).toBeGreaterThan(3))
    expect(byName('.exports button', 'Make the file').getAttribute('aria-disabled')).toBe('true')
    for (const box of [...document.querySelectorAll<HTMLInputElement>('.exports-ward input')].slice(0, 2)) box.click()
    await until(() => expect(byName('.exports button', 'Make the file').getAttribute('aria-disabled')).toBe('false'))
    byName('.exports button', 'Make the file').click()
    await until(() => expect(rows()).toHaveLength(1))
    expect(central.exports[0]).toMatchObject({ beds: ['bed-01', 'bed-02'], stays: [], devices: [] })
    byName('.export button', 'End it').click()
    await until(() => expect(central.exports).toEqual([]))
  })

  it('is not for who may export nothing, and says so', async () => {
    const { until } = await openApp({ path: `/history?stay=${S6}&${night}`, user: 'viewer' })
    await until(() => expect(document.querySelector('.history')).toBeTruthy())
    expect(document.querySelector('.exports')).toBeNull()
  })
})
