import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** A process as the system knows it: the number alone says little, because numbers are used again. */
export interface ProcessIdentity {
  readonly pid: number
  /** When it began, in the system's own terms (clock ticks since boot on Linux, a date elsewhere); only ever compared. */
  readonly began: string
  readonly command: string
}

/** What runs under this number now, or undefined when nothing does (a zombie counts as nothing). */
export function identify(pid: number): ProcessIdentity | undefined {
  if (!Number.isInteger(pid) || pid <= 0) return undefined
  return process.platform === 'linux' ? identifyByProc(pid) : identifyByPs(pid)
}

/** True while the very process that was recorded still runs. */
export function isSame(recorded: Pick<ProcessIdentity, 'pid' | 'began'>): boolean {
  return identify(recorded.pid)?.began === recorded.began
}

function identifyByProc(pid: number): ProcessIdentity | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // proc(5): the name in brackets may hold spaces, so fields are counted after the last bracket; state is field 3, start time 22.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
    return { pid, began: fields[19] ?? '', command }
  } catch {
    return undefined
  }
}

function identifyByPs(pid: number): ProcessIdentity | undefined {
  const result = spawnSync('ps', ['-o', 'lstart=,command=', '-p', String(pid)], { encoding: 'utf8', env: { PATH: '/bin:/usr/bin', LC_ALL: 'C' } })
  const line = result.status === 0 ? result.stdout.trim() : ''
  // "Sat Nov 21 03:10:11 2026 command": lstart is 24 characters wide.
  return line === '' ? undefined : { pid, began: line.slice(0, 24), command: line.slice(24).trim() }
}
