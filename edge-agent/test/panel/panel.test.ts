import { describe, expect, it } from 'vitest'
import { type ManualClock, manualClock } from '@vigil/contract/testing/manual-clock'
import { displayLanguages } from '../../src/commands/config-keys.ts'
import { rowsOf, strangersIn } from '../../src/panel/font.ts'
import { createFrame, pictureOf } from '../../src/panel/frame.ts'
import { drawMessage, drawPage, pages, type PanelView, screensOf, wrapped } from '../../src/panel/pages.ts'
import { type Button, createPanel, type Screen } from '../../src/panel/panel.ts'
import { ssd1306 } from '../../src/panel/ssd1306.ts'
import { conditionInWords, displayWords } from '../../src/panel/words.ts'
import { EmulatedSsd1306 } from '../../src/sim/chips/emulated-ssd1306.ts'
import { createEmulatedBus } from '../../src/sim/emulated-bus.ts'

const view: PanelView = {
  device: 'board-1',
  site: 'main',
  mode: 'real',
  firmware: '0.1.0',
  timeProven: true,
  latest: { m: { pr: 72.4, spo2: 97, temp: 36.84 }, q: { spo2: 'low' }, x: { rr: 'off' }, sq: { pr: 93.6 } },
  connected: true,
  why: '',
  unsent: 0,
  dropped: 0,
  sensors: 4,
  faults: [],
  words: displayWords.en,
}
const cropped = (bytes: Uint8Array, rows: number, columns: number): string[] => pictureOf(bytes).split('\n').slice(0, rows).map((row) => row.slice(0, columns))

describe('the frame', () => {
  it('draws letters dot by dot, and what it does not know as a question mark', () => {
    const frame = createFrame()
    frame.text(0, 0, 'a1')
    expect(cropped(frame.bytes, 7, 11)).toEqual([
      '.###....#..',
      '#...#..##..',
      '#...#...#..',
      '#####...#..',
      '#...#...#..',
      '#...#...#..',
      '#...#..###.',
    ])
    const [unknown, question] = [createFrame(), createFrame()]
    unknown.text(0, 0, '€')
    question.text(0, 0, '?')
    expect(unknown.bytes).toEqual(question.bytes)
  })

  it('cuts off what does not fit', () => {
    const frame = createFrame()
    frame.text(126, 62, '88', { scale: 2 })
    expect(frame.bytes).toHaveLength(1_024)
    expect(pictureOf(frame.bytes).split('\n')[62]?.slice(0, 100)).not.toContain('#')
  })
})

