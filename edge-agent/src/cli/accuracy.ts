#!/usr/bin/env node
import { parseArgs } from 'node:util'
import { accuracyReport } from '../accuracy/report.ts'
import { failWith } from './fail.ts'

const help = `accuracy: how right the agent's signal processing is on real recordings

  npm run accuracy [-- --data DIR]

Prints, per data set, how many of the moments asked were answered, the error of the answers, and what is asked for ("ok" or "MISSED").
Answers and silences are always shown together. References that lag are moved back first: oximeters by 6 to 10 s, the capnograph by 15 s.

With --data, also measures the ventilator recordings in DIR/vent-pb840-dev (*.csv.gz: time, flow, pressure, breath start at 50 Hz), whose
licence forbids shipping them. The method was tuned on these sets, so the figures are no promise for other people; phone recordings with
a chest strap, poor phone recordings, and red and infrared with hypoxia are judged on sets kept aside, which are not here.
`

const SET_WIDTH = 40

function report(folder: string | undefined): void {
  let missed = 0
  for (const { set, measured, targets } of accuracyReport(folder)) {
    missed += targets.filter(({ met }) => !met).length
    const asked = targets.map(({ text, met }) => `${text} ${met ? 'ok' : 'MISSED'}`).join(', ')
    process.stdout.write(`${set.padEnd(SET_WIDTH)} ${measured}${asked && `\n${' '.repeat(SET_WIDTH)} asked: ${asked}`}\n`)
  }
  if (missed > 0) process.exitCode = 1
}

// Whoever reads may have seen enough, as `head` does.
process.stdout.on('error', () => process.exit())

try {
  const { values } = parseArgs({ options: { data: { type: 'string' }, help: { type: 'boolean', short: 'h' } } })
  if (values.help) process.stdout.write(help)
  else report(values.data)
} catch (error) {
  failWith('accuracy', error)
}
