import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CommandRecord } from '@vigil/contract/api/devices'
import { saidWords } from '../../src/features/remote/said-words.ts'
import { answerParts } from '../../src/features/remote/answer-parts.ts'
import { argumentsOf, fieldsOf } from '../../src/ui/argument-fields.ts'
import { withCommand } from '../../src/composables/newest-command.ts'
import { isSilent } from '../../src/features/remote/command-words.ts'
import { intervalChoices, intervalView } from '../../src/features/remote/interval-state.ts'
import { offersOf } from '../../src/features/remote/offers.ts'
import { byName, fill, NOW, openApp } from '../support/open-app.ts'

const S6 = '00000000-0000-7000-8000-000000002005'
const iso = (ms: number) => new Date(ms).toISOString()
const record = (more: Partial<CommandRecord> = {}): CommandRecord => ({ id: 'c1', deviceId: 'd', do: 'identify', args: {}, state: 'sent', reason: '', askedBy: 'Li', createdAt: iso(NOW), updatedAt: iso(NOW), expiresAt: iso(NOW + 60_000), steps: [], ...more })

describe('the form of a command', () => {
  const offer = (args: Record<string, unknown>) => ({ name: 'x', risk: 'low' as const, args })

  it('is drawn from the schema the device declared', () => {
    const fields = fieldsOf(offer({ type: 'object', required: ['text'], properties: { seconds: { type: 'integer', minimum: 1, maximum: 60, default: 10 }, text: { type: 'string', maxLength: 8 }, mode: { enum: ['a', 'b'] }, loud: { type: 'boolean' }, gain: { anyOf: [{ const: 1 }, { const: 2 }] } } }))
    expect(fields.map(({ name, kind, initial, required }) => [name, kind, initial, required])).toEqual([['seconds', 'integer', 10, false], ['text', 'text', '', true], ['mode', 'choice', 'a', false], ['loud', 'flag', false, false], ['gain', 'choice', 1, false]])
  })

  it('leaves empty what may be left out: nobody’s reference value is never sent', () => {
    const fields = fieldsOf(offer({ type: 'object', required: ['signal', 'level'], properties: { signal: { enum: ['spo2', 'paw'] }, reference: { type: 'number', minimum: 0, maximum: 110 }, level: { type: 'integer', minimum: 1 } } }))
    expect(argumentsOf(fields, Object.fromEntries(fields.map((f) => [f.name, f.initial])))).toEqual({ signal: 'spo2', level: 1 })
  })

  it('reads a bare list of properties too, and draws nothing from what it cannot read', () => {
    expect(fieldsOf(offer({ seconds: { type: 'number' } })).map((f) => f.name)).toEqual(['seconds'])
    expect(fieldsOf({ name: 'x', risk: 'low' })).toEqual([])
    expect(fieldsOf(offer({ type: 'array', items: {} }))).toEqual([])
  })

  it('sends numbers as numbers, choices as they were declared, and nothing for what was left empty', () => {
    const fields = fieldsOf(offer({ type: 'object', properties: { n: { type: 'integer' }, gain: { enum: [1, 2] }, text: { type: 'string' } } }))
    expect(argumentsOf(fields, { n: '12', gain: '2', text: '' })).toEqual({ n: 12, gain: 2 })
  })

  it('survives whatever a device declares', () => {
    fc.assert(fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (args) => {
      const fields = fieldsOf(offer(args))
      argumentsOf(fields, Object.fromEntries(fields.map((f) => [f.name, f.initial])))
    }), { seed: 13, numRuns: 300 })
  })
})

describe('what a device answers', () => {
  it('is a value only where the device measured: a quality or a time is never printed as one', () => {
    expect(answerParts({ m: { pr: 58, zz: 1 }, q: { pr: 'low' }, x: { spo2: 'off' }, sq: { pr: 96 }, t: NOW, note: 'ok' })).toEqual({
      vitals: [{ signal: 'pr', value: 58, doubt: 'low' }], absent: [{ signal: 'spo2', reason: 'off' }], measuredMs: NOW, others: [{ name: 'note', text: 'ok' }],
    })
  })

  it('is left as it is where it is no measurement', () => {
    expect(answerParts({ pr: 96, blinked_for: 10, detail: { spo2: 3 }, sensors: ['tmp117@0x48', 'bmp280@0x76'] })).toEqual({ vitals: [], absent: [], measuredMs: undefined, others: [{ name: 'pr', text: '96' }, { name: 'blinked for', text: '10' }, { name: 'detail', text: '{"spo2":3}' }, { name: 'sensors', text: 'tmp117@0x48, bmp280@0x76' }] })
  })
})

