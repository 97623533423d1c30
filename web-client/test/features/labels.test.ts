import { describe, expect, it } from 'vitest'
import type { FakeCentral } from '../fake-central/fake-central.ts'
import { uuid } from '../fake-central/people.ts'
import { openApp } from '../support/open-app.ts'

const S6 = uuid(0x2005)
const flat = (selector: string) => [...document.querySelectorAll(selector)].map((e) => e.textContent?.replace(/\s+/g, ' ').trim() ?? '')

function calibrates(c: FakeCentral): void {
  const board = c.world.devices.get('ST-0047')
  board?.device.capabilities?.commands?.push({ name: 'calibrate', risk: 'high', args: { type: 'object', properties: { signal: { type: 'string', enum: ['spo2', 'paw'], description: 'Signal' }, reference: { type: 'number', minimum: 0, maximum: 110, description: 'What a trusted instrument shows; none for paw' } }, required: ['signal'] } })
}

describe('words on the screens', () => {
  it('name what a command asks for, and signals as everywhere, in the language of the reader', async () => {
    const { until } = await openApp({ path: `/patient/${S6}/remote`, before: calibrates, language: 'pl' })
    await until(() => expect(flat('.argument .field-label')).toEqual(expect.arrayContaining(['Która wartość', 'Co pokazuje wiarygodny przyrząd'])))
    expect(flat('.argument option')).toEqual(expect.arrayContaining(['SpO₂', 'Paw']))
  })

  it('say which ward and bed a device is at, not their ids', async () => {
    const { until } = await openApp({ path: '/devices/ST-0047' })
    await until(() => expect(flat('.remote .section-head p')[0]).toContain('ST-0047 · Ward 3 East · bed 06'))
  })

  it('say whom the audit is about, and its number to whoever may not see names', async () => {
    const { until, text } = await openApp({ path: `/audit?stay=${S6}` })
    await until(() => expect(text()).toContain('About KOWALSKI, Petr (Ms): who looked, who changed.'))
  })

  it('say in the audit at which bed and of whom, what kind of alarm and for how long, with a way to the life of the alarm', async () => {
    const { until } = await openApp({ path: '/audit', language: 'pl' })
    const row = (action: string) => flat('.page tbody tr').find((line) => line.includes(action)) ?? ''
    await until(() => expect(row('zmieniono granice')).toContain('03 '))
    expect(row('zmieniono granice')).toMatch(/opóźnienie 10 s, priorytet WYSOKI.*na: 8 godz/)
    expect(flat('.page tbody')[0]).toContain('06 KOWALSKI, P')
    expect(flat('.page tbody')[0]).toContain('SpO₂, PR')
    expect(flat('.page tbody')[0]).not.toMatch(/no_armed_screen|low:spo2|measure_now|paused/)
    expect(document.querySelector(`a[href="/alarms/${uuid(0xa001)}"]`)).not.toBeNull()
  })

  it('name the ward whose screens nobody hears, also where no ward is on the screen', async () => {
    const { until } = await openApp({ path: '/alarms', before: (c) => {
      const { bedLabel: _bed, patient: _who, stayId: _stay, deviceId: _board, ...alarm } = c.alarms.raise('bed-06', { condition: 'no_armed_screen', kind: 'technical', priority: 'low' })
      c.alarms.open.set(alarm.id, { ...alarm, subject: { kind: 'ward', id: 'ward-3' } })
    } })
    await until(() => expect(flat('.alarm-row-who')).toEqual(['Ward 3 East']))
  })

  it('tell an auditor, who has no right to names, the number of the stay', async () => {
    const { until, text, central } = await openApp({ path: `/audit?stay=${S6}`, user: 'auditor' })
    await until(() => expect(text()).toContain(`About stay ${S6}: who looked`))
    expect(central.requests).not.toContain(`GET /stays/${S6}`)
  })

  it('say on the handover sheet why a value is missing', async () => {
    const { until } = await openApp({ path: '/handover?wards=ward-3', alone: [7] })
    await until(() => expect(flat('.handover-bed').length).toBeGreaterThan(5))
    const missing = [...document.querySelectorAll('.handover-vitals .vital.is-never')]
    expect(missing.length).toBeGreaterThan(0)
    expect(missing.filter((vital) => (vital.querySelector('.vital-note')?.textContent ?? '') === '')).toEqual([])
  })

  it('count in the life of an alarm who was told and which screens sound', async () => {
    const alarm = { condition: 'low:spo2', value: 86, worst: 84, limit: 90 }
    let id = ''
    const { until, text, router, central } = await openApp({ before: (c) => void (id = c.alarms.raise('bed-06', alarm).id) })
    await router.push(`/alarms/${id}`)
    await until(() => expect(text()).toContain('no screen of this ward can be heard now'))
    central.alarms.armed = { wards: ['ward-3'], audible: true }
    central.alarms.tell({ ...central.alarms.raise('bed-06', alarm), id, version: 9 })
    await until(() => expect(text()).toContain('1 screen of this ward sounds now'))
  })
})
