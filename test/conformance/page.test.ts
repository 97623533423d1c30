import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const ROOT = join(import.meta.dirname, '..', '..')
const NUMBER = /MQTT-\d+\.\d+\.\d+-\d+/g

it('the conformance page names each statement with the test that holds it, and no test holds one that the page leaves out', () => {
  const page = readFileSync(join(ROOT, 'docs/conformance.md'), 'utf8')
  const rows = [...page.matchAll(/^\| (MQTT-[\d.]+-\d+) \|.*\| `([^`]+)` \|$/gm)].map(([, statement = '', file = '']) => ({ statement, file }))
  for (const { statement, file } of rows) expect(readFileSync(join(ROOT, file), 'utf8'), `${file} says nothing of ${statement}`).toContain(`[${statement}]`)
  const onPage = new Set(rows.map(({ statement }) => statement))
  const tested = globSync('broker/test/*.test.ts', { cwd: ROOT }).flatMap((file) => readFileSync(join(ROOT, file), 'utf8').match(/\[MQTT-\d+\.\d+\.\d+-\d+\]/g) ?? [])
  expect([...new Set(tested.flatMap((text) => text.match(NUMBER) ?? []))].filter((statement) => !onPage.has(statement))).toEqual([])
  expect(rows.length).toBeGreaterThan(15)
})
