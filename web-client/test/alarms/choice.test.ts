import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Alarm } from '@vigil/contract/api/alarms'
import { filterAlarms, filterOf, priorities } from '../../src/features/alarms/alarm-filter.ts'
import type { FakeCentral } from '../fake-central/fake-central.ts'
import { Refusal } from '../fake-central/refusal.ts'
import { byName, fill, openApp } from '../support/open-app.ts'

const rows = () => [...document.querySelectorAll('.alarm-row')].map((row) => row.querySelector('.alarm-row-who')?.textContent?.replace(/\s+/g, ' ').trim())
const note = () => document.querySelector('.alarms-filter [role="status"]')?.textContent
const strip = () => document.querySelectorAll('.alarm-strip .alarm-entry').length

/** Two alarms in the ward that is listened to, two in another, one of the whole house. */
function raiseFive(c: FakeCentral): void {
  c.world.wards.push({ id: 'ward-4', name: 'Ward 4 West', mode: 'demo', beds: [{ id: 'west-01', label: 'W1', stay: undefined }, { id: 'west-02', label: 'W2', stay: undefined }] })
  c.alarms.raise('bed-06', { condition: 'low:spo2', value: 86, worst: 84, limit: 90 })
  c.alarms.raise('bed-07', { condition: 'high:rr', priority: 'medium' })
  c.alarms.raise('west-01', { condition: 'low:spo2' })
  c.alarms.raise('west-02', { condition: 'high:pr', priority: 'low', state: 'acknowledged', acknowledgedAt: c.alarms.iso(), acknowledgedBy: 'Li Wei' })
  c.alarms.raise('nowhere', { condition: 'path_down', kind: 'technical', subject: { kind: 'site', id: 'main' } })
}

describe('the list of open alarms', () => {
  it('narrowed to a ward says how many are left out, keeps what concerns the whole house, and shows all by one press', async () => {
    const { until, router } = await openApp({ path: '/alarms?ward=ward-3', before: raiseFive })
    await until(() => expect(rows()).toHaveLength(3))
    expect(rows().join()).toMatch(/06.*07/)
    expect(rows()).toContain('main')
    expect(note()).toBe('2 more in other wards · 1 unanswered')
    byName('a', 'Show all').click()
    await until(() => expect(rows()).toHaveLength(5))
    expect(router.currentRoute.value.fullPath).toBe('/alarms')
    expect(note()).toBe('')
  })

  it('narrowed by hand keeps the choice in the address, and the strip on top stays whole', async () => {
    const { until, router } = await openApp({ path: '/ward/ward-3', before: raiseFive })
    await until(() => expect(strip()).toBe(3))
    await router.push('/alarms')
    await until(() => expect(rows()).toHaveLength(5))
    fill(byName('select', 'Priority'), 'low')
    await until(() => expect(rows()).toEqual([expect.stringContaining('W2')]))
    expect(router.currentRoute.value.fullPath).toBe('/alarms?priority=low')
    expect(note()).toBe('4 more of other priorities · 4 unanswered')
    fill(byName('select', 'Ward'), 'ward-3')
    await until(() => expect(router.currentRoute.value.fullPath).toBe('/alarms?ward=ward-3&priority=low'))
    await until(() => expect(note()).toBe('2 more in other wards · 3 more of other priorities · 4 unanswered'))
    expect(strip()).toBe(3)
  })

  it('answered in a ward that is not listened to keeps the other alarms of that ward, and shows the answer at once', async () => {
    const { until, router } = await openApp({ path: '/ward/ward-3', before: raiseFive })
    await router.push('/alarms?ward=ward-4')
    await until(() => expect(rows()).toHaveLength(3))
    const row = () => [...document.querySelectorAll('.alarm-row')].find((one) => one.textContent?.includes('W1'))
    ;[...(row()?.querySelectorAll('button') ?? [])].find((button) => button.textContent?.includes('Acknowledge'))?.click()
    await until(() => expect(row()?.textContent).toContain('owned by Alex Admin'))
    expect(rows()).toHaveLength(3)
    expect(strip()).toBe(3)
  })

  it('of a ward that was looked at in passing leaves the strip with the page: nothing would tell that it ended', async () => {
    const { until, router, central, services } = await openApp({ path: '/ward/ward-3', before: raiseFive })
    const open = () => services.live.alarms.open.value.length
    await until(() => expect(open()).toBe(3))
    await router.push('/handover?wards=ward-4')
    await until(() => expect(central.watches.at(-1)).toMatchObject({ wards: ['ward-3', 'ward-4'] }))
    central.alarms.raise('west-01', { condition: 'low:pr' })
    await until(() => expect(open()).toBe(4))
    await router.push('/ward/ward-3')
    await until(() => expect(open()).toBe(3))
    await until(() => expect(central.watches.at(-1)).toMatchObject({ wards: ['ward-3'] }))
  })

  it.each([
    ['en', 'No open alarm fits this choice', '1 more of another priority · 1 unanswered'],
    ['es', 'Ninguna alarma abierta cumple esta selección', '1 más de otra prioridad · 1 sin respuesta'],
    ['pl', 'Żaden otwarty alarm nie pasuje do tego wyboru', 'o innym priorytecie jeszcze: 1 · bez odpowiedzi: 1'],
    ['zh', '没有符合此选择的未结束报警', '其他级别还有 1 条 · 1 条未确认'],
  ] as const)('that holds nothing under a choice does not say that there are no alarms: %s', async (language, words, left) => {
    const { until, text } = await openApp({ path: '/alarms?priority=low', language, before: (c) => void c.alarms.raise('bed-06', { condition: 'low:spo2' }) })
    await until(() => expect(text()).toContain(words))
    expect(note()).toBe(left)
  })

  it('of one ward offers no choice of wards; a priority that there is none of chooses nothing', async () => {
    const { until } = await openApp({ path: '/alarms?priority=urgent', before: (c) => void c.alarms.raise('bed-06', { condition: 'low:spo2' }) })
    await until(() => expect(rows()).toHaveLength(1))
    expect(() => byName('select', 'Ward')).toThrow(TypeError)
    expect(note()).toBe('')
  })
})

