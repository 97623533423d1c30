import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '@vigil/contract'
import { endProcess } from '../process/end.ts'
import { identify } from '../process/identity.ts'

/** What was started, so that a later start can find and end it after this one was killed. */
export interface RunRecord {
  readonly program: string
  readonly pid: number
  readonly began: string
}

const ENDINGS = [
  { signal: 'SIGTERM', waitMs: 5_000 },
  { signal: 'SIGKILL', waitMs: 3_000 },
] as const

export function runFolder(dataDir: string): string {
  return join(dataDir, 'run')
}

export function writeRecord(dataDir: string, program: string, pid: number): RunRecord | undefined {
  const found = identify(pid)
  if (!found) return undefined
  const record: RunRecord = { program, pid, began: found.began }
  mkdirSync(runFolder(dataDir), { recursive: true })
  writeWhole(recordPath(dataDir, program), JSON.stringify(record))
  return record
}

export function removeRecord(dataDir: string, program: string): void {
  rmSync(recordPath(dataDir, program), { force: true })
}

/**
 * Ends what an earlier run left behind: only processes it recorded, and only if that number still belongs to the same
 * process. They stop by themselves when their supervisor goes, so this mostly waits for them. Answers their names.
 */
export async function clearLeftovers(dataDir: string, clock: Clock): Promise<readonly string[]> {
  const ended: string[] = []
  await Promise.all(
    readRecords(dataDir).map(async (record) => {
      if (identify(record.pid)?.began === record.began) {
        await endProcess(record, ENDINGS, clock)
        ended.push(record.program)
      }
      removeRecord(dataDir, record.program)
    }),
  )
  return ended.sort()
}

export function readRecords(dataDir: string): readonly RunRecord[] {
  const folder = runFolder(dataDir)
  let files: string[]
  try {
    files = readdirSync(folder).filter((file) => file.endsWith('.pid.json'))
  } catch {
    return []
  }
  return files.flatMap((file) => {
    try {
      return [JSON.parse(readFileSync(join(folder, file), 'utf8')) as RunRecord]
    } catch {
      return []
    }
  })
}

/** Readers see the old content or the new, never half of it. */
export function writeWhole(path: string, content: string): void {
  const draft = `${path}.${process.pid}`
  writeFileSync(draft, content)
  renameSync(draft, path)
}

function recordPath(dataDir: string, program: string): string {
  return join(runFolder(dataDir), `${program}.pid.json`)
}
