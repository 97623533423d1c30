import { pino, type Logger } from 'pino'

export type Log = Logger

/**
 * One JSON line per event on standard error, `event` first; standard output is for the ready line alone.
 * Ids, never names; never payload values above debug; never a secret.
 */
export function createLog(program: string, level = 'info'): Log {
  return pino(
    {
      level,
      base: { program },
      messageKey: 'event',
      redact: { paths: ['password', 'secret', 'token', '*.password', '*.secret', '*.token'], censor: '[secret]' },
    },
    pino.destination({ dest: 2, sync: true }),
  )
}

/** A log that says nothing, for tests. */
export const silentLog: Log = pino({ level: 'silent' })