it('what a device answers is said in words where there are some: a blink that only its log shows is none at the bed', () => {
  const words: Record<string, string> = { 'answer.by_log': 'no light: only its log', 'answer.by': 'shown by', 'demo.fever': 'Fever', 'answer.scenario': 'scenario' }
  const catalogue = { t: (key: string) => words[key] ?? key, known: (key: string) => key in words }
  expect(saidWords(catalogue, 'by', 'log')).toBe('no light: only its log')
  expect(saidWords(catalogue, 'by', 'LED ACT')).toBe('shown by: LED ACT')
  expect(saidWords(catalogue, 'scenario', 'fever')).toBe('scenario: Fever')
  expect(saidWords(catalogue, 'blinked for', '10')).toBe('blinked for: 10')
  expect(saidWords(catalogue, 'constructor', 'a.b')).toBe('constructor: a.b')
})

describe('what is known of a command', () => {
  it('is never undone by an older word that comes later', () => {
    const done = record({ state: 'done', updatedAt: iso(NOW + 2_000) })
    expect(withCommand([done], record({ state: 'running', updatedAt: iso(NOW + 1_000) }))).toEqual([done])
    expect(withCommand([record()], done)).toEqual([done])
    const accepted = record({ state: 'accepted' })
    expect(withCommand([accepted], record())).toEqual([accepted])
    expect(withCommand([record()], accepted)).toEqual([accepted])
  })

  it('is nothing certain when the device says nothing for ten seconds', () => {
    expect([isSilent(record(), NOW + 9_000), isSilent(record(), NOW + 11_000), isSilent(record({ state: 'running' }), NOW + 60_000), isSilent(record({ state: 'queued' }), NOW + 60_000)]).toEqual([false, true, false, false])
  })

  it('shows the asked interval beside the reported one until they agree', () => {
    const config = (asked: number | undefined, version: number, reported: number, errors: Record<string, string> = {}) => ({ desired: { version: 2, set: asked === undefined ? {} : { interval_ms: asked } }, reported: { version, set: { interval_ms: reported }, errors } })
    expect([config(undefined, 2, 1_000), config(2_000, 1, 1_000), config(2_000, 2, 2_000), config(100, 2, 1_000, { interval_ms: 'out of range 200..60000' }), config(2_000, 2, 1_000)].map((c) => intervalView(c, 1_000).state)).toEqual(['never-asked', 'waiting', 'in-force', 'refused', 'differs'])
    expect(intervalChoices({ minimum: 1_000, maximum: 5_000 })).toEqual([1_000, 2_000, 5_000])
    expect(intervalChoices(undefined)).toContain(60_000)
  })

  it('lists what every device should offer, also when this one does not', () => {
    expect(offersOf(undefined)).toEqual([])
  })
})

