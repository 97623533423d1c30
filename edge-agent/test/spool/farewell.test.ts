import { describe, expect, it } from 'vitest'
import { manualClock } from '@vigil/contract/testing/manual-clock'
import { memorySpoolStore } from '../../src/spool/memory-spool-store.ts'
import { createSpool } from '../../src/spool/protocol.ts'
import type { Farewell } from '../../src/spool/spool-store.ts'
import { modelServer } from '../support/model-server.ts'

const OLD = 'dead0001'
const NEW = 'abcd0002'

/** A board whose store broke: it has a new epoch and knows which numbers of the old one are gone. */
function boardAfterLoss() {
  const clock = manualClock()
  const server = modelServer()
  let farewell: Farewell | undefined = { epoch: OLD, next: 4_002, gaps: [[101, 3_000], [3_002, 4_001]] }
  const spool = createSpool({
    store: { ...memorySpoolStore({ epoch: NEW, capacity: 100 }), farewell: () => farewell, clearFarewell: () => (farewell = undefined) },
    clock,
    random: () => 0.5,
    time: () => ({ t: clock.now() }),
    wallTimeAt: () => undefined,
    transport: {
      publish: (lane, payload, settled) => {
        server.receive(lane, payload)
        settled()
      },
    },
  })
  return { spool, server, told: () => farewell }
}

describe('a board whose store broke', () => {
  it('says under the old epoch which numbers are gone, until the server has confirmed it', () => {
    const { spool, server, told } = boardAfterLoss()
    spool.online()
    spool.receipt({ e: NEW, upto: 0 })
    expect(server.counts.refused).toEqual([])
    expect(server.lost(OLD)).toEqual([[101, 3_000], [3_002, 4_001]])
    expect([...server.stored(OLD).keys()]).toEqual([4_002, 4_003])
    spool.receipt({ e: OLD, upto: 100, have: [[101, 4_002]] })
    expect(told()).toBeDefined()
    spool.receipt({ e: OLD, upto: 3_000, have: [[3_002, 4_003]] })
    expect(told()).toBeUndefined()
    expect(spool.status().foreignReceipts).toBe(1)
  })

  it('says it again after a reconnect, and no more once it was heard', () => {
    const { spool, server } = boardAfterLoss()
    for (let connection = 1; connection <= 3; connection++) {
      spool.online()
      spool.receipt({ e: NEW, upto: 0 })
      if (connection === 2) spool.receipt({ e: OLD, upto: 4_003 })
      spool.offline()
    }
    expect(server.counts.duplicates).toBe(2)
  })
})
