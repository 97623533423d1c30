import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join, relative } from 'node:path'
import { AppError } from '@vigil/contract/errors'
import { systemClock } from '@vigil/program'
import { checkHouseRules } from '../check/house-rules.ts'
import { runCommand } from '../check/run-command.ts'
import { missingPackages } from '../check/system-packages.ts'
import { filesToTryAgain, unsteady, withSecondAttempt } from '../check/second-attempt.ts'
import { add, closingLine, nothing, readReport, type Tally, type TestReport } from '../check/test-summary.ts'
import { houseRoot } from '../migrations/migration-folder.ts'
import { ensureWebApp } from '../start/web-build.ts'

const TOOL_LIMIT_MS = 5 * 60_000
const TESTS_LIMIT_MS = 60 * 60_000
const PASSED: Tally = { passed: 1, failed: 0, skipped: 0 }
const FAILED: Tally = { passed: 0, failed: 1, skipped: 0 }

if (process.argv.slice(2).some((word) => word === '--help' || word === '-h')) {
  process.stdout.write('npm test: lint, types, import rules, house rules, web app, and every test. The last line is the sum; exit code 1 when anything failed.\nnpm test -- WORDS runs only the tests whose file matches, after the other checks.\n')
  process.exit(0)
}

// The tools of this installation, and its Node, whatever called us.
const bin = join(houseRoot, 'node_modules', '.bin')
const env = { ...process.env, PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}` }
const scripts = (JSON.parse(readFileSync(join(houseRoot, 'package.json'), 'utf8')) as { scripts: Record<string, string> }).scripts
const say = (text: string) => process.stdout.write(text)

let tally = nothing
tally = add(tally, report('system packages', missingPackages(env.PATH)))
for (const tool of ['lint', 'types', 'imports']) tally = add(tally, await runTool(tool))
for (const { name, why, broken } of checkHouseRules(houseRoot)) tally = add(tally, report(`house rule: ${name}`, broken, why))
tally = add(tally, await buildWebApp())
tally = add(tally, await runTests(process.argv.slice(2)))

say(`${closingLine(tally)}\n`)
process.exit(tally.failed === 0 ? 0 : 1)

function report(name: string, broken: readonly string[], why = ''): Tally {
  if (broken.length === 0) {
    say(`ok    ${name}\n`)
    return PASSED
  }
  say(`FAIL  ${name}${why === '' ? '' : ` (${why})`}\n${broken.map((line) => `        ${line}\n`).join('')}`)
  return FAILED
}

async function runTool(name: string): Promise<Tally> {
  const startedAt = systemClock.monotonic()
  const { code, output, tooSlow } = await runCommand(scripts[name] ?? `npm run ${name}`, { cwd: houseRoot, env, limitMs: TOOL_LIMIT_MS, clock: systemClock })
  const took = `${((systemClock.monotonic() - startedAt) / 1_000).toFixed(1)} s`
  return report(`${name} (${took})`, code === 0 ? [] : [...(tooSlow ? ['took too long and was ended'] : []), ...output.trimEnd().split('\n')])
}

async function buildWebApp(): Promise<Tally> {
  const scratch = mkdtempSync(join(tmpdir(), 'vigil-check-'))
  try {
    await ensureWebApp({ root: houseRoot, dataDir: scratch, env, tell: () => undefined })
    return report('web app builds', [])
  } catch (error) {
    return report('web app builds', [error instanceof Error ? error.message : String(error)])
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

async function runTests(filters: readonly string[]): Promise<Tally> {
  const scratch = mkdtempSync(join(tmpdir(), 'vigil-tests-'))
  try {
    const first = await runVitest(scratch, filters)
    const again = filesToTryAgain(first.report)
    if (again.length === 0) return readReport(first.report, first.code)
    say(`\nAgain, with the machine to themselves: ${again.map((file) => relative(houseRoot, file)).join(', ')}\n`)
    const second = await runVitest(scratch, again)
    for (const name of unsteady(first.report, second.report, houseRoot)) say(`unsteady  passed only at its second attempt: ${name}\n`)
    return readReport(withSecondAttempt(first.report, second.report), second.code)
  } catch (error) {
    return report('tests', [error instanceof Error ? error.message : String(error)])
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

async function runVitest(scratch: string, filters: readonly string[]): Promise<{ readonly report: TestReport; readonly code: number | null }> {
  const results = join(scratch, 'results.json')
  rmSync(results, { force: true })
  const only = filters.map((filter) => ` ${JSON.stringify(filter)}`).join('')
  const { code, tooSlow } = await runCommand(`vitest run --reporter=default --reporter=json --outputFile.json=${JSON.stringify(results)}${only}`, { cwd: houseRoot, env, limitMs: TESTS_LIMIT_MS, clock: systemClock, show: say })
  if (tooSlow) throw new AppError('INTERNAL', `not finished after ${TESTS_LIMIT_MS / 60_000} minutes; ended`)
  return { report: JSON.parse(readFileSync(results, 'utf8')) as TestReport, code }
}
