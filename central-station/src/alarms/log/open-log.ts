import { readFile } from 'node:fs/promises'
import { type AlarmLogRecord, subjectKey } from '@vigil/contract/alarms'
import type { Log } from '@vigil/program'
import { replaceFile } from '../../files/durable-file.ts'
import { type JournalFile, openJournalFile } from '../../files/journal-file.ts'

/**
 * The log of what is open, on this machine's own disk: a restart goes on from it whether PostgreSQL is there or not. Only what
 * is over is ever taken out of it, and only when it is written anew.
 */
export interface OpenLog {
  /** As it was at the start, oldest first. */
  readonly records: readonly AlarmLogRecord[]
  /** Resolves when the lines are on the disk. */
  append(records: readonly AlarmLogRecord[]): Promise<void>
  close(): Promise<void>
}

/** Beyond this it is written anew with what is still open. */
const COMPACT_BYTES = 8 * 1024 * 1024

/** `instead`: what an engine that was on duty meanwhile left open; what this machine knew counts no more. */
export async function openOpenLog(path: string, log: Log, instead?: readonly AlarmLogRecord[]): Promise<OpenLog> {
  let kept = stillOpen(instead ?? (await readRecords(path, log)))
  const start = [...kept.values()].flat()
  const begin = async (): Promise<JournalFile> => {
    await replaceFile(path, [...kept.values()].flat().map((record) => `${JSON.stringify(record)}\n`).join(''))
    return openJournalFile(path)
  }
  let file = await begin()
  let turn: Promise<void> = Promise.resolve()

  const compact = async () => {
    await file.close()
    file = await begin()
  }
  return {
    records: start,
    append(records) {
      kept = stillOpen(records, kept)
      turn = turn.catch(() => undefined).then(async () => {
        if (file.depth() > COMPACT_BYTES) await compact()
        else await file.append(records.map((record) => JSON.stringify(record)))
      })
      return turn
    },
    async close() {
      await turn.catch(() => undefined)
      await file.close()
    },
  }
}

type Streams = Map<string, AlarmLogRecord[]>

/** Lines by stream; a stream that is back to normal is forgotten. */
function stillOpen(records: readonly AlarmLogRecord[], streams: Streams = new Map()): Streams {
  for (const record of records) {
    const key = record.stream === 'alarm' ? record.alarmId : `${record.stream}|${subjectKey(record.subject)}`
    const over = record.to === 'on' || record.to === 'normal'
    if (over) streams.delete(key)
    // Of sound and monitoring only the last word counts.
    else if (record.stream !== 'alarm') streams.set(key, [record])
    else streams.set(key, [...(streams.get(key) ?? []), record])
  }
  return streams
}

async function readRecords(path: string, log: Log): Promise<AlarmLogRecord[]> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch {
    return []
  }
  return text.split('\n').flatMap((line) => {
    if (line === '') return []
    try {
      return [JSON.parse(line) as AlarmLogRecord]
    } catch (err) {
      // Half a line at the end was never announced to anybody.
      log.warn({ err }, 'alarm_log.line_unreadable')
      return []
    }
  })
}