describe('remote control', () => {
  async function panel(options: Parameters<typeof openApp>[0] = {}) {
    const opened = await openApp({ path: `/patient/${S6}/remote`, ...options })
    await opened.until(() => expect(opened.text()).toContain('Measure interval'))
    const row = (name: string) => [...document.querySelectorAll<HTMLElement>('.remote-row')].find((r) => r.querySelector('.remote-name')?.textContent === name) as HTMLElement
    const status = (name: string) => row(name).querySelector('.remote-status')?.textContent ?? ''
    const button = (name: string) => row(name).querySelector('button') as HTMLButtonElement
    return { ...opened, row, status, button }
  }

  it('names the device, bed and patient it acts on', async () => {
    const { text } = await panel()
    expect(text()).toContain('ST-0047 · bed 06 · KOWALSKI, Petr (Ms) · online')
  })

  it('follows measure now from queued to done over the live connection, and shows what was measured', async () => {
    const { until, status, button, central, clock } = await panel()
    button('Measure now').click()
    await until(() => expect(status('Measure now')).toContain('queued: waits for the device until'))
    clock.advance(500)
    for (const [state, words] of [['sent', 'sent 0 s ago'], ['accepted', 'received by the device'], ['running', 'running']] as const) {
      central.moveCommand('ST-0047', state)
      await until(() => expect(status('Measure now')).toContain(words))
    }
    clock.advance(1_000)
    central.moveCommand('ST-0047', 'done', { data: { m: { pr: 72, spo2: 97 }, sq: { pr: 91 }, t: NOW } })
    await until(() => expect(status('Measure now')).toMatch(/done \d\d:\d\d:\d\d, after 1\.5 s/))
    expect(status('Measure now')).toMatch(/PR 72 \/minSpO₂ 97 %measured 02:14:07$/)
  })

  it('does not call a command done because it was sent: after ten silent seconds it says that nobody knows', async () => {
    const { until, status, button, central, clock } = await panel()
    button('Blink (identify)').click()
    await until(() => expect(status('Blink (identify)')).toContain('queued'))
    central.moveCommand('ST-0047', 'sent')
    for (let s = 0; s < 12; s++) {
      clock.advance(1_000)
      central.heartbeat()
    }
    await until(() => expect(status('Blink (identify)')).toMatch(/No answer for \d+ s: we do not know whether it happened/))
    central.moveCommand('ST-0047', 'unknown')
    await until(() => expect(status('Blink (identify)')).toContain('We do not know whether it happened'))
    expect(byName('.remote-status button', 'Ask again')).toBeTruthy()
  })

  it('says in the device’s own words why it failed, and a retry names the one before', async () => {
    const { until, status, button, central } = await panel()
    button('Measure now').click()
    await until(() => expect(status('Measure now')).toContain('queued'))
    central.moveCommand('ST-0047', 'failed', { why: 'finger not detected' })
    await until(() => expect(status('Measure now')).toContain('finger not detected'))
    // The answer to the first may still be on its way: until then the button shows that it is busy.
    await until(() => expect(byName('.remote-status button', 'Ask again').getAttribute('aria-busy')).toBe('false'))
    byName('.remote-status button', 'Ask again').click()
    await until(() => expect(central.world.devices.get('ST-0047')?.commands).toHaveLength(2))
  })

  it('takes back a command that still waits, and says so when it is too late', async () => {
    const { until, status, button, central } = await panel()
    button('Measure now').click()
    await until(() => expect(status('Measure now')).toContain('queued'))
    byName('.remote-status button', 'Take back').click()
    await until(() => expect(status('Measure now')).toContain('cancelled'))
    button('Blink (identify)').click()
    await until(() => expect(status('Blink (identify)')).toContain('queued'))
    const record = central.world.devices.get('ST-0047')?.commands[0]
    if (record) record.state = 'sent'
    byName('.remote-status button', 'Take back').click()
    await until(() => expect(status('Blink (identify)')).toContain('Too late to take it back'))
  })

  it('keeps what a device cannot do in its place, with the reason', async () => {
    const { row, button, central } = await panel()
    expect(row('Self-test').textContent).toContain('the device does not offer this')
    button('Self-test').click()
    expect(central.world.devices.get('ST-0047')?.commands).toEqual([])
  })

  it('tells a viewer why nothing can be sent', async () => {
    const { row } = await panel({ user: 'viewer' })
    expect(row('Measure now').textContent).toContain('Your role may not send commands')
    expect(row('Measure interval').textContent).toContain('Your role may not send commands')
  })

  it('offers to queue for a device that is offline, until a time the person chooses', async () => {
    const { until, text, row, button, central } = await panel({ before: (c) => c.silence('ST-0047') })
    await until(() => expect(text()).toContain('The device is not connected'))
    expect(button('Measure now').textContent).toContain('Queue')
    fill(row('Measure now').querySelector('select') as HTMLSelectElement, '3600000')
    button('Measure now').click()
    await until(() => expect(central.world.devices.get('ST-0047')?.commands[0]?.expiresAt).toBe(iso(NOW + 3_600_000)))
  })

  it('asks for the device’s name and a reason before a restart', async () => {
    const { until, button, central } = await panel()
    button('Restart').click()
    await until(() => expect(document.querySelector('[role="dialog"]')?.textContent).toContain('Monitoring has a gap of about 20 s'))
    const dialog = document.querySelector('[role="dialog"]') as HTMLElement
    const [device, reason] = [...dialog.querySelectorAll('input')] as [HTMLInputElement, HTMLInputElement]
    fill(device, 'ST-0048')
    await until(() => expect(dialog.textContent).toContain('type ST-0047'))
    fill(device, 'ST-0047')
    await until(() => expect(dialog.textContent).toContain('give a reason'))
    fill(reason, 'does not answer')
    await until(() => expect(dialog.querySelector('.button-primary')?.getAttribute('aria-disabled')).toBe('false'))
    ;(dialog.querySelector('.button-primary') as HTMLElement).click()
    await until(() => expect(central.world.devices.get('ST-0047')?.commands[0]).toMatchObject({ do: 'restart', reason: 'does not answer' }))
  })

  it('shows a changed interval as waiting until the device reports it', async () => {
    const { until, row, status, button, central } = await panel()
    await until(() => expect(status('Measure interval')).toContain('In force'))
    fill(row('Measure interval').querySelector('select') as HTMLSelectElement, '5000')
    await until(() => expect(button('Measure interval').getAttribute('aria-disabled')).toBe('false'))
    button('Measure interval').click()
    await until(() => expect(status('Measure interval')).toContain('the device has not answered yet'))
    expect(row('Measure interval').textContent).toMatch(/5 s.*1 s/)
    expect(central.world.devices.get('ST-0047')?.config.desired.set).toEqual({ interval_ms: 5_000 })
  })

  it('says that someone else was quicker, and shows what they asked for', async () => {
    const { until, row, status, button, central } = await panel()
    await until(() => expect(status('Measure interval')).toContain('In force'))
    const fake = central.world.devices.get('ST-0047')
    if (fake) fake.config = { ...fake.config, desired: { version: 9, set: { interval_ms: 10_000 }, by: 'Dr Roy' } }
    fill(row('Measure interval').querySelector('select') as HTMLSelectElement, '5000')
    await until(() => expect(button('Measure interval').getAttribute('aria-disabled')).toBe('false'))
    button('Measure interval').click()
    await until(() => expect(status('Measure interval')).toContain('Someone else changed this while you were looking'))
    await until(() => expect(row('Measure interval').textContent).toMatch(/10 s.*Dr Roy/))
  })
})
