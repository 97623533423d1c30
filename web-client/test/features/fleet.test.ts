import { describe, expect, it } from 'vitest'
import type { Device } from '@vigil/contract/api/devices'
import type { Rollout } from '@vigil/contract/api/rollouts'
import { newRingDraft, rolloutFrom, settingFields } from '../../src/features/devices/ring-progress.ts'
import { configDrift } from '../../src/features/devices/config-drift.ts'
import { firmwareDrift } from '../../src/features/devices/firmware-drift.ts'
import type { FakeCentral } from '../fake-central/fake-central.ts'
import { Refusal } from '../fake-central/refusal.ts'
import { byName, fill, openApp } from '../support/open-app.ts'

function say(c: FakeCentral, more: Partial<Device>): void {
  const board = c.world.devices.get('ST-0042')
  if (board) c.world.devices.set('ST-0042', { ...board, device: { ...board.device, ...more } })
}
const drifted = { config: { desired: 6, reported: 4, refused: [] }, firmware: '1.9.0', othersRun: '1.10.0', battery: 61, rssi: -70 }

describe('completeness and drift of a device', () => {
  it('is told by day and in words on its page', async () => {
    const { until, text, central, clock } = await openApp({ path: '/devices/ST-0042', before: (c) => say(c, drifted) })
    await until(() => expect(document.querySelector('.days')?.textContent).toMatch(/14-Jul-2026.*17.280.*0 missing of 17.280.*13-Jul-2026.*nothing from this day/))
    expect(text()).toContain('reports 4, should have 6')
    expect(text()).toContain('nothing set; others run 1.10.0')
    expect(text()).toContain('61 %')
    expect(text()).toContain('-70 dBm')
    // The page and the remote panel in it have one source: asked at first and when the live connection stands, and told of what is new.
    const asked = (what: string) => central.requests.filter((request) => request === `GET /devices/ST-0042${what}`).length
    await until(() => expect([asked(''), asked('/commands')]).toEqual([2, 2]))
    const ledgers = asked('/ledger')
    clock.advance(30_000)
    await until(() => expect(asked('/ledger')).toBeGreaterThan(ledgers))
    expect([asked(''), asked('/commands')]).toEqual([2, 2])
  })

  it('stands in the list of devices, where only what is off is emphasised', async () => {
    const { until } = await openApp({ path: '/devices', before: (c) => say(c, drifted) })
    await until(() => expect([...document.querySelectorAll('.devices tbody tr')].find((row) => row.textContent?.includes('ST-0042'))?.textContent).toMatch(/61 %-70 dBmreports 4, should have 6.*1\.9\.0.*others run 1\.10\.0/))
    expect(document.querySelectorAll('.devices tbody strong')).toHaveLength(2)
  })

  it('has a word for each way in which asked and reported can stand', () => {
    const words = [undefined, { desired: 0, reported: 3, refused: [] }, { desired: 2, reported: 0, refused: [] }, { desired: 2, reported: 1, refused: [] }, { desired: 2, reported: 2, refused: ['language'] }, { desired: 2, reported: 2, refused: [] }]
    expect(words.map((config) => configDrift(config).word)).toEqual(['none', 'none', 'silent', 'behind', 'refused', 'same'])
  })
})

describe('firmware of a model', () => {
  const model = (c: FakeCentral) => [...c.world.devices.values()].forEach(({ device }, n) => Object.assign(device, { hardware: n < 3 ? 'Pi Zero' : 'esp32', firmware: n === 0 ? '1.9.0' : '1.10.0' }))
  const rowsOf = () => [...document.querySelectorAll('.devices > .table-scroll tbody tr')]

  it('is decided with a reason, shown beside what each board runs, and filtered by', async () => {
    const { until, text, central, router } = await openApp({ path: '/devices', before: model })
    await until(() => expect(document.querySelector('.firmware tbody')?.textContent).toMatch(/Pi Zero 3 boards.*1\.10\.0 on 2 · 1\.9\.0 on 1.*nothing set/))
    byName('button', 'Decide what Pi Zero should run').click()
    await until(() => expect(byName('[role="dialog"] button', '1.9.0 on 1')).toBeTruthy())
    byName('[role="dialog"] button', '1.9.0 on 1').click()
    await until(() => expect(text()).toContain('2 boards do not run 1.9.0.'))
    byName('[role="dialog"] button', 'Set it').click()
    expect(central.firmware.size, 'no reason yet').toBe(0)
    byName('[role="dialog"] button', 'Back from a faulty version').click()
    await until(() => expect(byName('[role="dialog"] button', 'Set it').getAttribute('aria-disabled')).toBe('false'))
    byName('[role="dialog"] button', 'Set it').click()
    await until(() => expect(document.querySelector('.firmware tbody')?.textContent).toMatch(/Pi Zero.*1\.9\.0by Alex Admin, Administrator.*Back from a faulty version/))
    await until(() => expect(rowsOf().filter((row) => row.textContent?.includes('should have 1.9.0'))).toHaveLength(2))
    expect(rowsOf().filter((row) => row.textContent?.includes('as it should'))).toHaveLength(1)
    byName('input[type="checkbox"]', 'Only boards not on the firmware they should have (2)').click()
    await until(() => expect(rowsOf()).toHaveLength(2))
    expect(router.currentRoute.value.fullPath).toBe('/devices?firmware=off')
  })

  it('keeps what was typed when somebody was first, and shows theirs', async () => {
    const { until, text, central } = await openApp({ path: '/devices', before: model })
    await until(() => expect(byName('button', 'Decide what esp32 should run')).toBeTruthy())
    byName('button', 'Decide what esp32 should run').click()
    await until(() => expect(text()).toContain('Nobody has decided yet.'))
    fill(document.querySelector('.dialog .code') as HTMLElement, '2.0.0')
    central.firmware.set('esp32', [{ version: 1, firmware: '1.8.0', by: 'Ola', role: 'operator', at: '2026-07-14T02:00:00.000Z', reason: 'battery' }])
    byName('[role="dialog"] button', 'Tested and approved').click()
    await until(() => expect(byName('[role="dialog"] button', 'Set it').getAttribute('aria-disabled')).toBe('false'))
    byName('[role="dialog"] button', 'Set it').click()
    await until(() => expect(document.querySelector('.firmware-history')?.textContent).toMatch(/1\.8\.0.*Ola/))
    expect((document.querySelector('.dialog .code') as HTMLInputElement).value).toBe('2.0.0')
    byName('[role="dialog"] button', 'Set it').click()
    await until(() => expect(central.firmware.get('esp32')?.[0]).toMatchObject({ version: 2, firmware: '2.0.0' }))
  })

  it('has a word for each way in which decided and reported can stand', () => {
    const words = [{}, { firmware: '1' }, { firmware: '1', othersRun: '2' }, { firmwareDesired: '2' }, { firmware: '1', firmwareDesired: '2' }, { firmware: '2', firmwareDesired: '2' }].map(firmwareDrift)
    expect(words.map(({ word, off }) => [word, off])).toEqual([['none', false], ['none', false], ['others', false], ['silent', true], ['differs', true], ['same', false]])
  })
})

