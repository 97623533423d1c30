import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { boardAway, streamed } from '../../bench/board-away.ts'
import { telemetryFields } from '../../src/core/measurement.ts'
import { attachModelBridge } from '../support/model-bridge.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { startTestBroker } from '../support/test-broker.ts'

const WEEK_S = 7 * 86_400
/** `npm run agent-away` runs the whole week. */
const SHARE = 60
const SECONDS = WEEK_S / SHARE
const WEEK_BYTES = 200 * 1_024 * 1_024

describe('a board that nobody hears for a sixtieth of seven days, with the sixtieth of their room', () => {
  it('hands over every second of every signal, once and unchanged, over a restart and a pulled plug', { timeout: 240_000 }, async () => {
    const board = await boardAway({ folder: join(temporaryFolder(), 'board'), startMs: Date.UTC(2026, 5, 1), limitBytes: WEEK_BYTES / SHARE })
    await board.measure(SECONDS / 3)
    await board.restart()
    await board.measure(SECONDS / 3)
    await board.pullPlug()
    await board.measure(SECONDS / 3)
    expect(board.status()).toMatchObject({ dropped: 0, unrecorded: 0, upto: 0 })
    expect(board.fileBytes()).toBeLessThanOrEqual(WEEK_BYTES / SHARE)

    const broker = await startTestBroker({ secret: 'right' })
    const bridge = attachModelBridge(broker)
    await board.deliver({ device: 'board-1', url: broker.url, secret: 'right' })
    const { lastSeq, upto, dropped } = board.status()
    const stored = bridge.stored(board.epoch())
    await board.close()

    expect({ upto, dropped }).toEqual({ upto: lastSeq, dropped: 0 })
    expect(bridge.counts).toMatchObject({ duplicates: 0, refused: [] })
    expect(bridge.lost(board.epoch())).toEqual([])
    const objects = [...stored].sort(([a], [b]) => a - b).map(([, { text }]) => JSON.parse(text) as { s: number; t: number; m?: Record<string, number>; x?: object })
    expect(objects.map(({ s }) => s)).toEqual(Array.from({ length: lastSeq }, (_, i) => i + 1))
    // What the sensors gave was written down as they gave it, apart from the agent.
    const samples = objects.filter(({ m }) => m !== undefined)
    expect(samples.map(({ t }) => t)).toEqual(board.given)
    samples.forEach(({ m, x = {} }, n) => {
      const expected = telemetryFields(streamed(n)) as { m: object; x?: object }
      expect(m, `second ${n}`).toMatchObject(expected.m)
      expect(x, `second ${n}`).toMatchObject(expected.x ?? {})
    })
    const names = new Set(samples.flatMap(({ m }) => Object.keys(m ?? {})))
    expect(names).toEqual(new Set(['pr', 'spo2', 'pi', 'rrppg', 'rr', 'paw', 'pip', 'peep', 'pamb', 'temp', 'tskin', 'co2', 'tamb', 'rhum', 'eco2', 'tvoc']))
  })
})
