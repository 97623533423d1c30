import { appendFileSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Clock } from '@vigil/contract'
import { logPath, rotateIfLarge } from '../supervisor/log-file.ts'

/** Says what is happening: to the person at the terminal, and into `logs/start.log` for later. */
export interface Progress {
  tell(line: string): void
}

export function createProgress(options: { dataDir: string; clock: Clock; write: (text: string) => void }): Progress {
  const { dataDir, clock, write } = options
  const log = logPath(dataDir, 'start')
  const startedAt = clock.monotonic()
  return {
    tell(line) {
      write(`${((clock.monotonic() - startedAt) / 1_000).toFixed(1).padStart(6)} s  ${line}\n`)
      try {
        mkdirSync(dirname(log), { recursive: true, mode: 0o750 })
        rotateIfLarge(log)
        appendFileSync(log, `${new Date(clock.now()).toISOString()} ${line}\n`)
      } catch {
        // A full disk must not keep the ward from stopping or starting; the terminal has the line.
      }
    },
  }
}
