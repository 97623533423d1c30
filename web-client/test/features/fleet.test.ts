import { describe, expect, it } from 'vitest'
import type { Device } from '@vigil/contract/api/devices'
import { configDrift } from '../../src/features/devices/config-drift.ts'
import type { FakeCentral } from '../fake-central/fake-central.ts'
import { openApp } from '../support/open-app.ts'

function say(c: FakeCentral, more: Partial<Device>): void {
  const board = c.world.devices.get('ST-0042')
  if (board) c.world.devices.set('ST-0042', { ...board, device: { ...board.device, ...more } })
}
const drifted = { config: { desired: 6, reported: 4, refused: [] }, firmware: '1.9.0', othersRun: '1.10.0', battery: 61, rssi: -70 }

describe('completeness and drift of a device', () => {
  it('is told by day and in words on its page', async () => {
    const { until, text } = await openApp({ path: '/devices/ST-0042', before: (c) => say(c, drifted) })
    await until(() => expect(document.querySelector('.days')?.textContent).toMatch(/14-Jul-2026.*17.280.*0 missing of 17.280.*13-Jul-2026.*nothing from this day/))
    expect(text()).toContain('reports 4, should have 6')
    expect(text()).toContain('others run 1.10.0')
    expect(text()).toContain('61 %')
    expect(text()).toContain('-70 dBm')
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
