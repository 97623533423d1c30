import { describe, expect, it } from 'vitest'
import { nextTick } from 'vue'
import type { ManualClock } from '@vigil/contract/testing/manual-clock'
import { missingRanges, totals } from '../../src/features/devices/ledger-totals.ts'
import { agentLine, mosquittoLine } from '../../src/features/devices/connect-lines.ts'
import { draftFrom, newPatientFrom, possiblyThe } from '../../src/features/admit/new-patient.ts'
import { byName, fill, openApp } from '../support/open-app.ts'

const dialog = () => document.querySelector('[role="dialog"]') as HTMLElement
const labelled = (root: Element, label: string) => [...root.querySelectorAll('label')].find((l) => l.textContent?.trim().startsWith(label))
const input = (root: Element, label: string) => (labelled(root, label)?.querySelector('input,select') ?? document.getElementById(labelled(root, label)?.getAttribute('for') ?? '')) as HTMLElement

async function search(text: string, clock: ManualClock): Promise<void> {
  fill(input(document.body, 'Find by name'), text)
  await nextTick()
  clock.advance(300)
}

describe('the devices', () => {
  it('that need a look come first: offline with a patient before all others', async () => {
    const { until } = await openApp({ path: '/devices', before: (c) => c.silence('ST-0050') })
    await until(() => expect(document.querySelectorAll('.devices tbody tr')).toHaveLength(12))
    const first = document.querySelector('.devices tbody tr')?.textContent
    expect(first).toContain('ST-0050')
    expect(first).toContain('offline')
  })

  it('are renewed while the page is open, and the page says when', async () => {
    const { until, clock, text } = await openApp({ path: '/devices' })
    await until(() => expect(text()).toContain('fetched'))
    const before = document.querySelector('.page-head .dim')?.textContent
    clock.advance(10_000)
    await until(() => expect(document.querySelector('.page-head .dim')?.textContent).not.toBe(before))
  })

  it('show a new secret once, with the exact lines that use it, and do not let it be lost by a slip', async () => {
    const { until } = await openApp({ path: '/devices' })
    await until(() => expect(byName('button', 'Add a device')).toBeTruthy())
    byName('button', 'Add a device').click()
    await until(() => expect(dialog()).toBeTruthy())
    fill(input(dialog(), 'Name'), 'board 1')
    await until(() => expect(input(dialog(), 'Name').getAttribute('aria-invalid')).toBe('true'))
    fill(input(dialog(), 'Name'), 'board-1')
    await until(() => expect(byName('[role="dialog"] button', 'Add device').getAttribute('aria-disabled')).toBe('false'))
    byName('[role="dialog"] button', 'Add device').click()
    await until(() => expect(dialog().textContent).toContain('The secret is shown this once'))
    expect(dialog().textContent).toContain("mosquitto_pub -h localhost -p 1883 -i board-1 -u board-1 -P 'c2VjcmV0LW9mLXRoZS1uZXctZGV2aWNl' -q 1 -t vitals/1/main/board-1/tele -m '{\"e\":\"a1\",\"s\":1,\"up\":0,\"m\":{\"pr\":72}}'")
    byName('[role="dialog"] button', 'Close').click()
    expect(dialog()).toBeTruthy()
    ;(dialog().querySelector('input[type="checkbox"]') as HTMLInputElement).click()
    await until(() => expect(byName('[role="dialog"] button', 'Open its page')).toBeTruthy())
  })

  it('say that a name is taken', async () => {
    const { until } = await openApp({ path: '/devices' })
    await until(() => expect(byName('button', 'Add a device')).toBeTruthy())
    byName('button', 'Add a device').click()
    await until(() => expect(dialog()).toBeTruthy())
    fill(input(dialog(), 'Name'), 'ST-0042')
    await until(() => expect(byName('[role="dialog"] button', 'Add device').getAttribute('aria-disabled')).toBe('false'))
    byName('[role="dialog"] button', 'Add device').click()
    await until(() => expect(dialog().textContent).toContain('There is a device ST-0042 already'))
  })

  it('keep a shell from reading anything into a secret', () => {
    const device = { id: 'b', site: 'main', secret: "a'b$(x)" }
    const broker = { host: 'h', port: 1 }
    expect(mosquittoLine(device, broker)).toContain(`-P 'a'\\''b$(x)' `)
    expect(agentLine(device, broker)).toBe(`VIGIL_AGENT_SECRET='a'\\''b$(x)' npm run agent -- run --device b --site main --url mqtt://h:1`)
  })

  it('prove their completeness: missing numbers are counted and named', async () => {
    const { until, text } = await openApp({ path: '/devices/ST-0046' })
    await until(() => expect(text()).toContain('12 missing of 17,280'))
    expect(text()).toContain('9,001–9,012')
    const epoch = { epoch: 'e', upto: 0, received: 5, missing: 3, lost: 1, duplicates: 0, ranges: [[3, 4], [6, 8]] as [number, number][], firstAt: '', lastAt: '' }
    expect(missingRanges(epoch)).toEqual([[1, 2], [5, 5]])
    expect(totals({ epochs: [epoch, epoch] })).toEqual({ received: 10, missing: 6, expected: 16, lost: 2, duplicates: 0 })
  })

  it('say live what they measure, whoever they belong to', async () => {
    const { until } = await openApp({ path: '/devices/ST-0043' })
    await until(() => expect(document.querySelectorAll('.device-latest .vital.is-live').length).toBeGreaterThan(5))
  })

  it('may not be seen by everyone', async () => {
    const { until, text } = await openApp({ path: '/devices', user: 'auditor' })
    await until(() => expect(text()).toContain('Your role may not see devices'))
  })
})

