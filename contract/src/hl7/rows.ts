import type { Message, Segment } from './message.ts'

/** An OBX with what stands around it: its place, its group, and the notes that follow it. */
export interface ObservationRow {
  readonly obx: Segment
  /** Place among the OBX segments of the message, from 1. */
  readonly row: number
  readonly obr: Segment | undefined
  readonly notes: string | undefined
}

export interface PatientRows {
  readonly pid: Segment | undefined
  readonly pv1: Segment | undefined
  readonly rows: readonly ObservationRow[]
}

interface Group {
  pid: Segment | undefined
  pv1: Segment | undefined
  obr: Segment | undefined
  rows: { obx: Segment; row: number; obr: Segment | undefined; notes: string[] }[]
}

/** Rows by patient: several patients and several OBRs may share a message (ORU_R01). Segments nobody knows are passed over. */
export function rowsByPatient({ segments }: Message): readonly PatientRows[] {
  const groups: Group[] = [{ pid: undefined, pv1: undefined, obr: undefined, rows: [] }]
  let count = 0
  let noted: string[] | undefined
  for (const segment of segments) {
    const group = groups.at(-1) as Group
    if (segment.name === 'PID') noted = beginPatient(groups, group, segment)
    else if (segment.name === 'PV1') group.pv1 = segment
    else if (segment.name === 'OBR') {
      group.obr = segment
      noted = undefined
    } else if (segment.name === 'OBX') {
      noted = []
      group.rows.push({ obx: segment, row: ++count, obr: group.obr, notes: noted })
    } else if (segment.name === 'NTE') noted?.push(segment.wholeText(3))
  }
  return groups
    .filter(({ pid, rows }) => pid !== undefined || rows.length > 0)
    .map(({ pid, pv1, rows }) => ({ pid, pv1, rows: rows.map(({ notes, ...row }) => ({ ...row, notes: notes.length > 0 ? notes.join('\n') : undefined })) }))
}

function beginPatient(groups: Group[], current: Group, pid: Segment): undefined {
  if (current.pid === undefined && current.rows.length === 0) current.pid = pid
  else groups.push({ pid, pv1: undefined, obr: undefined, rows: [] })
}
