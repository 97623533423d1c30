/** One rule of the durable lane broken on purpose: the simulation must notice each. */
export interface Mutant {
  /** The database answers to COMMIT before it is one. */
  readonly ackBeforeCommit: boolean
  /** The ledger takes numbers it has. */
  readonly keyForgotten: boolean
  /** Ledger rows are not locked: two bridges take the same number at once. */
  readonly lockless: boolean
  /** A board forgets what the broker has acknowledged. */
  readonly pubackFrees: boolean
  /** Neither a bridge nor the board itself asks for what a database that went back has forgotten. */
  readonly rewindForgotten: boolean
  /** A board reads a receipt as if everything below its ranges were covered. */
  readonly receiptStretched: boolean
}

export const asItIs: Mutant = { ackBeforeCommit: false, keyForgotten: false, lockless: false, pubackFrees: false, rewindForgotten: false, receiptStretched: false }

export const mutants = Object.keys(asItIs) as readonly (keyof Mutant)[]
