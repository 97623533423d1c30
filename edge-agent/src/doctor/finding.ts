/** `warning`: works, but should be looked at. */
export type Verdict = 'ok' | 'warning' | 'problem'

/** One thing looked at, what was found, and what to do about it. */
export interface Finding {
  readonly check: string
  readonly verdict: Verdict
  readonly found: string
  readonly todo?: string
}

export const ok = (check: string, found: string): Finding => ({ check, verdict: 'ok', found })
export const warning = (check: string, found: string, todo: string): Finding => ({ check, verdict: 'warning', found, todo })
export const problem = (check: string, found: string, todo: string): Finding => ({ check, verdict: 'problem', found, todo })
