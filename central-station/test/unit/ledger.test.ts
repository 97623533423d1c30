import { describe, expect, it } from 'vitest'
import { createLedger, type LedgerFact } from '../../src/ledger/ledger.ts'
import type { Registry } from '../../src/registry/registry.ts'

const registry = { now: () => ({ devices: new Map([['board-1', { no: 1 }]]) }) } as unknown as Registry
const fact = (extra: Partial<LedgerFact>): LedgerFact => ({ no: 7, epoch: 'abcd0001', got: [], lost: [], firstAtMs: 0, lastAtMs: 1, ...extra })

async function told(extra: Partial<LedgerFact>) {
  const ledger = createLedger({ registry, store: { epochs: async () => [fact(extra)], duplicates: async () => new Map([[7, 2]]) } })
  return (await ledger.read('board-1', {})).epochs[0]
}

describe('the ledger of a device', () => {
  it('tells what came, what is missing, what was given up, and what stands twice', async () => {
    expect(await told({ got: [[1, 4], [8, 9]], lost: [[5, 5]] })).toMatchObject({ received: 6, upto: 5, missing: 3, lost: 1, duplicates: 2, ranges: [[1, 4], [8, 9]] })
  })

  it('misses nothing where numbers are made of the time', async () => {
    expect(await told({ epoch: 'senml1', got: [[145_000_000, 145_000_000], [145_000_900, 145_000_900]] })).toMatchObject({ received: 2, missing: 0 })
    expect(await told({ epoch: 'cloud-12', got: [[1_000, 1_000]] })).toMatchObject({ received: 1, missing: 0 })
  })

  it('has no other device', async () => {
    await expect(createLedger({ registry, store: { epochs: async () => [], duplicates: async () => new Map() } }).read('board-2', {})).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })
})
