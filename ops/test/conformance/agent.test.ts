import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createSimulatedBoard, logIndicator, openBoardAgent, openRecordings } from '@vigil/edge-agent'
import { systemClock } from '@vigil/program'
import { checkDevice } from '../../src/conformance/check-device.ts'
import { startBench } from './bench.ts'

describe('our own agent', () => {
  it('breaks no clause, and keeps all that a minute can show', async () => {
    const bench = await startBench('board-1')
    const folder = mkdtempSync(join(tmpdir(), 'vigil-agent-'))
    const recordings = openRecordings()
    const board = createSimulatedBoard({ clock: systemClock, pulse: recordings.pulse('100001-left'), mask: recordings.mask('mask-01'), ratioOfRatios: 0.6, seed: 1 })
    const agent = openBoardAgent({
      address: { site: 'main', device: 'board-1' },
      url: bench.url,
      secret: 's',
      folder,
      bus: board.bus,
      indicator: logIndicator(() => {}),
      identity: { mode: 'test', firmware: '0.1.0', hardware: 'bench' },
      clock: systemClock,
      random: Math.random,
      log: () => {},
    })
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    await agent.start()
    const checking = checkDevice({ url: bench.url, address: { site: 'main', device: 'board-1' }, seconds: 25, stimuli: ['command', 'config', 'rewind'], clock: systemClock, tell: () => {} })
    // Its goodbye is part of what is watched.
    systemClock.after(22_000, () => void agent.stop())
    const verdicts = await checking
    expect(verdicts.filter(({ state }) => state === 'broken')).toEqual([])
    const kept = verdicts.filter(({ state }) => state === 'kept').map(({ clause }) => clause)
    expect(kept).toEqual(expect.arrayContaining(['birth', 'topics', 'quality', 'retained', 'object', 'epoch', 'numbers', 'again', 'clock', 'backlog', 'rewind', 'commands', 'repeated', 'expired', 'unknown', 'configuration', 'waves', 'will']))
  }, 120_000)
})
