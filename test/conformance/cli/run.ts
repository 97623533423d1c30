import { fetchSuite, relevantTests, runSuite } from '../suite.ts'

/** `npm run broker-conformance [-- WORDS]`: Mosquitto's tests against our broker, with all they say. */
const FIRST_PORT = 26_500
const words = process.argv.slice(2)
const suite = fetchSuite()
if ('missing' in suite) {
  console.error(suite.missing)
  process.exit(1)
}
const names = relevantTests.filter((name) => words.length === 0 || words.some((word) => name.includes(word)))
const results = await runSuite(suite.folder, names, FIRST_PORT)
for (const { name, passed, output } of results) console.log(passed ? `ok    ${name}` : `FAIL  ${name}\n${output.trimEnd().replaceAll(/^/gm, '        ')}`)
console.log(`${results.filter(({ passed }) => passed).length} of ${results.length}`)
process.exit(results.every(({ passed }) => passed) ? 0 : 1)
