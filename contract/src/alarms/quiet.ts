import type { AlarmActor } from './vocabulary.ts'

/** Something of a stay that a person may take back for a while, its sound or its whole monitoring, as it is now. What is shown never depends on it. */
export interface QuietState<Mode extends string> {
  readonly mode: Mode | 'on'
  readonly n: number
  /** End of a pause. */
  readonly untilMs: number | null
  readonly sinceMs: number | null
  readonly by: string | null
  readonly role: string | null
  readonly why: string | null
}

/** One change of it, as the log keeps it. */
export interface QuietStep<Kind extends string> {
  readonly what: Kind
  readonly atMs: number
  readonly by: AlarmActor | null
  readonly why: string | null
  readonly untilMs: number | null
}

/** As everybody begins. */
export const allOn = { mode: 'on', n: 0, untilMs: null, sinceMs: null, by: null, role: null, why: null } as const satisfies QuietState<never>

/** Who and why belong to what is not on. */
export function afterQuietStep<Mode extends string>({ n }: QuietState<Mode>, { atMs, by, why, untilMs }: QuietStep<string>, mode: Mode | 'on'): QuietState<Mode> {
  const on = mode === 'on'
  return { mode, n: n + 1, untilMs, sinceMs: atMs, by: on ? null : (by?.user ?? null), role: on ? null : (by?.role ?? null), why: on ? null : why }
}
