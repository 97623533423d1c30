import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { freshDatabase, type TestDatabase } from './database.ts'
import { handBridge, type HandBridge } from './hand-bridge.ts'
import { until } from './until.ts'

export interface PerTestBridge {
  readonly database: TestDatabase
  /** The bridge of the running test; a test may put another in its place. */
  hand: HandBridge
  settled(): Promise<void>
}

/** One database for the file, prepared once, and a new bridge by hand for each test. */
export function perTestBridge(prepare: (database: TestDatabase) => Promise<unknown> = async () => {}): PerTestBridge {
  let database: TestDatabase
  let hand: HandBridge
  beforeAll(async () => {
    database = await freshDatabase()
    await prepare(database)
  })
  afterAll(() => database.close())
  beforeEach(() => {
    hand = handBridge(database.url)
  })
  afterEach(() => hand.stop())
  return {
    get database() {
      return database
    },
    get hand() {
      return hand
    },
    set hand(other) {
      hand = other
    },
    settled: () => until(() => hand.source.unsettled() === 0, 'every message to be settled'),
  }
}
