import { relative } from 'node:path'
import type { TestReport } from './test-summary.ts'

/** More broken files than this are no accident of a busy machine, and are not tried again. */
const MOST_FILES = 4

const isBroken = ({ status, assertionResults }: TestReport['testResults'][number]): boolean => status === 'failed' || assertionResults.some((test) => test.status === 'failed')

/** Files with a failure that deserve a second attempt with the machine to themselves; absolute paths. */
export function filesToTryAgain({ testResults }: TestReport): readonly string[] {
  const files = testResults.filter(isBroken).map(({ name }) => name)
  return files.length <= MOST_FILES ? files : []
}

/** The first report with the files of the second in place of its own. */
export function withSecondAttempt(first: TestReport, second: TestReport): TestReport {
  const again = new Map(second.testResults.map((file) => [file.name, file]))
  const testResults = first.testResults.map((file) => again.get(file.name) ?? file)
  const count = (...states: readonly string[]): number => testResults.flatMap(({ assertionResults }) => assertionResults).filter(({ status }) => states.includes(status)).length
  return { numPassedTests: count('passed'), numFailedTests: count('failed'), numPendingTests: count('pending', 'skipped'), numTodoTests: count('todo'), success: second.success, testResults }
}

/** Names of the tests that failed at first and then passed: they are unsteady, and whoever reads the log is told so. */
export function unsteady(first: TestReport, second: TestReport, root: string): readonly string[] {
  const passed = new Set(second.testResults.flatMap(({ name, assertionResults }) => assertionResults.filter(({ status }) => status === 'passed').map(({ fullName }) => `${name} ${fullName}`)))
  return first.testResults.flatMap(({ name, assertionResults }) =>
    assertionResults.filter(({ status, fullName }) => status === 'failed' && passed.has(`${name} ${fullName}`)).map(({ fullName }) => `${relative(root, name)}: ${fullName}`),
  )
}
