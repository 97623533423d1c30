/** What a line of the alarm log says of one step, whatever it is a step of. */
export interface StepRow {
  n: number
  at: number
  device_at: number | null
  what: string
  state: string
  username: string | null
  role: string | null
  origin: string | null
  why: string | null
}

const COLUMNS: readonly (keyof StepRow)[] = ['n', 'at', 'device_at', 'what', 'state', 'username', 'role', 'origin', 'why']

/** The columns of `alarm_event` it is read from. */
export function stepColumns(table: string): string {
  return COLUMNS.map((name) => `${table}.${name}`).join(', ')
}
