import { describe, expect, it } from 'vitest'
import { manualClock } from '@vigil/contract/testing/manual-clock'
import { halfBlocks } from '../../src/panel/frame.ts'
import { drawMessage, drawPage } from '../../src/panel/pages.ts'
import { displayWords } from '../../src/panel/words.ts'
import { openBoardPanel } from '../../src/platform/board-panel.ts'
import { askPanel, type PanelLook, watchPanel } from '../../src/platform/panel-look.ts'
import { EmulatedSsd1306 } from '../../src/sim/chips/emulated-ssd1306.ts'
import { createEmulatedBus } from '../../src/sim/emulated-bus.ts'
import { runAgentCommand, startAgentProcess } from '../support/agent-process.ts'
import { eventually } from '../support/eventually.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const identity = { device: 'board-1', site: 'main', mode: 'test', firmware: '0.1.0' } as const
const nothing = { m: {}, q: {}, x: {}, sq: {} }
const second = { second: nothing, connected: true, timeProven: true, why: undefined, unsent: 0, dropped: 0, sensors: 1, faults: [], config: {} }
const view = { ...identity, latest: nothing, connected: true, timeProven: true, why: '', unsent: 0, dropped: 0, sensors: 1, faults: [], words: displayWords.en }

function emulatedBoard(display: string | undefined) {
  const clock = manualClock()
  const chip = new EmulatedSsd1306({ clock })
  const bus = createEmulatedBus()
  bus.attach(0x3c, chip)
  const watch = watchPanel()
  const light: boolean[] = []
  const bedside = openBoardPanel({ parts: { display, buzzer: undefined, buttons: undefined }, bus, clock, identity, log: () => {}, watch, emulated: true })
  bedside.attach({ measureNow: () => {}, record: () => {} })
  const indicator = watch.light({ kind: 'log', set: (on) => light.push(on) })
  const ask = async (args: Record<string, unknown>, emulated = true): Promise<PanelLook> => {
    const result = await askPanel(watch, bedside, args, emulated)
    if (!result.ok) throw new Error(result.why)
    return result.data as unknown as PanelLook
  }
  return { chip, bedside, indicator, light, ask }
}
const bytesOf = ({ picture }: PanelLook): Uint8Array | undefined => (picture === null ? undefined : new Uint8Array(Buffer.from(picture, 'base64')))

describe('a look at the panel from elsewhere', () => {
  it('is what the display itself shows, before and after a button was pressed', async () => {
    const { chip, bedside, ask } = emulatedBoard('ssd1306')
    expect(await ask({})).toEqual({ picture: null, hasDisplay: true, light: 'usual', buzzer: 'silent' })
    bedside.second(second)
    await eventually(async () => expect(bytesOf(await ask({}))).toEqual(chip.picture()))
    expect(chip.picture()).toEqual(drawPage('values', view))
    expect(bytesOf(await ask({ press: 'menu' }))).toEqual(drawPage('quality', view))
    await bedside.close()
  })

  it('tells the light and the buzzer while somebody looks for the board', async () => {
    const { bedside, indicator, light, ask } = emulatedBoard('ssd1306')
    bedside.second(second)
    await eventually(async () => expect((await ask({})).picture).not.toBeNull())
    indicator.set(true)
    bedside.call(true)
    await eventually(async () => expect(bytesOf(await ask({}))).toEqual(drawMessage('Here is board-1', view)))
    expect(await ask({})).toMatchObject({ light: 'blinks', buzzer: 'call' })
    expect(light).toEqual([true])
    await bedside.close()
  })

  it('presses no button of a real board, and none there is not', async () => {
    const { bedside, ask } = emulatedBoard(undefined)
    await expect(ask({ press: 'menu' }, false)).rejects.toThrow('are pressed at the board')
    await expect(ask({ press: 'off' })).rejects.toThrow('measure and menu')
    expect(await ask({ press: 'menu' })).toMatchObject({ hasDisplay: false, picture: null })
    await bedside.close()
  })
})

describe('vigil-agent display', () => {
  it('draws the display of an emulated board in the terminal, and turns its page', async () => {
    const data = temporaryFolder()
    const of = ['--device', 'bed-12', '--data', data]
    expect(await runAgentCommand(['display', ...of])).toMatchObject({ code: 1, err: expect.stringContaining('No agent runs on this board') })
    startAgentProcess(['run', ...of, '--emulate', '--display', 'ssd1306', '--url', 'mqtt://127.0.0.1:1'], { VIGIL_AGENT_SECRET: 's' })
    await eventually(async () => expect((await runAgentCommand(['display', ...of])).out).toContain('█'), 30_000)
    const { code, out } = await runAgentCommand(['display', ...of])
    expect([code, out.split('\n').length]).toEqual([0, 35])
    expect(out).toMatch(/ {2}light {3}as usual\n {2}buzzer {2}(silent|bursts)/)
    // The head is the same on every page; below it another page stands.
    const turned = (await runAgentCommand(['display', ...of, '--press', 'menu'])).out
    expect(turned.split('\n').slice(0, 4)).toEqual(out.split('\n').slice(0, 4))
    expect(turned).not.toBe(out)
    expect(await runAgentCommand(['display', ...of, '--press', 'fly'])).toMatchObject({ code: 1, err: expect.stringContaining('measure and menu') })
  }, 60_000)

  it('draws two rows of dots in one of text', () => {
    const bytes = new Uint8Array(1_024)
    bytes[0] = 0b01
    bytes[1] = 0b10
    bytes[2] = 0b11
    expect(halfBlocks(bytes).split('\n')[0]).toBe(`▀▄█${' '.repeat(125)}`)
  })
})
