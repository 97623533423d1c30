import { readdirSync, readFileSync } from 'node:fs'

/** What the kernel says of a process. */
export interface Reading {
  /** Resident memory now and at most, MB (10^6 bytes). */
  readonly rssMb: number
  readonly mostRssMb: number
  /** Of that the program's own, not shared with other runs of the same Node. */
  readonly ownMb: number
  /** Processor time since its start, s. */
  readonly cpuS: number
  readonly handles: number
}

const TICKS_PER_S = 100
const UTIME = 13
const STIME = 14

/** Linux only: /proc. */
export function readProcess(pid: number): Reading {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const mb = (name: string): number => (Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? Number.NaN) * 1_024) / 1e6
  // The name of the program stands in brackets and may hold anything; the numbers begin after it.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
  const ticks = Number(fields[UTIME - 2]) + Number(fields[STIME - 2])
  return { rssMb: mb('VmRSS'), mostRssMb: mb('VmHWM'), ownMb: mb('RssAnon'), cpuS: ticks / TICKS_PER_S, handles: readdirSync(`/proc/${pid}/fd`).length }
}
