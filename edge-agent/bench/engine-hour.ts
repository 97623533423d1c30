import { compareEngines } from '../test/esp/engine-comparison.ts'

// npm run engine-hour -- [seconds]: the program of a small board on recorded input, in QuickJS and in Node side by side; one line of JSON.
const seconds = Number(process.argv[2] ?? 3_600)
const { last: _last, heard, ...figures } = await compareEngines(seconds)
const identical = figures.sameAs === figures.published
process.stdout.write(`${JSON.stringify({ seconds, identical, ...figures, heardFaults: heard.filter((event) => event.includes('fault') || event.includes('failed')) })}\n`)
process.exitCode = identical ? 0 : 1
