import { type AbsenceReason } from '@vigil/contract/quality'
import { createAmbientPressure } from './ambient-pressure.ts'
import { type BreathingEstimate, type BreathPolarity, type Breathing, createBreathing } from './breathing.ts'
import { absence } from './estimate.ts'
import { createSampleStream, type SampleBlock } from './sample-stream.ts'
import { createSilenceWatch } from './silence-watch.ts'

export interface MaskOptions {
  readonly polarity?: BreathPolarity | undefined
  /** What the mask sensor reads above the ambient sensor when both are in the room, cmH2O: two barometers differ by up to a few. */
  readonly zero?: number | undefined
}

/** Mask and room pressure in Pa, arriving as blocks, made into one measurement a second. */
export interface MaskStream {
  pushMask(block: SampleBlock): void
  pushAmbient(block: SampleBlock): void
  missing(channel: 'mask' | 'ambient', reason: AbsenceReason): void
  /** Nothing when no such sensor has been heard of. Onsets in milliseconds of the blocks' clock. */
  second(): BreathingEstimate | undefined
}

/** Pascal in one cmH2O. */
export const PASCAL_PER_CMH2O = 98.0665

export function createMaskStream({ polarity, zero = 0 }: MaskOptions): MaskStream {
  const stream = createSampleStream()
  const watch = createSilenceWatch()
  const ambient = createAmbientPressure()
  let waiting: SampleBlock[] = []
  let breathing: Breathing | undefined
  // Without an ambient sensor the swing is still right about any fixed level.
  let reference = 0

  const feed = (block: SampleBlock): void => {
    const restarts = !stream.continues(block) || !breathing
    if (restarts) reference = ambient.pascal ?? (block.values[0] as number)
    breathing = restarts ? createBreathing({ hz: block.hz, polarity }) : (breathing as Breathing)
    breathing.setGauge(ambient.pascal !== undefined)
    for (let i = 0; i < block.values.length; i += 1) {
      breathing.push(((block.values[i] as number) - (ambient.pascal ?? reference)) / PASCAL_PER_CMH2O - zero)
    }
  }
  return {
    pushMask(block) {
      if (block.values.length === 0) return
      watch.heard()
      waiting.push(block)
    },
    pushAmbient: (block) => ambient.push(block),
    missing(channel, reason) {
      if (channel === 'mask') watch.missing(reason)
      else ambient.missing()
    },
    second() {
      ambient.tick()
      for (const block of waiting) feed(block)
      waiting = []
      const silent = watch.second()
      if (silent === 'never') return undefined
      if (silent || !breathing) {
        stream.interrupt()
        breathing = undefined
        const none = absence(silent ?? 'warmup')
        return { rr: none, peep: none, pip: none, paw: none, apnoea: false, breaths: [], onsets: [] }
      }
      const told = breathing.update()
      return {
        ...told,
        onsets: told.onsets.map((t) => stream.toMs(t)),
        breaths: told.breaths.map((breath) => ({ ...breath, onset: stream.toMs(breath.onset) })),
      }
    },
  }
}
