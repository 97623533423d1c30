import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { systemClock } from '@vigil/program'
import { checkHouseRules } from '../src/check/house-rules.ts'
import { runCommand } from '../src/check/run-command.ts'
import { brokenPlaces, sourceRules } from '../src/check/source-rules.ts'
import { notReadByNode } from '../src/check/type-stripping.ts'
import { missingPackages } from '../src/check/system-packages.ts'
import { filesToTryAgain, unsteady, withSecondAttempt } from '../src/check/second-attempt.ts'
import { add, closingLine, readReport, type TestReport } from '../src/check/test-summary.ts'
import { identify } from '../src/process/identity.ts'
import { emptyFolder } from './support/folders.ts'
import { until } from './support/until.ts'

const planted = (rule: string, path: string, text: string) => brokenPlaces(sourceRules.find(({ name }) => name === rule) ?? sourceRules[0]!, [{ path, text }])

describe('a house rule over the sources', () => {
  it.each([
    ['every failure has a code', 'broker/src/a.ts', "throw new Error('x')"],
    ['no test is skipped', 'broker/test/a.test.ts', "it.skip('x', () => {})"],
    ['tests use real parts', 'broker/test/a.test.ts', "vi.mock('mqtt')"],
    ['nothing is left for later', 'broker/src/a.ts', '// TODO later'],
    ['settings come through the program', 'broker/src/a.ts', "const a = process.env['A']"],
    ['time comes through the clock', 'broker/src/a.ts', 'const now = Date.now()'],
    ['time comes through the clock', 'broker/src/a.ts', 'setTimeout(() => run(), 5)'],
    ['time comes through the clock', 'broker/src/a.ts', 'const date = new Date()'],
    ['types alone come by import type', 'broker/src/a.ts', "import { type A, type B } from './b.ts'"],
    ['files are named for what they hold', 'broker/src/utils.ts', ''],
  ])('"%s" finds what breaks it in %s', (rule, path, text) => {
    expect(planted(rule, path, text)).toHaveLength(1)
    expect(planted(rule, path, 'const fine = 1')).toHaveLength(path.endsWith('utils.ts') ? 1 : 0)
  })

  it('lets a program read its settings and an adapter read the time', () => {
    expect(planted('settings come through the program', 'ops/src/cli/start.ts', 'process.env')).toEqual([])
    expect(planted('time comes through the clock', 'program/src/system-clock.ts', 'Date.now()')).toEqual([])
    expect(planted('time comes through the clock', 'broker/src/a.ts', 'rhythm.setInterval(5)')).toEqual([])
  })
})

it('a file that TypeScript and Vitest read and Node does not is found before its program fails to start', () => {
  expect(notReadByNode([{ path: 'a/src/a.ts', text: 'for (const of of [1]) use(of)' }])).toEqual([expect.stringMatching(/^a\/src\/a\.ts: SyntaxError/)])
  expect(notReadByNode([{ path: 'a/src/a.ts', text: 'for (const one of [1] as number[]) use(one)' }, { path: 'a/src/A.vue', text: '<template />' }])).toEqual([])
})

describe('the rules over manifests', () => {
  const house = (files: Record<string, unknown>) => {
    const root = emptyFolder()
    for (const [path, content] of Object.entries({ 'package-lock.json': { packages: {} }, 'package.json': { workspaces: ['a'] }, 'a/package.json': {}, ...files })) {
      mkdirSync(dirname(join(root, path)), { recursive: true })
      writeFileSync(join(root, path), typeof content === 'string' ? content : JSON.stringify(content))
    }
    return checkHouseRules(root).flatMap(({ broken }) => broken)
  }

  it('hold in an empty house', () => {
    expect(house({})).toEqual([])
  })

  it.each([['^1.2.3'], ['~1.2.3'], ['latest'], ['1.x'], ['github:a/b']])('refuse version %s', (version) => {
    expect(house({ 'a/package.json': { dependencies: { thing: version } }, 'docs/dependencies.md': '| `thing` | MIT | why |' })).toEqual([`a/package.json: thing is "${version}", not one exact version`])
  })

  it('refuse a lock file that names a registry', () => {
    expect(house({ 'package-lock.json': { packages: { 'node_modules/a': { resolved: 'https://registry.example/a.tgz' }, a: { resolved: 'a', link: true } } } })).toEqual(['package-lock.json: node_modules/a is tied to https://registry.example/a.tgz'])
  })

  it('refuse a lock file that lacks what a package needs on another platform', () => {
    const locked = { 'node_modules/tool': { optionalDependencies: { '@tool/linux': '1.0.0', '@tool/win': '1.0.0' } }, 'node_modules/tool/node_modules/@tool/linux': {} }
    expect(house({ 'package-lock.json': { packages: locked } })).toEqual(['package-lock.json: @tool/win, which node_modules/tool needs, is missing'])
  })

  it('want a reason for every dependency, and no reason without one', () => {
    expect(house({ 'a/package.json': { devDependencies: { one: '1.0.0', two: '1.0.0' } }, 'docs/dependencies.md': '| `one`, `gone` | MIT | why |' })).toEqual(['docs/dependencies.md: no row for `two`', 'docs/dependencies.md: a row for `gone`, which nothing uses'])
  })
})

