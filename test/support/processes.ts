import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Ward } from './ward.ts'

export type ProgramName = 'broker' | 'ingest-bridge' | 'central-station' | 'postgres'

interface Seen {
  readonly pid: number
  readonly parent: number
  readonly command: string
}

/** Every process of this machine (Linux only, as are the fault tests). */
export function processes(): Seen[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
        const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
        return [{ pid: Number(name), parent, command: readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ') }]
      } catch {
        return []
      }
    })
}

/** All processes started by `root`, children of children included. */
export function descendants(root: number, all: readonly Seen[] = processes()): Seen[] {
  const children = all.filter((p) => p.parent === root)
  return children.flatMap((child) => [child, ...descendants(child.pid, all)])
}

/** The process of one program of this ward, and of no other ward on the machine. */
export function pidOf(ward: Ward, program: ProgramName): number | undefined {
  if (program === 'postgres') return postmasterOf(ward)
  return descendants(ward.child.pid as number).find((p) => p.command.includes(`${program}/src/cli/main.ts`))?.pid
}

function postmasterOf(ward: Ward): number | undefined {
  for (const path of ['postgres', 'pg', 'database', join('postgres', 'data')]) {
    try {
      return Number(readFileSync(join(ward.dir, path, 'postmaster.pid'), 'utf8').split('\n')[0])
    } catch {
      // Not there: the next place.
    }
  }
  return undefined
}

/** Whether the process still runs (a zombie does not). */
export function runs(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).charAt(0) !== 'Z'
  } catch {
    return false
  }
}
