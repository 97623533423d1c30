import { describe, expect, it } from 'vitest'
import type { AlarmConfirmation } from '@vigil/contract/messages/alarm'
import type { DeviceEvent } from '@vigil/contract/messages/event'
import { manualClock } from '@vigil/contract/testing/manual-clock'
import { createBedside } from '../../src/panel/bedside.ts'
import { ssd1306 } from '../../src/panel/ssd1306.ts'
import { EmulatedSsd1306 } from '../../src/sim/chips/emulated-ssd1306.ts'
import { createEmulatedBus } from '../../src/sim/emulated-bus.ts'
import { benchAgent, scriptedVitalSigns, topic } from '../support/bench-agent.ts'
import { eventually } from '../support/eventually.ts'
import { startTestBroker } from '../support/test-broker.ts'

/** The whole agent with a buzzer and a display, whose patient has a pulse of 140, and whose clock is moved by hand. */
async function ward(url: string) {
  const clock = manualClock()
  const chip = new EmulatedSsd1306({ clock })
  const displayBus = createEmulatedBus()
  displayBus.attach(0x3c, chip)
  const sounds: boolean[] = []
  const bedside = createBedside({
    clock,
    hardware: { screen: ssd1306({ i2c: displayBus.open({ address: 0x3c }), clock }), sounder: { set: (on) => sounds.push(on) } },
    identity: { device: 'board-1', site: 'main', mode: 'real', firmware: '0.1.0' },
    log: () => {},
  })
  const heard = { confirmations: 0 }
  const hear = bedside.confirmed.bind(bedside)
  Object.assign(bedside, {
    confirmed: (confirmation: AlarmConfirmation) => {
      hear(confirmation)
      heard.confirmations += 1
    },
  })
  const { agent } = benchAgent(url, { clock, bedside, vitalSigns: scriptedVitalSigns(() => ({ m: { pr: 140 } })) })
  await agent.start()
  const pass = async (seconds: number): Promise<void> => {
    for (let n = 0; n < seconds * 10; n += 1) {
      clock.advance(100)
      await new Promise<void>((resolve) => void setImmediate(resolve))
    }
  }
  return { agent, chip, sounds, heard, pass, sounded: () => sounds.includes(true) }
}

describe('a board alone', () => {
  it('sounds and shows a limit broken with no network at all', async () => {
    const { chip, pass, sounded, sounds } = await ward('mqtt://127.0.0.1:1')
    await pass(9)
    expect(sounded()).toBe(false)
    await pass(5)
    expect(sounds.filter((on) => on).length).toBeGreaterThanOrEqual(1)
    expect(chip.picture().some((byte) => byte !== 0)).toBe(true)
  })

  it('leaves it to a centre that says it is heard, and tells in an event when it had to sound itself', async () => {
    const broker = await startTestBroker()
    const { agent, pass, sounded, heard } = await ward(broker.url)
    await eventually(() => expect(agent.status().link.connected).toBe(true))
    const confirm = (armed: number): void => broker.publish(topic('alarm'), { t: 1_772_362_800_000, for: 15_000, armed, a: [{ c: 'high:pr', p: 'medium', st: 'active', since: 1_772_362_790_000 }] })
    const heardAtBoard = async (armed: number, seconds: number): Promise<void> => {
      for (let n = 0; n < seconds; n += 4) {
        const before = heard.confirmations
        confirm(armed)
        await eventually(() => expect(heard.confirmations).toBeGreaterThan(before))
        await pass(4)
      }
    }
    await heardAtBoard(1, 32)
    expect(sounded()).toBe(false)
    await heardAtBoard(0, 12)
    expect(sounded()).toBe(true)
    const events = (): DeviceEvent[] => broker.heard.filter((m) => m.topic === topic('event')).map((m) => JSON.parse(m.text) as DeviceEvent)
    await eventually(() => expect(events()).toMatchObject([{ ev: 'local_alarm', ph: 'start', src: 'high_pr' }]))
  })
})