describe('changes by rings', () => {
  const rings = () => document.querySelector('.rings') as HTMLElement
  const stopped = (c: FakeCentral): void => void c.rollouts.push({
    id: '00000000-0000-7000-8000-00000000f000', version: 3, state: 'stopped', set: { interval_ms: 250 }, reason: 'battery life', createdBy: 'operator', createdAt: new Date(c.clock.now()).toISOString(), waitS: 300, watchS: 60, mostFailed: 0, ring: 1,
    devices: [{ id: 'ST-0042', ring: 0, state: 'done', version: 2 }, { id: 'ST-0043', ring: 1, state: 'failed', version: 4, fault: 'refused', why: 'interval_ms: too fast' }, { id: 'ST-0044', ring: 1, state: 'done', version: 4 }],
  })

  it('show how far each ring is and why a device failed, and what a person decides', async () => {
    const { until, central } = await openApp({ path: '/devices', before: stopped })
    await until(() => expect(rings()?.textContent).toMatch(/Measure interval, ms = 250 · stopped by itself.*Ring 1.*1 of 1 run it.*Ring 2.*1 of 2 run it, 1 failed.*ST-0043 refused it interval_ms: too fast/))
    byName('.rings button', 'Put back').click()
    await until(() => expect(rings().textContent).toContain('being put back'))
    expect(central.rollouts[0]).toMatchObject({ state: 'putting_back', version: 4 })
  })

  it('say so when it went on meanwhile, and show what it is now', async () => {
    const { until, central } = await openApp({ path: '/devices', before: stopped })
    await until(() => expect(byName('.rings button', 'Go on')).toBeTruthy())
    central.rollouts[0] = { ...(central.rollouts[0] as Rollout), version: 4, state: 'cancelled' }
    byName('.rings button', 'Go on').click()
    await until(() => expect(rings().textContent).toMatch(/Someone else changed this while you were looking.*cancelled/))
  })

  it('need devices, a setting, a value and a reason', () => {
    const [field] = settingFields([])
    if (!field) throw new TypeError('the interval is always there')
    const draft = { ...newRingDraft(), by: 'devices' as const, list: 'ST-1, ST-2 ST-1', value: '2000', reason: 'battery life' }
    expect(rolloutFrom(draft, field)).toMatchObject({ devices: ['ST-1', 'ST-2'], set: { interval_ms: 2_000 }, rings: [{ devices: 1 }, { percent: 25 }], waitS: 300 })
    for (const part of [{ list: '' }, { value: ' ' }, { reason: 'x' }, { by: 'ward' as const }]) expect(rolloutFrom({ ...draft, ...part }, field)).toBeUndefined()
  })

  it('say before they begin how many devices are meant and how they are cut, as the central station tells it', async () => {
    const { until, central } = await openApp({ path: '/devices' })
    await until(() => expect(rings()).not.toBeNull())
    ;(rings().querySelector('.page-head button') as HTMLElement).click()
    await until(() => expect(document.querySelector('.ring-care [role="status"]')?.textContent).toMatch(/10 devices, in rings of: 1, 3, 6/))
    fill(byName('.ring-care input', 'Devices in the first ring'), '4')
    await until(() => expect(document.querySelector('.ring-care [role="status"]')?.textContent).toMatch(/4, 3, 3/))
    central.refusals.set('POST /rollout-drafts', new Refusal('INVALID_REQUEST', 'No device in service fits this choice.'))
    fill(byName('.ring-care input', 'Devices in the first ring'), '5')
    await until(() => expect(document.querySelector('.dialog')?.textContent).toContain('No device in service fits this choice.'))
  })

  it('offer settings with one value', () => {
    const config = { average_s: { type: 'integer', minimum: 1, maximum: 16 }, waves: { type: 'array' }, limits: { type: 'object' } }
    expect(settingFields([{ capabilities: { config } }]).map(({ name, max }) => [name, max])).toEqual([['interval_ms', 60_000], ['average_s', 16]])
  })
})
