import { spawnSync } from 'node:child_process'
import { sendSignal } from '../process/end.ts'

/** Signals a server and its direct children, the server first. SIGSTOP freezes PostgreSQL whole: no connection of it answers, none closes. */
export function signalFamily(pid: number, signal: NodeJS.Signals): void {
  for (const member of [pid, ...childrenOf(pid)]) sendSignal(member, signal)
}

function childrenOf(pid: number): number[] {
  const listed = spawnSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).stdout
  const pairs = listed.split('\n').map((line) => line.trim().split(/\s+/).map(Number))
  return pairs.flatMap(([child, parent]) => (child !== undefined && parent === pid ? [child] : []))
}
