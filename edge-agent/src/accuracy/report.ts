import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { AppError } from '@vigil/contract/errors'
import { openRecordings } from '../sim/recording-files.ts'
import { measureMasks, measureVentilator, ventilatorRecordings } from './airway-accuracy.ts'
import type { EventMatch } from './event-match.ts'
import type { Figures } from './figures.ts'
import { beatRecording, fingerRecordings } from './finger-recordings.ts'
import { measureBeats, measureClips, measureFingers, measureMovement } from './pulse-accuracy.ts'
import { measureRatio } from './saturation-accuracy.ts'

/** One line of the report: what was measured, and what it is held to. */
export interface ReportRow {
  readonly set: string
  readonly measured: string
  /** What is asked for, with whether it is met; nothing where the set only informs. */
  readonly targets: readonly { readonly text: string; readonly met: boolean }[]
}

const SEED = 20
const NOISE_OF_PULSE = 0.6
const VENTILATOR_FOLDER = 'vent-pb840-dev'

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`
const coverage = ({ asked, answered }: Figures): number => answered / asked
const atMost = (name: string, value: number, limit: number): ReportRow['targets'][number] => ({ text: `${name} <= ${limit}`, met: value <= limit })
const atLeast = (name: string, value: number, limit: number): ReportRow['targets'][number] => ({ text: `${name} >= ${limit}`, met: value >= limit })
const shareAtLeast = (name: string, value: number, limit: number): ReportRow['targets'][number] => ({ text: `${name} >= ${100 * limit} %`, met: value >= limit })

function described(figures: Figures, limit: string): string {
  const { asked, bias, mae, arms, within } = figures
  return `${percent(coverage(figures)).padStart(7)} of ${String(asked).padEnd(4)} bias ${bias.toFixed(2).padStart(5)}  MAE ${mae.toFixed(2)}  Arms ${arms.toFixed(2)}  ${percent(within).padStart(7)} within ${limit}`
}

const beatsFound = ({ f1, missed, extra, delayS }: EventMatch): string => `F1 ${f1.toFixed(4)}  ${missed} missed, ${extra} extra, ${delayS.toFixed(2)} s after the R wave`

/** Measures everything, one row after the other as it is known. @param folder of recordings that may not be shipped */
export function* accuracyReport(folder: string | undefined): Generator<ReportRow> {
  yield* pulseRows()
  yield* breathingRows()
  if (folder !== undefined) yield ventilatorRow(join(folder, VENTILATOR_FOLDER))
}

function* pulseRows(): Generator<ReportRow> {
  const fingers = fingerRecordings()
  const { rate, breathing } = measureFingers(fingers)
  yield {
    set: 'uw-oximetry: pulse rate, /min',
    measured: described(rate, '5'),
    targets: [atMost('MAE', rate.mae, 0.8), shareAtLeast('within', rate.within, 0.99), shareAtLeast('answered', coverage(rate), 0.97)],
  }
  const clips = measureClips(fingers, { share: 0, seed: SEED })
  yield { set: '  as phone clips of a minute', measured: described(clips, '5'), targets: [shareAtLeast('within', clips.within, 0.98), shareAtLeast('answered', coverage(clips), 0.82)] }
  const noisy = measureClips(fingers, { share: NOISE_OF_PULSE, seed: SEED })
  yield { set: '  clips, badly held (noise added)', measured: described(noisy, '5'), targets: [shareAtLeast('within', noisy.within, 0.87), shareAtLeast('answered', coverage(noisy), 0.63)] }
  const { clean, disturbed } = measureMovement(fingers, SEED)
  yield { set: '  movement added: windows without', measured: described(clean, '5'), targets: [] }
  yield { set: '  movement added: windows with', measured: described(disturbed, '5'), targets: [{ text: 'answered <= 2.3 %', met: coverage(disturbed) <= 0.023 }] }
  yield { set: '  breathing from the pulse, 32 s, /min', measured: described(breathing, '2'), targets: [atMost('MAE', breathing.mae, 1.05)] }
  const ratio = measureRatio(fingers, SEED)
  yield { set: '  SpO2 reading, 4 s, red made of it, %', measured: described(ratio, '2'), targets: [atMost('Arms', ratio.arms, 1.3)] }
  for (const everyNth of [1, 5]) {
    const beats = measureBeats(beatRecording(), everyNth)
    yield { set: `bidmc01: beats at ${125 / everyNth} Hz`, measured: beatsFound(beats), targets: [atLeast('F1', beats.f1, 0.988)] }
  }
}

function* breathingRows(): Generator<ReportRow> {
  const masks = openRecordings()
  yield { set: 'cpap-mask: breathing rate, /min', measured: described(measureMasks(masks.maskIds.map((id) => masks.mask(id))), '2'), targets: [] }
}

/** @throws AppError `NOT_FOUND` when the recordings are not there. */
export function ventilatorRow(path: string): ReportRow {
  if (!existsSync(path)) throw new AppError('NOT_FOUND', `There is no folder ${path} with ventilator recordings.`)
  const { recordings, f1, rate, rateWithin, peep, pip } = measureVentilator(ventilatorRecordings(path))
  return {
    set: `${VENTILATOR_FOLDER}: ${recordings} recordings`,
    measured: `F1 ${f1.toFixed(4)}  rate MAE ${rate.toFixed(2)} /min (${percent(rateWithin)} within 2), PEEP ${peep.toFixed(2)}, PIP ${pip.toFixed(2)} cmH2O`,
    targets: [atLeast('F1', f1, 0.966), atMost('rate', rate, 1.03), atMost('PEEP', peep, 0.22), atMost('PIP', pip, 0.16)],
  }
}