describe('the closing line of npm test', () => {
  const report = (extra: Partial<TestReport>): TestReport => ({ numPassedTests: 3, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, success: true, testResults: [], ...extra })

  it('sums up what passed and failed', () => {
    expect(closingLine(add({ passed: 1, failed: 0, skipped: 0 }, readReport(report({}), 0)))).toBe('4 passed, 0 failed')
  })

  it('counts a file that did not load as a failure', () => {
    expect(closingLine(readReport(report({ success: false, testResults: [{ name: '/house/a.test.ts', status: 'failed', assertionResults: [] }] }), 1))).toBe('3 passed, 1 failed')
  })

  it('counts a run that failed outside every test as a failure', () => {
    expect(readReport(report({}), 1).failed).toBe(1)
    expect(readReport(report({ success: false }), 0).failed).toBe(1)
  })

  it('does not hide what was skipped', () => {
    expect(closingLine(readReport(report({ numPendingTests: 1, numTodoTests: 1 }), 0))).toBe('3 passed, 0 failed, 2 skipped')
  })
})

describe('a second attempt', () => {
  const file = (name: string, ...states: readonly string[]) => ({ name: `/house/${name}`, status: states.includes('failed') ? 'failed' : 'passed', assertionResults: states.map((status, i) => ({ status, fullName: `case ${i}` })) })
  const report = (...testResults: TestReport['testResults']): TestReport => ({ numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, success: !testResults.some(({ status }) => status === 'failed'), testResults })
  const first = report(file('a', 'passed', 'failed'), file('b', 'passed', 'skipped'), { name: '/house/c', status: 'failed', assertionResults: [] })

  it('is given to the files that failed or did not load, unless they are many', () => {
    expect(filesToTryAgain(first)).toEqual(['/house/a', '/house/c'])
    expect(filesToTryAgain(report(...['a', 'b', 'c', 'd', 'e'].map((name) => file(name, 'failed'))))).toEqual([])
    expect(filesToTryAgain(report(file('a', 'passed')))).toEqual([])
  })

  it('counts in place of the first, and names what is unsteady', () => {
    const second = report(file('a', 'passed', 'passed'), file('c', 'passed'))
    expect(closingLine(readReport(withSecondAttempt(first, second), 0))).toBe('4 passed, 0 failed, 1 skipped')
    expect(unsteady(first, second, '/house')).toEqual(['a: case 1'])
  })

  it('that fails again is a failure', () => {
    const second = report(file('a', 'passed', 'failed'), file('c', 'passed'))
    expect(closingLine(readReport(withSecondAttempt(first, second), 1))).toBe('3 passed, 1 failed, 1 skipped')
    expect(unsteady(first, second, '/house')).toEqual([])
  })
})

describe('a command of the checks', () => {
  const options = { cwd: '/', env: { PATH: process.env['PATH'] }, clock: systemClock }

  it('gives its exit code and all it said', async () => {
    expect(await runCommand('echo out; echo err >&2; exit 3', { ...options, limitMs: 10_000 })).toMatchObject({ code: 3, output: expect.stringMatching(/out[^]*err|err[^]*out/), tooSlow: false })
  })

  it('is ended at its limit together with what it started', async () => {
    let said = ''
    const outcome = await runCommand('sleep 60 & echo $!; wait', { ...options, limitMs: 500, show: (text) => { said += text } })
    expect(outcome.tooSlow).toBe(true)
    await until('its child is gone', () => identify(Number(said)) === undefined)
  })
})

describe('system packages', () => {
  it('that are missing are named with the way to install them', () => {
    expect(missingPackages('/nowhere').filter((line) => line.includes('chromium'))).toEqual(['chromium is not installed, and the browser tests need it: apt-get install chromium'])
  })
})
