#!/usr/bin/env node
import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { AppError } from '@vigil/contract/errors'
import { failWith } from './fail.ts'
import { createRecordingAnalysis, recordingKinds, type RecordingKind } from './recording-analysis.ts'
import { createRowReader } from './row-reader.ts'

const help = `analyse: what Vigil makes of a recording

  node edge-agent/src/cli/analyse.ts --kind KIND --rate HZ < recording.csv

Standard input is CSV, one row a sample; a header that names the columns (red, ir, pressure) says which they are. Standard output is one line of JSON a second.

  --kind ppg          one column: light of one colour (sensor counts or camera means)
  --kind ppg-red-ir   two columns: red,infrared counts
  --kind pressure     one column: airway or mask pressure above ambient, cmH2O
  --rate HZ           samples a second, 12 to 1000; need not be whole
  --polarity SIGN     negative: systole, or inspiration, lowers the samples; positive: raises them.
                      Default: light of one colour without --full-scale is looked at, other light negative, pressure positive.
  --full-scale N      largest count of the converter; then a missing finger and too much light are told from the counts

Each line: t (seconds), the values there are (pr spo2 pi rr peep pip paw), sq (quality 0..100 of each), q (why a value is questionable),
x (why a value is absent), beats or breaths (times in seconds since the first sample of what became certain in this second).
From light, rr is the breathing rate read from the pulse. Breaths come with cycles: ti, te, pip, peep, deltaP of each complete one.
`

/** What a header may call the columns; without such a header they are the first of each row. */
const columnNames: Readonly<Record<RecordingKind, readonly (readonly string[])[]>> = {
  ppg: [['ir', 'infrared', 'ppg', 'pleth']],
  'ppg-red-ir': [['red'], ['ir', 'infrared']],
  pressure: [['pressure', 'paw', 'cmh2o']],
}

const SLOWEST_HZ = 12
const FASTEST_HZ = 1000
// A recording that stops within a second has its rest analysed too, if it is this long.
const SHORTEST_REST_S = 0.3

interface Request {
  readonly kind: RecordingKind
  readonly hz: number
  readonly rising: boolean | undefined
  readonly fullScale: number | undefined
}

/** @throws AppError `SETTINGS_INVALID`. */
function readRequest(argv: readonly string[]): Request {
  const { kind, rate, polarity, 'full-scale': fullScale } = flagsOf(argv)
  if (!recordingKinds.includes(kind as RecordingKind)) throw usage(`--kind must be one of ${recordingKinds.join(', ')}.`)
  const hz = Number(rate)
  if (!(hz >= SLOWEST_HZ && hz <= FASTEST_HZ)) throw usage(`--rate must be the samples a second, ${SLOWEST_HZ} to ${FASTEST_HZ}.`)
  if (polarity !== undefined && polarity !== 'positive' && polarity !== 'negative') throw usage('--polarity must be positive or negative.')
  const top = fullScale === undefined ? undefined : Number(fullScale)
  if (top !== undefined && !(top > 0)) throw usage('--full-scale must be the largest count of the converter.')
  return { kind: kind as RecordingKind, hz, rising: polarity && polarity === 'positive', fullScale: top }
}

function flagsOf(argv: readonly string[]): Partial<Record<'kind' | 'rate' | 'polarity' | 'full-scale', string>> {
  const text = { type: 'string' } as const
  try {
    return parseArgs({ args: [...argv], options: { kind: text, rate: text, polarity: text, 'full-scale': text }, strict: true }).values
  } catch (cause) {
    throw usage(cause instanceof Error ? cause.message : String(cause), cause)
  }
}

const usage = (why: string, cause?: unknown): AppError => new AppError('SETTINGS_INVALID', `${why} analyse --help tells more.`, { cause })

async function analyse(argv: readonly string[]): Promise<void> {
  const { kind, hz, rising, fullScale } = readRequest(argv)
  const analysis = createRecordingAnalysis({ kind, hz, rising, fullScale })
  const rows = createRowReader({ columns: columnNames[kind] })
  let samples = 0
  let lines = 0
  let output = ''
  // Held until the next second begins: what becomes certain only by the end of the recording belongs to its last line.
  let held: Record<string, unknown> | undefined

  const hold = (t: number): void => {
    held = { t, ...analysis.second() }
  }
  const letGo = (): void => {
    if (held) output += `${JSON.stringify(held)}\n`
    held = undefined
  }
  const take = (row: readonly number[]): void => {
    letGo()
    analysis.push(row)
    samples += 1
    if (samples < Math.ceil((lines + 1) * hz - 1e-6)) return
    lines += 1
    hold(lines)
  }
  for await (const chunk of process.stdin) {
    rows.push(String(chunk), take)
    // Who reads slowly is waited for, so that the lines of hours do not gather here.
    if (!process.stdout.write(output)) await once(process.stdout, 'drain')
    output = ''
  }
  rows.end(take)
  const rest = samples / hz - lines
  if (rest >= SHORTEST_REST_S) {
    letGo()
    hold(Number((samples / hz).toFixed(3)))
  }
  const last = analysis.finish()
  if (held && last.length > 0) held = { ...held, beats: [...((held as { beats?: number[] }).beats ?? []), ...last] }
  letGo()
  process.stdout.write(output)
  if (rows.bad > 0) process.stderr.write(`analyse: ${rows.bad} of ${samples} rows held no numbers; the row before each was used again.\n`)
  if (samples === 0) throw new AppError('INVALID_RANGE', 'There was no sample on standard input.')
}

// Whoever reads may have seen enough, as `head` does.
process.stdout.on('error', () => process.exit())

const argv = process.argv.slice(2)
if (argv.includes('--help') || argv.includes('-h')) process.stdout.write(help)
else {
  process.stdin.setEncoding('utf8')
  analyse(argv).catch((error: unknown) => failWith('analyse', error))
}
