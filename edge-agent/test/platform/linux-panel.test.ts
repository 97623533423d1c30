import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { manualClock } from '@vigil/contract/testing/manual-clock'
import { drawMessage } from '../../src/panel/pages.ts'
import { bedsideIndicator, displayControl, openBoardPanel } from '../../src/platform/board-panel.ts'
import { createEventParser, linuxButtons } from '../../src/platform/linux-buttons.ts'
import { linuxSounder } from '../../src/platform/linux-sounder.ts'
import { displayWords } from '../../src/panel/words.ts'
import { EmulatedSsd1306 } from '../../src/sim/chips/emulated-ssd1306.ts'
import { createEmulatedBus } from '../../src/sim/emulated-bus.ts'
import { eventually } from '../support/eventually.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** One `struct input_event` of a 64-bit Linux, little endian. */
function inputEvent(type: number, code: number, value: number): Buffer {
  const bytes = Buffer.alloc(24)
  bytes.writeUInt16LE(type, 16)
  bytes.writeUInt16LE(code, 18)
  bytes.writeInt32LE(value, 20)
  return bytes
}
const presses = Buffer.concat([inputEvent(1, 28, 1), inputEvent(0, 0, 0), inputEvent(1, 28, 0), inputEvent(1, 139, 1), inputEvent(1, 139, 2), inputEvent(1, 30, 1)])

describe('the buttons of a Linux board', () => {
  it('are presses of two keys: no releases, no repeats, no other key, however the bytes come', () => {
    for (const size of [1, 7, 24, 200]) {
      const heard: string[] = []
      const parse = createEventParser((button) => heard.push(button))
      for (let at = 0; at < presses.length; at += size) parse(presses.subarray(at, at + size))
      expect(heard).toEqual(['measure', 'menu'])
    }
  })

  it('are read from the input device, and one that cannot be opened is said', async () => {
    const path = join(temporaryFolder(), 'event0')
    writeFileSync(path, presses)
    const heard: string[] = []
    const logged: string[] = []
    const buttons = linuxButtons([path, `${path}-missing`], (event) => logged.push(event))
    buttons.onPress((button) => heard.push(button))
    await eventually(() => expect([heard, logged]).toEqual([['measure', 'menu'], ['buttons.refused']]))
    buttons.close()
  })
})

describe('the buzzer of a Linux board', () => {
  it('is switched as the kernel\'s LED of that name', () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'buzzer'))
    const sounder = linuxSounder('buzzer', () => {}, folder)
    sounder.set(true)
    expect(readFileSync(join(folder, 'buzzer', 'brightness'), 'utf8')).toBe('1')
    sounder.set(false)
    expect(readFileSync(join(folder, 'buzzer', 'brightness'), 'utf8')).toBe('0')
  })

  it('that is not there is said once and harms nothing', () => {
    const logged: string[] = []
    const sounder = linuxSounder('buzzer', (event) => logged.push(event), temporaryFolder())
    sounder.set(true)
    sounder.set(false)
    expect(logged).toEqual(['sounder.refused'])
  })
})

describe('the parts a board has beside its sensors', () => {
  const identity = { device: 'board-1', site: 'main', mode: 'real', firmware: '0.1.0' } as const
  const none = { display: undefined, buzzer: undefined, buttons: undefined }

  it('show who the board is while somebody looks for it', async () => {
    const clock = manualClock()
    const chip = new EmulatedSsd1306({ clock })
    const bus = createEmulatedBus()
    bus.attach(0x3d, chip)
    const bedside = openBoardPanel({ parts: { ...none, display: 'ssd1306@0x3d' }, bus, clock, identity, log: () => {} })
    bedside.second({ second: { m: {}, q: {}, x: {}, sq: {} }, connected: true, timeProven: true, why: undefined, unsent: 0, dropped: 0, sensors: 0, faults: [], config: {} })
    await eventually(() => expect(chip.picture().some((byte) => byte !== 0)).toBe(true))
    const before = chip.picture()
    const lit: boolean[] = []
    const indicator = bedsideIndicator({ kind: 'LED ACT', set: (on) => lit.push(on) }, bedside, { hasBuzzer: false })
    indicator.set(true)
    await eventually(() => expect(chip.picture()).not.toEqual(before))
    expect([indicator.kind, lit]).toEqual(['LED ACT, display', [true]])
    displayControl(bedside).display?.('Please call the ward')
    await eventually(() => expect(chip.picture()).toEqual(drawMessage('Please call the ward', { ...identity, latest: { m: {}, q: {}, x: {}, sq: {} }, connected: true, timeProven: true, why: '', unsent: 0, dropped: 0, sensors: 0, faults: [], words: displayWords.en })))
    await bedside.close()
  })

  it('refuse a text whose letters the display does not have', () => {
    const bus = createEmulatedBus()
    bus.attach(0x3c, new EmulatedSsd1306({ clock: manualClock() }))
    const control = displayControl(openBoardPanel({ parts: { ...none, display: 'ssd1306' }, bus, clock: manualClock(), identity, log: () => {} }))
    expect(() => control.display?.('请 call')).toThrow('it cannot show 请')
  })

  it('show no text where there is no display', () => {
    expect(displayControl(openBoardPanel({ parts: none, bus: createEmulatedBus(), clock: manualClock(), identity, log: () => {} }))).toEqual({})
  })

  it('are refused with a sentence when they are named wrongly', () => {
    expect(() => openBoardPanel({ parts: { ...none, display: 'oled' }, bus: createEmulatedBus(), clock: manualClock(), identity, log: () => {} })).toThrow('VIGIL_DISPLAY must be ssd1306')
  })
})