describe('a choice of alarms', () => {
  const some = fc.record({ wardId: fc.option(fc.constantFrom('a', 'b', 'c'), { nil: undefined }), priority: fc.constantFrom(...priorities), state: fc.constantFrom<Alarm['state']>('active', 'latched', 'acknowledged') })
  const filter = fc.record({ ward: fc.option(fc.constantFrom('a', 'b', 'z'), { nil: undefined }), priority: fc.option(fc.constantFrom(...priorities), { nil: undefined }) })

  it('loses none: what is shown and what is said to be left out are all there are', () => {
    fc.assert(fc.property(fc.array(some), filter, (all, by) => {
      const alarms = all.map(({ wardId, ...alarm }) => ({ ...alarm, ...(wardId !== undefined && { wardId }) }))
      const { shown, left } = filterAlarms(alarms, by)
      expect(shown.length + left.otherWards + left.otherPriorities).toBe(alarms.length)
      const unanswered = (list: typeof alarms) => list.filter(({ state }) => state !== 'acknowledged').length
      expect(unanswered(shown) + left.unanswered).toBe(unanswered(alarms))
      expect(alarms.filter((alarm) => shown.includes(alarm))).toEqual(shown)
      if (by.ward === undefined && by.priority === undefined) expect(shown).toEqual(alarms)
    }), { seed: 11 })
  })

  it('is read from the address, and nonsense in it shows more, not less', () => {
    expect([filterOf({}), filterOf({ ward: 'ward-3', priority: 'high' }), filterOf({ ward: ['a', 'b'], priority: 'HIGH' }), filterOf({ ward: '', priority: null })]).toEqual([
      { ward: undefined, priority: undefined }, { ward: 'ward-3', priority: 'high' }, { ward: undefined, priority: undefined }, { ward: undefined, priority: undefined },
    ])
  })
})

describe('an address of an alarm that there is none of', () => {
  it.each(['/alarms/12', '/alarms/00000000-0000-7000-8000-00000000dead'])('says so and leads on, without the pattern of a number: %s', async (path) => {
    const { until, text, router, central } = await openApp({ path })
    await until(() => expect(text()).toContain('There is no such alarm'))
    expect(central.requests.some((request) => request.startsWith('GET /alarms/'))).toBe(true)
    expect(text()).not.toMatch(/pattern|alarmId|\[0-9a-f\]|not accepted/)
    byName('main a', 'All alarms').click()
    await until(() => expect(router.currentRoute.value.fullPath).toBe('/alarms'))
  })

  it('is told apart from a station that is away', async () => {
    const { until, text } = await openApp({ path: '/alarms/12', before: (c) => void c.refusals.set('GET /alarms/12/events', new Refusal('INTERNAL', 'Something went wrong here.')) })
    await until(() => expect(text()).toContain('Something went wrong here.'))
    expect(text()).not.toContain('There is no such alarm')
  })
})
