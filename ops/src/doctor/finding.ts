/** `note` is worth knowing but in nobody's way; only a `problem` makes the doctor fail. */
export type FindingState = 'ok' | 'note' | 'problem'

/** What one look came to: what was looked at, what was found, what to do next. */
export interface Finding {
  readonly what: string
  readonly state: FindingState
  readonly found: string
  readonly next?: string
}

export const ok = (what: string, found: string): Finding => ({ what, state: 'ok', found })
export const note = (what: string, found: string, next?: string): Finding => ({ what, state: 'note', found, ...(next === undefined ? {} : { next }) })
export const problem = (what: string, found: string, next: string): Finding => ({ what, state: 'problem', found, next })

const MARK: Readonly<Record<FindingState, string>> = { ok: 'ok     ', note: 'note   ', problem: 'PROBLEM' }

/** For people: one line each, and below a problem what to do. */
export function toText(findings: readonly Finding[]): string {
  const lines = findings.flatMap(({ what, state, found, next }) => [`${MARK[state]}  ${what}: ${found}`, ...(next === undefined ? [] : [`         → ${next}`])])
  const problems = findings.filter(({ state }) => state === 'problem').length
  const sum = problems === 0 ? 'No problem found.' : `${problems} ${problems === 1 ? 'problem' : 'problems'} found.`
  return `${[...lines, '', sum].join('\n')}\n`
}

export function isHealthy(findings: readonly Finding[]): boolean {
  return !findings.some(({ state }) => state === 'problem')
}
