import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { soakAgent } from '../../bench/soaked-agent.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** An hour with a cut at its end, and what delivering takes afterwards. */
const SECONDS = 3_600 + 300
const LOOK_EVERY_S = 300
/** Less than half an hour of a thermometer's objects. */
const LIMIT_BYTES = 128 * 1_024

it('an agent that runs for hours, cut off again and again, grows nowhere and leaves nothing behind', { timeout: 120_000 }, async () => {
  setFlagsFromString('--expose-gc')
  globalThis.gc = runInNewContext('gc') as typeof globalThis.gc
  const { readings, missing, stored } = await soakAgent({
    path: join(temporaryFolder(), 'board.sqlite'),
    seconds: SECONDS,
    lookEveryS: LOOK_EVERY_S,
    fitted: [{ model: 'tmp117', address: 0x48 }],
    limitBytes: LIMIT_BYTES,
    beatMs: 1_000,
    minutesOffline: 5,
  })
  expect(missing).toBeLessThanOrEqual(1)
  expect(stored).toBeGreaterThan(SECONDS - 5)
  expect(readings).toHaveLength(Math.floor(SECONDS / LOOK_EVERY_S))
  const settled = readings.slice(readings.length / 2)
  // The ring was full half-way: what is kept, the file and the heap stay as they are from then on.
  const most = (of: (one: (typeof readings)[number]) => number, among = readings): number => Math.max(...among.map(of))
  expect(most(({ fileMb }) => fileMb)).toBeLessThan((1.5 * LIMIT_BYTES) / 1e6)
  expect(most(({ records }) => records, settled)).toBeLessThanOrEqual(1.25 * most(({ records }) => records, readings.slice(0, readings.length / 2)))
  expect(most(({ unsent }) => unsent)).toBeLessThanOrEqual(310)
  expect(most(({ onTheWay }) => onTheWay)).toBeLessThanOrEqual(500)
  expect(most(({ timers }) => timers)).toBeLessThan(12)
  expect((readings.at(-1)?.heapMb ?? Number.NaN) - (readings[2]?.heapMb ?? Number.NaN)).toBeLessThan(2)
})
