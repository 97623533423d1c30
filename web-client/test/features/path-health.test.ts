import { describe, expect, it } from 'vitest'
import { sizeText } from '../../src/ui/size-text.ts'
import { Refusal } from '../fake-central/refusal.ts'
import { openApp } from '../support/open-app.ts'

const row = () => document.querySelector('.path-health')
const parts = () => [...document.querySelectorAll('.path-parts > div')].map((part) => part.textContent?.replace(/\s+/g, ' ').trim())
const wrong = () => document.querySelectorAll('.path-wrong').length

describe('above the list of devices', () => {
  it('stands whether broker, storage, database and alarms work, and how long the disk lasts', async () => {
    const { until } = await openApp({ path: '/devices', before: (c) => [...c.world.devices.values()].forEach(({ device }, n) => (device.unsent = n < 2 ? 20 : 0)) })
    await until(() => expect(parts()).toEqual([
      'Brokerconnected',
      'Storingup to date, newest 2 s agoboards hold 40 unsent readings',
      'Database4.2 GB · at most 310 MB more a day81 GB of 240 GB free · lasts 261 days or more',
      expect.stringMatching(/^Alarms11 patients watched, checked \d\d:\d\d:\d\d$/),
    ]))
    expect(wrong()).toBe(0)
  })

  it('stands what does not work, in words and not by a mark alone', async () => {
    const { until, central, clock } = await openApp({ path: '/devices', before: (c) => {
      c.path = { broker: { state: 'away' }, storing: { state: 'behind', storedMsAgo: 45_000 }, database: { state: 'ok', sizeBytes: 900 } }
      c.alarms.engine = 'away'
    } })
    await until(() => expect(wrong()).toBe(3))
    expect(parts().join(' | ')).toMatch(/not connected: nothing new reaches the screens.*behind: the newest is 45 s old; boards keep what is not stored.*0\.9 kBroom on its disk: not seen from here.*Alarms/)
    central.path = { broker: { state: 'ok' }, storing: { state: 'unknown' }, database: { state: 'away' } }
    clock.advance(10_000)
    await until(() => expect(parts().join(' | ')).toMatch(/Storingnot known.*Databaseaway: boards keep what they measure/))
  })

  it('stands nothing of before when it cannot be asked', async () => {
    const { until, central, clock } = await openApp({ path: '/devices' })
    await until(() => expect(parts()).toHaveLength(4))
    central.refusals.set('GET /path-health', new Refusal('INTERNAL', 'broken'))
    clock.advance(10_000)
    await until(() => expect(row()?.querySelector('.failure')).not.toBeNull())
    expect(parts()).toEqual([])
  })
})

it('a size has one decimal and a unit a person reads', () => {
  expect([0, 999, 1_300_000, 4_210_000_000, 5e15].map((bytes) => sizeText(bytes, String))).toEqual(['0 kB', '1 kB', '1.3 MB', '4.2 GB', '5000 TB'])
})
