import { describe, expect, it } from 'vitest'
import { brushBetween, zoomOf } from '../../src/ui/chart/brush.ts'
import { readSpan } from '../../src/features/trends/trend-range.ts'
import { byName, fill, NOW, openApp } from '../support/open-app.ts'

const S6 = '00000000-0000-7000-8000-000000002005'
const HOUR = 3_600_000

describe('dragging over a trend', () => {
  it('means a range once the hand has really moved, whichever way', () => {
    expect(brushBetween({ px: 100, ms: 1_000 }, { px: 105, ms: 1_500 })).toBeUndefined()
    expect(brushBetween({ px: 100, ms: 1_000 }, { px: 140, ms: 5_000 })).toEqual({ fromMs: 1_000, toMs: 5_000 })
    expect(brushBetween({ px: 100, ms: 5_000 }, { px: 20, ms: 1_000 })).toEqual({ fromMs: 1_000, toMs: 5_000 })
  })

  it('asks for nothing outside what is shown, and not for less than can be read', () => {
    const shown = { fromMs: 0, toMs: 100_000 }
    expect(zoomOf({ fromMs: -5_000, toMs: 60_000 }, shown)).toEqual({ fromMs: 0, toMs: 60_000 })
    expect(zoomOf({ fromMs: 50_000, toMs: 52_000 }, shown)).toEqual({ fromMs: 36_000, toMs: 66_000 })
    expect(zoomOf({ fromMs: 99_000, toMs: 100_000 }, shown)).toEqual({ fromMs: 84_500, toMs: 100_000 })
  })

  it('is an address; one that is no range is none', () => {
    expect(readSpan('1000', '5000')).toEqual({ fromMs: 1_000, toMs: 5_000 })
    expect([['5000', '1000'], ['x', '1'], ['1', undefined]].map(([from, to]) => readSpan(from, to))).toEqual([undefined, undefined, undefined])
  })
})

describe('a range of its own on the trends of a patient', () => {
  it('is typed where nothing can be dragged, is in the address, and leads back to the former one', async () => {
    const { until, router, text } = await openApp({ path: `/patient/${S6}/trends?range=4h` })
    await until(() => expect(document.querySelectorAll('.span-form input.input')).toHaveLength(2))
    expect(text()).not.toContain('Back to the former range')
    const [from, to] = [...document.querySelectorAll<HTMLInputElement>('.span-form input.input')] as [HTMLInputElement, HTMLInputElement]
    fill(from, '14-Jul-2026 00:30:00')
    fill(to, '14-Jul-2026 01:00:00')
    byName('button', 'Show this range').click()
    const [fromMs, toMs] = [Date.UTC(2026, 6, 14, 0, 30), Date.UTC(2026, 6, 14, 1)]
    await until(() => expect(router.currentRoute.value.fullPath).toBe(`/patient/${S6}/trends?range=4h&from=${fromMs}&to=${toMs}`))
    await until(() => expect((document.querySelector('.trend-cursor input') as HTMLInputElement).min).toBe(String(fromMs)))
    byName('button', 'Back to the former range').click()
    await until(() => expect(router.currentRoute.value.fullPath).toBe(`/patient/${S6}/trends?range=4h`))
    await until(() => expect(text()).not.toContain('Back to the former range'))
  })

  it('opens by its link, with the way up to now', async () => {
    const { until, router } = await openApp({ path: `/patient/${S6}/trends?range=1h&from=${NOW - 2 * HOUR}&to=${NOW - HOUR}` })
    await until(() => expect(document.querySelector<HTMLInputElement>('.trend-cursor input')?.max).toBe(String(NOW - HOUR)))
    byName('a', 'Up to now').click()
    await until(() => expect(router.currentRoute.value.fullPath).toBe(`/patient/${S6}/trends?range=1h`))
  })

  it('is refused before it is asked when its end is not after its begin', async () => {
    const { until, text } = await openApp({ path: `/patient/${S6}/trends?range=1h&from=${NOW - 2 * HOUR}&to=${NOW - HOUR}` })
    await until(() => expect(document.querySelectorAll('.span-form input.input')).toHaveLength(2))
    fill(document.querySelector('.span-form input.input') as HTMLInputElement, '14-Jul-2026 02:00:00')
    await until(() => expect(byName('button', 'Show this range').getAttribute('aria-disabled')).toBe('true'))
    expect(text()).toContain('The end is not after the start')
  })
})
