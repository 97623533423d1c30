import type { Verdict } from './clauses.ts'

const marks = { kept: '✓ kept', broken: '✗ BROKEN', 'not shown': '- not shown' } as const

/** The verdicts for a person: one line a clause, and under a broken one what was wrong and with which message. */
export function verdictTable(verdicts: readonly Verdict[]): string {
  const lines = verdicts.flatMap(({ clause, says, state, times, why, offending }) => [
    `${marks[state].padEnd(12)} ${clause.padEnd(14)} ${says}${state === 'kept' && times > 1 ? ` (${times} times)` : ''}`,
    ...(why === undefined ? [] : [`             ${why}`]),
    ...(offending === undefined ? [] : [`             ${offending}`]),
  ])
  const count = (state: Verdict['state']): number => verdicts.filter((verdict) => verdict.state === state).length
  return [...lines, `${count('kept')} kept, ${count('broken')} broken, ${count('not shown')} not shown`].join('\n')
}
