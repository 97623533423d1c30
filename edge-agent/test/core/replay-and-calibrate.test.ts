import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { manualClock } from '@vigil/contract/testing/manual-clock'
import { memoryDocument } from '../../src/commands/durable-document.ts'
import type { CommandResult } from '../../src/commands/command-machine.ts'
import { createAgent, type Agent } from '../../src/core/agent.ts'
import { type CalibrationMemory, createCalibration } from '../../src/core/calibration.ts'
import { createSensorSignals } from '../../src/core/vital-signs-of-sensors.ts'
import type { Link, LinkHandlers } from '../../src/link/link.ts'
import { jsonDocument } from '../../src/platform/json-document.ts'
import { sensorRegistry } from '../../src/sensors/registry.ts'
import { an6845, spo2At } from '../../src/signals/light/spo2-curve.ts'
import { replayedBus } from '../../src/sim/replay-board.ts'
import { memorySpoolStore } from '../../src/spool/memory-spool-store.ts'
import { beatShape } from '../signals/synthetic-pulse.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const HZ = 25
const SECONDS_EACH = 40
const ratios = [0.45, 0.75, 1.05] as const

/** A recording of a finger whose saturation falls in three steps, as a maker would note it down. */
function recordingFile(folder: string): string {
  const rows = ['# three saturations, 72 beats a minute', 't,red,ir,temp']
  for (let i = 0; i < ratios.length * SECONDS_EACH * HZ; i += 1) {
    const t = i / HZ
    const ratio = ratios[Math.floor(t / SECONDS_EACH)] as number
    const beat = beatShape((t * 1.2) % 1)
    rows.push([t.toFixed(2), (110_000 * (1 - ratio * 0.012 * beat)).toFixed(0), (130_000 * (1 - 0.012 * beat)).toFixed(0), '36.8'].join(','))
  }
  const path = join(folder, 'fall.csv')
  mkdirSync(folder, { recursive: true })
  writeFileSync(path, rows.join('\n'))
  return path
}

function noLink(): Link & { handlers: LinkHandlers | undefined } {
  const link = { handlers: undefined as LinkHandlers | undefined, start: (handlers: LinkHandlers) => void (link.handlers = handlers), publish: () => {}, publishWave: () => {}, status: () => ({ connected: false }), stop: async () => {} }
  return link as unknown as Link & { handlers: LinkHandlers | undefined }
}

interface Board {
  readonly agent: Agent
  readonly link: ReturnType<typeof noLink>
  pass(seconds: number): Promise<void>
  calibrate(signal: string, reference?: number): Promise<CommandResult>
}

/** The agent on a replayed recording, with its calibration in the folder as on a board. */
async function boardOn(folder: string): Promise<Board> {
  const clock = manualClock()
  const { bus, note } = replayedBus(recordingFile(folder), clock)
  expect(note).toBe('Replay of fall.csv: red, ir, temp at 25 Hz, 120 s, over and over')
  const calibration = createCalibration(jsonDocument<CalibrationMemory>(join(folder, 'board-1.calibration.json')))
  const signals = createSensorSignals('spontaneous', calibration.curve)
  const link = noLink()
  const agent = createAgent({
    clock, random: () => 0, bus, registry: sensorRegistry, store: memorySpoolStore({ epoch: 'abcd0001', capacity: 1_000 }), link,
    vitalSigns: signals.vitalSigns, documents: { commands: memoryDocument(), config: memoryDocument(), sensors: memoryDocument() },
    calibration, indicator: { kind: 'LED', set: () => {} }, identity: { mode: 'test', firmware: '0', hardware: 'bench' }, log: () => {},
  })
  const pass = async (seconds: number): Promise<void> => {
    for (let i = 0; i < seconds * 100; i += 1) {
      clock.advance(10)
      await new Promise<void>((resolve) => void setImmediate(resolve))
    }
  }
  const state = { started: false }
  void agent.start().then(() => (state.started = true))
  while (!state.started) await pass(0.01)
  return { agent, link, pass, calibrate: (signal, reference) => agent.ask('calibrate', { signal, ...(reference !== undefined && { reference }) }) }
}

const saturation = ({ agent }: Board): number => agent.status().latest.m['spo2'] ?? Number.NaN

describe('a board that replays a recording', () => {
  it('measures it like a patient, takes a calibration at two and at three saturations, and keeps the curve over a restart', { timeout: 60_000 }, async () => {
    const folder = temporaryFolder()
    const board = await boardOn(folder)
    await board.pass(26)
    expect(board.agent.status().latest.m).toMatchObject({ pr: expect.closeTo(72, 0), spo2: expect.closeTo(spo2At(an6845, 0.45), 0), temp: expect.closeTo(36.8, 1) })

    expect(await board.calibrate('spo2')).toMatchObject({ ok: false, why: expect.stringContaining('Give the saturation') })
    expect(await board.calibrate('spo2', 99)).toMatchObject({ ok: true, data: { points: 1 } })
    expect(saturation(board)).toBeCloseTo(spo2At(an6845, 0.45), 0)

    await board.pass(44)
    expect(await board.calibrate('spo2', 91)).toMatchObject({ ok: true, data: { points: 2, curve: { name: 'AN6845', version: 2 } } })
    await board.pass(4)
    expect(saturation(board)).toBeCloseTo(91, 0)

    await board.pass(36)
    expect(await board.calibrate('spo2', 80)).toMatchObject({ ok: true, data: { points: 3, curve: { name: 'AN6845', version: 3 } } })
    await board.pass(4)
    expect(saturation(board)).toBeCloseTo(80, 0)
    expect(JSON.parse(readFileSync(join(folder, 'board-1.calibration.json'), 'utf8'))).toMatchObject({ curve: { name: 'AN6845', version: 3 }, points: [{ spo2: 99 }, { spo2: 91 }, { spo2: 80 }] })

    const after = await boardOn(folder)
    await after.pass(26)
    expect(saturation(after)).toBeCloseTo(99, 0)
  })

  it('takes the reading of a thermometer at the same place', { timeout: 30_000 }, async () => {
    const board = await boardOn(temporaryFolder())
    await board.pass(5)
    expect(await board.calibrate('temp', 45)).toMatchObject({ ok: false, why: expect.stringContaining('no calibration') })
    expect(await board.calibrate('temp', 37.3)).toMatchObject({ ok: true, data: { offset: expect.closeTo(0.5, 1) } })
    await board.pass(3)
    expect(board.agent.status().latest.m['temp']).toBeCloseTo(37.3, 1)
  })
})

describe('average_s', () => {
  it('calms the computed numbers over so many seconds and begins anew after an absence', { timeout: 60_000 }, async () => {
    const board = await boardOn(temporaryFolder())
    await board.pass(36)
    const before = saturation(board)
    board.link.handlers?.desiredConfig({ version: 1, set: { average_s: 16 } })
    // Within 16 s of the fall to the next saturation the mean lies between both, and then it is there.
    await board.pass(20)
    const between = saturation(board)
    expect(before - between).toBeGreaterThan(2)
    await board.pass(18)
    const after = saturation(board)
    expect(after).toBeCloseTo(spo2At(an6845, 0.75), 0)
    expect(between - after).toBeGreaterThan(1)
  })
})