describe('the pages', () => {
  it.each(pages)('%s look as they did', async (page) => {
    await expect(pictureOf(drawPage(page, view))).toMatchFileSnapshot(`golden/${page}.txt`)
  })

  it.each(displayLanguages.filter((language) => language !== 'en'))('speak %s, in letters the display has and lines it has room for', async (language) => {
    const words = displayWords[language]
    const said = { ...view, words, connected: false, why: 'Nobody answers', unsent: 3, alarm: conditionInWords('desat:spo2', words) }
    await expect(pictureOf(drawPage('connection', said))).toMatchFileSnapshot(`golden/connection-${language}.txt`)
    const unknown = rowsOf('€')
    for (const word of Object.values(words).flatMap((one: string | Readonly<Record<string, string>>) => (typeof one === 'string' ? [one] : Object.values(one)))) {
      expect(word.length, word).toBeLessThanOrEqual(21)
      for (const letter of word) expect(rowsOf(letter), `${letter} in ${word}`).not.toEqual(unknown)
    }
    for (const reason of Object.values(words.reasons)) expect(reason.length, reason).toBeLessThanOrEqual(6)
    for (const question of Object.values(words.questions)) expect(question.length, question).toBeLessThanOrEqual(8)
    expect(Object.keys(words.reasons)).toEqual(Object.keys(displayWords.en.reasons))
  })

  it('say that nobody hears, that data are not real, and what the board sounds for, on every page', async () => {
    const alone: PanelView = { ...view, connected: false, why: 'Nobody answers at the address of the broker', unsent: 812, mode: 'test', alarm: 'SPO2 LOW' }
    await expect(pictureOf(drawPage('connection', alone))).toMatchFileSnapshot('golden/alone.txt')
    for (const page of pages) expect(drawPage(page, alone).subarray(7 * 128)).toEqual(drawPage('values', alone).subarray(7 * 128))
  })

  it('keep all four values whole while an alarm stands at the foot', () => {
    const raised = { ...view, latest: { ...view.latest, m: { pr: 131, spo2: 78, rr: 32, temp: 39.4 } }, alarm: 'RR HIGH' }
    const shown = pictureOf(drawPage('values', raised)).split('\n')
    const alone = createFrame()
    alone.text(0, 40, '32', { scale: 2 })
    alone.text(64, 40, '39.4', { scale: 2 })
    expect(shown.slice(39, 54)).toEqual(pictureOf(alone.bytes).split('\n').slice(39, 54))
    expect(shown.slice(55)).toEqual(pictureOf(drawPage('connection', raised)).split('\n').slice(55))
  })

  it('show every signal there is, on as many screens as it takes, and say when there is none', () => {
    const m = Object.fromEntries(['pr', 'spo2', 'pi', 'temp', 'rr', 'rrppg', 'paw', 'peep', 'pip', 'tskin', 'pamb', 'co2', 'tvoc'].map((name, i) => [name, 10 + i]))
    const many = { ...view, latest: { ...view.latest, m, x: {} } }
    expect(screensOf('quality', many)).toBe(3)
    expect(screensOf('quality', { ...many, alarm: 'APNOEA' })).toBe(3)
    expect(new Set([0, 1, 2].map((part) => pictureOf(drawPage('quality', many, part)))).size).toBe(3)
    const nothing = { ...view, latest: { m: {}, q: {}, x: {}, sq: {} }, sensors: 0 }
    expect(screensOf('quality', nothing)).toBe(1)
    expect(drawPage('identity', nothing)).not.toEqual(drawPage('identity', { ...nothing, words: { ...nothing.words, noSensors: 'OTHER' } }))
  })

  it('say what was lost, who the board is with a long name, and the other breathing or temperature the board has', async () => {
    const long: PanelView = { ...view, device: 'ward-4-bed-12-window-side-left', site: 'hospital-north-wing-2', faults: ['max30102@0x57', 'bmp280@0x76'] }
    const other: PanelView = { ...view, unsent: 3, dropped: 4_012, latest: { m: { rrppg: 14, tskin: 33.4 }, q: {}, x: { rr: 'off', pr: 'motion' }, sq: {} } }
    const shown = [drawPage('identity', long), drawPage('connection', other), drawPage('values', other), drawMessage('Here is board-1', { ...view, alarm: 'APNOEA' })]
    await expect(shown.map(pictureOf).join('\n')).toMatchFileSnapshot('golden/odd-cases.txt')
  })

  it('show a text from the centre', async () => {
    await expect(pictureOf(drawMessage('Please call the ward, extension 12', view))).toMatchFileSnapshot('golden/message.txt')
  })

  it('break texts at spaces, and words that are longer than a line', () => {
    expect(wrapped(' one  two three four five six ')).toEqual(['one two three four', 'five six'])
    expect(wrapped('x'.repeat(30))).toEqual(['x'.repeat(21), 'x'.repeat(9)])
  })
})

function display(clock: ManualClock = manualClock()) {
  const chip = new EmulatedSsd1306({ clock })
  const bus = createEmulatedBus()
  bus.attach(0x3c, chip)
  let written = 0
  const plain = bus.open({ address: 0x3c })
  const i2c = {
    ...plain,
    write: (bytes: Uint8Array) => {
      written += bytes.length
      return plain.write(bytes)
    },
  }
  return { clock, chip, bus, screen: ssd1306({ i2c, clock }), written: () => written }
}

