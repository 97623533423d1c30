import { AppError } from '@vigil/contract'

export interface DatabaseFaults {
  /** Chances per statement. */
  slow: number
  hung: number
  lost: number
  replyLost: number
  refused: number
  diskFull: number
  /** Whole states. */
  down: boolean
  readOnly: boolean
}

export const sound = (): DatabaseFaults => ({ slow: 0, hung: 0, lost: 0, replyLost: 0, refused: 0, diskFull: 0, down: false, readOnly: false })

/** A pulse rate no column takes, for what only the database can refuse. */
export const POISON_RATE = 66.6

/** Nothing came back, or the connection is gone. */
export function away(why: string): AppError {
  return new AppError('DATABASE_AWAY', `The simulated database is away: ${why}.`)
}

/** The server's own refusal, with its SQLSTATE. */
export function refused(code: string, message: string): Error {
  return Object.assign(new Error(message), { code })
}
