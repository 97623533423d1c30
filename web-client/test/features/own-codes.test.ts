import { describe, expect, it } from 'vitest'
import type { Hl7Codes, UnknownCode } from '@vigil/contract/api/hl7-codes'
import type { FakeCentral } from '../fake-central/fake-central.ts'
import { byName, fill, openApp } from '../support/open-app.ts'

/** A monitor that was registered by its messages. */
function monitor(c: FakeCentral, codes: Hl7Codes): void {
  const board = c.world.devices.get('ST-0042')
  if (board) c.world.devices.set('hl7-MON', { ...board, device: { ...board.device, id: 'hl7-MON' } })
  c.codes.set('hl7-MON', codes)
}
const unknown = (more: Partial<UnknownCode> = {}): Hl7Codes => ({ unknown: [{ code: 'T77', system: '99HOUSE', name: 'House name', unit: 'degF', count: 1_234, lastAt: '2026-07-14T02:00:00.000Z', sample: 98.6, ...more }], mapped: [] })
const table = () => document.querySelector('.own-codes') as HTMLElement

describe('codes of its own that a monitor sends', () => {
  it('are shown with their newest value, mapped by one press, and taken back', async () => {
    const { until, central } = await openApp({ path: '/devices/hl7-MON', before: (c) => monitor(c, unknown()) })
    await until(() => expect(table().textContent).toMatch(/T77 House name · 99HOUSE1.234.*98\.6 degF/))
    expect(byName('.own-codes button', 'It means this').getAttribute('aria-disabled')).toBe('true')
    fill(byName('.own-codes select', /T77/), 'temp')
    await until(() => expect(byName('.own-codes button', 'It means this').getAttribute('aria-disabled')).toBe('false'))
    byName('.own-codes button', 'It means this').click()
    await until(() => expect(central.codes.get('hl7-MON')?.mapped).toMatchObject([{ code: 'T77', signal: 'temp' }]))
    await until(() => expect(byName('.own-codes button', 'Take back')).toBeTruthy())
    byName('.own-codes button', 'Take back').click()
    await until(() => expect(central.codes.get('hl7-MON')?.mapped).toEqual([]))
  })

  it('are no matter of whoever looks after no integrations', async () => {
    const { until, central, text } = await openApp({ path: '/devices/hl7-MON', user: 'nurse', before: (c) => monitor(c, unknown({ sample: null })) })
    await until(() => expect(text()).toContain('hl7-MON'))
    expect(table()).toBeNull()
    expect(central.requests.filter((line) => line.includes('hl7-sources'))).toEqual([])
  })
})
