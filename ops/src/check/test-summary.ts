/** What a run of checks came to. */
export interface Tally {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

export const nothing: Tally = { passed: 0, failed: 0, skipped: 0 }

export function add(...tallies: readonly Tally[]): Tally {
  return tallies.reduce((sum, one) => ({ passed: sum.passed + one.passed, failed: sum.failed + one.failed, skipped: sum.skipped + one.skipped }), nothing)
}

/** The last line of `npm test`. */
export function closingLine({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}

/** What vitest's JSON reporter writes, as far as it is read. */
export interface TestReport {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numTodoTests: number
  readonly success: boolean
  readonly testResults: readonly { readonly name: string; readonly status: string; readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[] }[]
}

/**
 * The figures of vitest's JSON report. A file that did not load has no failed test of its own and counts as one failure;
 * so does a run that failed in no test at all (an unhandled error, a project that is missing).
 */
export function readReport(report: TestReport, exitCode: number | null): Tally {
  const unloaded = report.testResults.filter(({ status, assertionResults }) => status === 'failed' && !assertionResults.some((test) => test.status === 'failed')).length
  const failed = report.numFailedTests + unloaded
  const silent = failed === 0 && (exitCode !== 0 || !report.success) ? 1 : 0
  return { passed: report.numPassedTests, failed: failed + silent, skipped: report.numPendingTests + report.numTodoTests }
}
