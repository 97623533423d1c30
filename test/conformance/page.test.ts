import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const ROOT = join(import.meta.dirname, '..', '..')
const TAG = /\[(MQTT-\d+\.\d+\.\d+-\d+)\]/g
/** Numbered statements of appendix B. */
const STATEMENTS = 138

it('the conformance page has every statement of MQTT 3.1.1 with the test that holds it, and no test holds one that the page leaves out', () => {
  const page = readFileSync(join(ROOT, 'docs/conformance.md'), 'utf8')
  const rows = [...page.matchAll(/^\| (MQTT-[\d.]+-\d+) \| (.+) \| (.+) \| (?:`([^`]+)`|-) \|$/gm)].map(([, statement = '', , claimed = '', file]) => ({ statement, claimed, file }))
  expect(new Set(rows.map(({ statement }) => statement)).size).toBe(STATEMENTS)
  expect(rows).toHaveLength(STATEMENTS)
  for (const { statement, claimed, file } of rows) {
    if (file === undefined) expect(claimed, `${statement} has no test`).toBe('not ours')
    else expect(readFileSync(join(ROOT, file), 'utf8'), `${file} says nothing of ${statement}`).toContain(`[${statement}]`)
  }
  const onPage = new Set(rows.map(({ statement }) => statement))
  const tested = globSync('{broker/test,test/conformance}/*.test.ts', { cwd: ROOT }).flatMap((file) => [...readFileSync(join(ROOT, file), 'utf8').matchAll(TAG)].map(([, statement = '']) => statement))
  expect(tested.filter((statement) => !onPage.has(statement))).toEqual([])
})
