import type { Receipt } from '@vigil/contract'
import { manualClock } from '@vigil/contract/testing/manual-clock'
import { describe, expect, it } from 'vitest'
import { createPromiseBook } from '../../src/receipts/promises.ts'
import type { Draft } from '../../src/receipts/receipt-sender.ts'
import { StateAnswers } from '../../src/receipts/state-answers.ts'
import type { Connection, Database } from '../../src/store/connection.ts'

const address = { site: 'main', device: 'bed-1' }
const turn = () => new Promise((resolve) => setImmediate(resolve))

/** A ledger that answers when the test says so, with what the test says. */
function slowLedger() {
  const answers: ((got: string | Error) => void)[] = []
  const connection = {
    query: () =>
      new Promise((resolve, reject) => {
        answers.push((got) => (got instanceof Error ? reject(got) : resolve([{ site: 'main', id: 'bed-1', epoch: 'a1', got, lost: '{}' }])))
      }),
  } as unknown as Connection
  const database: Database = { use: (run) => run(connection), abort: () => {}, close: async () => {} }
  return { database, answers }
}

function setUp() {
  const clock = manualClock()
  const ledger = slowLedger()
  const promises = createPromiseBook()
  const drafts: Draft[] = []
  const rewinds: number[] = []
  const failures: unknown[] = []
  const state = new StateAnswers({
    database: ledger.database,
    promises,
    offer: (draft) => drafts.push(draft),
    onRewind: (_address, _epoch, from) => rewinds.push(from),
    onFailure: (error) => failures.push(error),
    clock,
    random: () => 0,
  })
  const online = (upto: number) => state.onState('vitals/1/main/bed-1/state', Buffer.from(JSON.stringify({ st: 'online', e: 'a1', upto })))
  const promise = (receipt: Omit<Receipt, 'e'>) => promises.made(address, { e: 'a1', ...receipt })
  return { clock, ledger, drafts, rewinds, failures, state, online, promise }
}

describe('the answer to a birth message', () => {
  it('does not mistake a receipt that overtook it for a database that went back', async () => {
    const { ledger, online, promise, drafts, rewinds } = setUp()
    promise({ upto: 812 })
    online(812)
    await turn()
    promise({ upto: 813 })
    ledger.answers[0]?.('{[1,813)}')
    await turn()
    expect(rewinds).toEqual([])
    expect(drafts).toMatchObject([{ covered: [[1, 812]], rewind: undefined }])
  })

  it('asks to send again from the first number anyone holds to be stored', async () => {
    const { ledger, online, promise, drafts } = setUp()
    promise({ upto: 700, have: [[705, 710]] })
    online(690)
    await turn()
    ledger.answers[0]?.('{[1,701)}')
    await turn()
    expect(drafts).toMatchObject([{ rewind: 705 }])
  })

  it('comes once the database is back', async () => {
    const { ledger, online, drafts, failures, clock } = setUp()
    online(3)
    await turn()
    ledger.answers[0]?.(new Error('away'))
    await turn()
    expect(failures).toHaveLength(1)
    clock.advance(250)
    await turn()
    ledger.answers[1]?.('{[1,4)}')
    await turn()
    expect(drafts).toMatchObject([{ covered: [[1, 3]] }])
  })

  it('is given to the newest question when a device comes twice', async () => {
    const { ledger, online, drafts } = setUp()
    online(1)
    await turn()
    online(9)
    ledger.answers[0]?.('{[1,6)}')
    await turn()
    ledger.answers[1]?.('{[1,6)}')
    await turn()
    expect(drafts.map((draft) => draft.rewind)).toEqual([undefined, 6])
  })

  it('is not sent when only a promise had to be checked and it holds', async () => {
    const { ledger, state, promise, drafts } = setUp()
    promise({ upto: 5 })
    state.recheckPromises()
    await turn()
    ledger.answers[0]?.('{[1,9)}')
    await turn()
    expect(drafts).toEqual([])
  })
})
