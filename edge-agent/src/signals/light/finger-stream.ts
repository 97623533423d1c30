import type { AbsenceReason } from '@vigil/contract/quality'
import { absence } from '../maths/estimate.ts'
import { createPairedBlocks, type Pair } from '../maths/paired-blocks.ts'
import { createPleth, type Pleth } from '../pulse/pleth.ts'
import type { PulseEstimates } from '../pulse/pulse-measures.ts'
import { createSampleStream, type SampleBlock } from '../maths/sample-stream.ts'
import { createSilenceWatch } from '../maths/silence-watch.ts'
import { an6845, type SpO2Curve } from './spo2-curve.ts'

export interface FingerOptions {
  readonly fullScale?: number | undefined
  readonly curve?: SpO2Curve | undefined
  /** False: breathing is not looked for. */
  readonly breathing?: boolean | undefined
}

/** One finger sensor, its samples arriving as blocks, made into one measurement a second. */
export interface FingerStream {
  push(colour: 'red' | 'ir', block: SampleBlock): void
  /** The sensor could not be read, or has given nothing yet. */
  missing(colour: 'red' | 'ir', reason: AbsenceReason): void
  /** Nothing when no such sensor has been heard of. Beats in milliseconds of the blocks' clock. */
  second(): PulseEstimates | undefined
}

export function createFingerStream({ fullScale, curve = an6845, breathing }: FingerOptions): FingerStream {
  const stream = createSampleStream()
  const blocks = createPairedBlocks()
  const watch = createSilenceWatch()
  let pleth: Pleth | undefined
  // A saturation is spoken of, present or not, by a sensor that has red light.
  let hasRed = false

  const feed = ({ infrared, red }: Pair): void => {
    if (!stream.continues(infrared) || !pleth) pleth = createPleth({ hz: infrared.hz, fullScale, curve, breathing })
    for (let i = 0; i < infrared.values.length; i += 1) pleth.push(infrared.values[i] as number, red?.values[i])
  }
  const none = (reason: AbsenceReason): PulseEstimates => {
    const estimate = absence(reason)
    return { pr: estimate, pi: estimate, rrppg: estimate, beats: [], ...(hasRed && { spo2: { ...estimate, curve } }) }
  }
  return {
    push(colour, block) {
      hasRed ||= colour === 'red'
      watch.heard()
      blocks.push(colour, block)
    },
    missing(colour, reason) {
      hasRed ||= colour === 'red'
      watch.missing(reason)
    },
    second() {
      for (const pair of blocks.take()) feed(pair)
      const silent = watch.second()
      if (silent === 'never') return undefined
      if (silent || !pleth) {
        stream.interrupt()
        pleth = undefined
        return none(silent ?? 'warmup')
      }
      const estimates = pleth.update()
      return { ...estimates, beats: estimates.beats.map((t) => stream.toMs(t)) }
    },
  }
}
