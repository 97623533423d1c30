#!/usr/bin/env node
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { AppError } from '@vigil/contract/errors'
import { measureMasks, measureVentilator, ventilatorRecordings } from '../accuracy/airway-accuracy.ts'
import { type Figures } from '../accuracy/figures.ts'
import { beatRecording, fingerRecordings } from '../accuracy/finger-recordings.ts'
import { measureBeats, measureFingers, measureMovement } from '../accuracy/pulse-accuracy.ts'
import { measureRatio } from '../accuracy/saturation-accuracy.ts'
import { openRecordings } from '../sim/recording-files.ts'
import { failWith } from './fail.ts'

const help = `accuracy: how right the agent's signal processing is on real recordings

  npm run accuracy [-- --data DIR]

Prints, per data set, how many of the moments asked were answered, and the error of the answers. Answers and silences are always shown together.
With --data, also measures the ventilator recordings in DIR/vent-pb840-dev (*.csv.gz: time, flow, pressure, breath start at 50 Hz).
`

const SEED = 20
const VENTILATOR_FOLDER = 'vent-pb840-dev'

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`

function row(name: string, { asked, answered, bias, mae, arms, within }: Figures, limit: string): string {
  const answers = `${percent(answered / asked).padStart(8)} of ${String(asked).padEnd(5)}`
  return `${name.padEnd(44)} ${answers} ${bias.toFixed(2).padStart(6)} ${mae.toFixed(2).padStart(6)} ${arms.toFixed(2).padStart(6)}   ${percent(within)} within ${limit}`
}

function report(folder: string | undefined): void {
  const say = (text: string): boolean => process.stdout.write(`${text}\n`)
  const fingers = fingerRecordings()
  const masks = openRecordings()
  say(`${'set'.padEnd(44)} ${'answered'.padEnd(17)}   bias    MAE   Arms`)
  const { rate, breathing } = measureFingers(fingers)
  say(row('pulse rate, hypoxaemia set, /min', rate, '5'))
  const movement = measureMovement(fingers, SEED)
  say(row('  movement added, windows without any', movement.clean, '5'))
  say(row('  movement added, windows with some', movement.disturbed, '5'))
  say(row('breathing from the pulse, 32 s, /min', breathing, '2'))
  say(row('SpO2 reading, 4 s, synthetic red, %', measureRatio(fingers, SEED), '2'))
  say(row('breathing rate, CPAP masks, /min', measureMasks(masks.maskIds.map((id) => masks.mask(id))), '2'))
  const beats = measureBeats(beatRecording())
  say(`${'beats, intensive care, 25 Hz'.padEnd(44)} F1 ${beats.f1.toFixed(4)}, ${beats.missed} missed, ${beats.extra} extra, after ${beats.delayS.toFixed(2)} s`)
  if (folder !== undefined) reportVentilator(folder, say)
}

function reportVentilator(folder: string, say: (text: string) => boolean): void {
  const path = join(folder, VENTILATOR_FOLDER)
  if (!existsSync(path)) throw new AppError('NOT_FOUND', `There is no folder ${VENTILATOR_FOLDER} in ${folder}.`)
  const { recordings, f1, rate, rateWithin, peep, pip } = measureVentilator(ventilatorRecordings(path))
  const errors = `rate MAE ${rate.toFixed(2)} /min (${percent(rateWithin)} within 2), PEEP ${peep.toFixed(2)}, PIP ${pip.toFixed(2)} cmH2O`
  say(`${`breaths, ventilator, ${recordings} patients`.padEnd(44)} F1 ${f1.toFixed(4)}, ${errors}`)
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