describe('the letters', () => {
  it('that the display has no picture for are known before they are sent', () => {
    expect(strangersIn('Zażółć, señor: “call” 12@ward; ¿sí? – it’s 5*3…')).toEqual([])
    expect(strangersIn('Привет 请 €? a')).toEqual(['П', 'р', 'и', 'в', 'е', 'т', '请', '€'])
  })
})

describe('the SSD1306', () => {
  it('shows exactly what was drawn', async () => {
    const { chip, screen } = display()
    const frame = drawPage('values', view)
    await screen.show(frame)
    expect(chip.picture()).toEqual(frame)
  })

  it('is sent only what has changed', async () => {
    const { chip, screen, written } = display()
    await screen.show(drawPage('values', view))
    const first = written()
    const changed = drawPage('values', { ...view, latest: { ...view.latest, m: { ...view.latest.m, temp: 37.2 } } })
    await screen.show(changed)
    expect(chip.picture()).toEqual(changed)
    expect(written() - first).toBeLessThan(first / 2)
    const second = written()
    await screen.show(changed)
    expect(written()).toBe(second)
  })

  it('that lost its supply is drawn anew within a minute, and one that was unplugged at once', async () => {
    const { clock, chip, screen } = display()
    const frame = drawPage('identity', view)
    await screen.show(frame)
    chip.powerCycle()
    clock.advance(60_000)
    await screen.show(frame)
    expect(chip.picture()).toEqual(frame)
    chip.unplug()
    await expect(screen.show(drawPage('values', view))).rejects.toMatchObject({ code: 'SENSOR_BUS_FAULT' })
    chip.plugIn()
    await screen.show(frame)
    expect(chip.picture()).toEqual(frame)
  })

  it('goes dark when the agent ends', async () => {
    const { chip, screen } = display()
    await screen.show(drawPage('values', view))
    await screen.close()
    expect(chip.picture().every((byte) => byte === 0)).toBe(true)
  })
})

describe('the panel', () => {
  function panel(screen: Screen) {
    const clock = manualClock()
    const pressed: string[] = []
    const logged: unknown[] = []
    let press: (button: Button) => void = () => {}
    const made = createPanel({
      clock,
      hardware: { screen, buttons: { onPress: (heard) => (press = heard), close: () => {} } },
      onMeasure: () => pressed.push('measured'),
      onPress: (button) => pressed.push(button),
      log: (event, facts) => logged.push([event, facts['ph']]),
    })
    made.update(view)
    return { clock, made, pressed, logged, press: (button: Button) => press(button) }
  }

  it('turns the page with the menu button, and comes home by itself', () => {
    const { clock, made, press } = panel(display().screen)
    expect(made.page()).toBe('values')
    press('menu')
    press('menu')
    expect(made.page()).toBe('connection')
    clock.advance(29_000)
    made.update(view)
    expect(made.page()).toBe('connection')
    clock.advance(1_000)
    made.update(view)
    expect(made.page()).toBe('values')
  })

  it('takes a message away before it turns a page, and measures when asked', () => {
    const { made, pressed, press } = panel(display().screen)
    made.message('Hello', 60)
    press('menu')
    expect(made.page()).toBe('values')
    press('menu')
    press('measure')
    expect([made.page(), pressed]).toEqual(['quality', ['menu', 'menu', 'measure', 'measured']])
  })

  it('goes on without its display, and says so once', async () => {
    const { chip, screen } = display()
    chip.unplug()
    const { made, logged } = panel(screen)
    for (let n = 0; n < 3; n += 1) {
      await new Promise<void>((resolve) => void setImmediate(resolve))
      made.update(view)
    }
    chip.plugIn()
    await new Promise<void>((resolve) => void setImmediate(resolve))
    made.update(view)
    await made.close()
    expect(logged).toEqual([['display.fault', 'start'], ['display.fault', 'end']])
  })
})
