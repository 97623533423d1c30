import { appendFileSync, chmodSync, mkdirSync, readFileSync, renameSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

export interface LoggedEvent {
  /** ms since the Unix epoch by the board's clock. */
  readonly at: number
  readonly event: string
  readonly facts: Readonly<Record<string, unknown>>
}

/** The last things the agent did, on the board itself: for `vigil-agent logs` and for `send_log`. */
export interface EventLog {
  append(event: LoggedEvent): void
  /** The newest ones, oldest first. */
  tail(most: number): readonly LoggedEvent[]
  /** Lines that could not be written: a full card. */
  dropped(): number
}

/** Two files of this size at most. The agent logs changes, not seconds: this is weeks. */
const FILE_BYTES = 256 * 1024

/** Written as it comes and never forced to the disk: a power cut may cost the newest lines, the card is spared. */
export function openEventLog(path: string, limitBytes = FILE_BYTES): EventLog {
  let dropped = 0
  return {
    append(event) {
      try {
        mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
        if (sizeOf(path) > limitBytes) renameSync(path, `${path}.1`)
        appendFileSync(path, `${JSON.stringify(event)}\n`, { mode: 0o600 })
        if (sizeOf(path) < 1_024) chmodSync(path, 0o600)
      } catch {
        dropped += 1
      }
    },
    tail: (most) => [...readLines(`${path}.1`), ...readLines(path)].slice(-most),
    dropped: () => dropped,
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}

/** A line cut short by a power cut is left out. */
function readLines(path: string): LoggedEvent[] {
  if (sizeOf(path) === 0) return []
  return readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((line) => {
      try {
        return [JSON.parse(line) as LoggedEvent]
      } catch {
        return []
      }
    })
}