describe('admitting a patient', () => {
  it('finds the patient, takes bed and device, and reads back one sentence before it happens', async () => {
    const { until, clock, router, central, text } = await openApp({ path: '/admit?bed=bed-02' })
    await until(() => expect(document.querySelectorAll('.bed-choice')).toHaveLength(12))
    await search('okafor', clock)
    await until(() => expect(document.querySelectorAll('.admit-hit').length).toBeGreaterThan(0))
    ;(document.querySelector('.admit-hit:not([disabled])') as HTMLElement).click()
    await until(() => expect(router.currentRoute.value.query['patient']).toBeDefined())
    fill(input(document.body, 'Device'), 'ST-0043')
    await until(() => expect(text()).toMatch(/OKAFOR, .* will be monitored in bed 02, Ward 3 East, by ST-0043 from now\./))
    byName('button', 'Admit').click()
    await until(() => expect(router.currentRoute.value.path).toBe('/ward/ward-3'))
    expect(central.world.wards[0]?.beds[1]?.stay?.deviceId).toBe('ST-0043')
  })

  it('admits somebody unknown in two presses, with a record that fits the ward', async () => {
    const { until, central, router } = await openApp({ path: '/ward/ward-3' })
    await until(() => expect(document.querySelector('.empty-bed')).toBeTruthy())
    ;(document.querySelector('.empty-bed') as HTMLElement).click()
    await until(() => expect(byName('button', 'Unknown male').getAttribute('aria-disabled')).toBe('false'))
    byName('button', 'Unknown male').click()
    await until(() => expect(router.currentRoute.value.path).toMatch(/^\/patient\//))
    expect(central.world.wards[0]?.beds[1]?.stay?.patient).toMatchObject({ familyName: 'Unknown male', sex: 'male', mode: 'demo' })
  })

  it('blinks the box before it is linked, and says what came of it', async () => {
    const { until, central, text } = await openApp({ path: '/admit?bed=bed-02&device=ST-0043' })
    await until(() => expect(byName('button', 'Blink ST-0043')).toBeTruthy())
    byName('button', 'Blink ST-0043').click()
    await until(() => expect(central.world.devices.get('ST-0043')?.commands[0]).toMatchObject({ do: 'identify', args: { seconds: 10 } }))
    central.moveCommand('ST-0043', 'running')
    await until(() => expect(text()).toContain('it is blinking now'))
    central.moveCommand('ST-0043', 'unknown')
    await until(() => expect(text()).toContain('we do not know whether it blinked'))
  })

  it('says whose bed a person is already in instead of admitting them twice', async () => {
    const { until, clock } = await openApp({ path: '/admit' })
    await until(() => expect(document.querySelectorAll('.bed-choice')).toHaveLength(12))
    await search('kowal', clock)
    await until(() => expect(document.querySelector('.admit-hit')?.textContent).toContain('already in bed 06'))
    expect((document.querySelector('.admit-hit') as HTMLButtonElement).disabled).toBe(true)
  })

  it('creates someone who was not found, without typing again what was searched for', async () => {
    const { until, clock, text, central } = await openApp({ path: '/admit?bed=bed-02' })
    await until(() => expect(document.querySelectorAll('.bed-choice')).toHaveLength(12))
    await search('Zeta, Zoe', clock)
    await until(() => expect(text()).toContain('Nobody matches “Zeta, Zoe”.'))
    byName('button', 'New patient').click()
    await until(() => expect((input(document.body, 'Family name') as HTMLInputElement).value).toBe('Zeta'))
    fill(input(document.body, 'Date of birth'), '14-Jul-1945')
    byName('button', 'Add patient').click()
    await until(() => expect(text()).toContain('ZETA, Zoe'))
    expect(central.world.patients.at(-1)).toMatchObject({ familyName: 'Zeta', givenName: 'Zoe', birthDate: '1945-07-14' })
    await until(() => expect(text()).toContain('No device is linked: nothing will be monitored.'))
  })

  it('shows who of the register may be meant before anybody is added a second time, and adds a new one all the same when told to', async () => {
    const { until, text, central } = await openApp({ path: '/admit?bed=bed-02' })
    await until(() => expect(document.querySelectorAll('.bed-choice')).toHaveLength(12))
    const before = central.world.patients.length
    byName('button', 'New patient').click()
    await until(() => expect(input(document.body, 'Family name')).toBeTruthy())
    fill(input(document.body, 'Family name'), 'kowalski')
    await until(() => expect(byName('button', 'Add patient').getAttribute('aria-disabled')).toBe('false'))
    byName('button', 'Add patient').click()
    await until(() => expect(text()).toContain('This person may be known already.'))
    expect(document.querySelector('.new-patient .admit-hit')?.textContent).toMatch(/KOWALSKI.*already in bed 06/)
    expect(central.world.patients).toHaveLength(before)
    byName('button', 'Add all the same').click()
    await until(() => expect(central.world.patients).toHaveLength(before + 1))
  })

  it('holds two people for possibly one by number, by birthday, or by how their names begin; two birthdays are two people', () => {
    const draft = { ...draftFrom('Kowalski, Ewa'), birthDate: '' }
    const known = { familyName: 'KOWALSKI', givenName: 'Ewa Maria', birthDate: '1945-07-14', identifier: '129 728' }
    expect(possiblyThe(known, draft)).toBe(true)
    expect(possiblyThe(known, { ...draft, givenName: 'Jan' })).toBe(false)
    expect(possiblyThe(known, { ...draft, givenName: 'Jan', birthDate: '1945-07-14' })).toBe(true)
    expect(possiblyThe(known, { ...draft, birthDate: '1950-01-01' })).toBe(false)
    expect(possiblyThe(known, { ...draft, familyName: 'Nowak' })).toBe(false)
    expect(possiblyThe(known, { ...draft, familyName: 'Nowak', identifier: '129728' })).toBe(true)
  })

  it('says when the bed was taken in the meantime', async () => {
    const { until, central, text } = await openApp({ path: '/admit?bed=bed-02&patient=00000000-0000-7000-8000-000000001001' })
    await until(() => expect(text()).toContain('OKAFOR'))
    await until(() => expect(document.querySelectorAll('.bed-choice')).toHaveLength(12))
    const [ward] = central.world.wards
    if (ward?.beds[1]) ward.beds[1].stay = ward.beds[0]?.stay
    byName('button', 'Admit').click()
    await until(() => expect(text()).toContain('Another patient is in that bed.'))
  })

  it('sorts what was typed into fields, and sends only what was filled in', () => {
    expect(draftFrom('129 728 7652')).toMatchObject({ identifier: '1297287652', familyName: '' })
    expect(newPatientFrom({ ...draftFrom('Nowak'), title: ' Dr ' })).toEqual({ familyName: 'Nowak', sex: 'unknown', title: 'Dr' })
  })
})
