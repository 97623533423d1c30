import type { Log } from '@vigil/program'
import { explain } from './store/refusal.ts'

export interface DatabaseWatch {
  readonly answered: () => void
  readonly failed: (error: unknown) => void
  readonly up: () => boolean
  readonly detail: () => string
}

/** Whether the database answers, from what its users meet; the log gets each change once, not each failure. */
export function createDatabaseWatch(log: Log): DatabaseWatch {
  let up = false
  let detail = 'not reached yet'
  return {
    answered() {
      if (!up) log.info('bridge.database_answers')
      up = true
      detail = 'answers'
    },
    failed(error) {
      const why = explain(error)
      if (up || detail !== why) log.warn({ why }, 'bridge.database_away')
      up = false
      detail = why
    },
    up: () => up,
    detail: () => detail,
  }
}
