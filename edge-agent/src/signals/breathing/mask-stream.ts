import type { AbsenceReason } from '@vigil/contract/quality'
import { type AmbientPressure, createAmbientPressure } from './ambient-pressure.ts'
import { type BreathingEstimate, type BreathPolarity, type Breathing, createBreathing } from './breathing.ts'
import { absence } from '../maths/estimate.ts'
import { createEvenGrid, type EvenGrid } from '../maths/even-grid.ts'
import type { SampleBlock } from '../maths/sample-stream.ts'
import { createSilenceWatch } from '../maths/silence-watch.ts'

export interface MaskOptions {
  readonly polarity?: BreathPolarity | undefined
  /** What the mask sensor reads above the ambient sensor when both are in the room, cmH2O: two barometers differ by up to a few. */
  readonly zero?: number | undefined
}

/** Mask and room pressure in Pa, arriving as blocks, made into one measurement a second. */
export interface MaskStream {
  pushMask(block: SampleBlock): void
  pushAmbient(block: SampleBlock): void
  /** Pressure in the mask above that of the room, from one sensor that feels both: no ambient sensor is needed. */
  pushGauge(block: SampleBlock): void
  missing(channel: 'mask' | 'ambient' | 'gauge', reason: AbsenceReason): void
  /** Nothing when no such sensor has been heard of. Onsets in milliseconds of the blocks' clock. */
  second(): BreathingEstimate | undefined
}

/** Pascal in one cmH2O. */
export const PASCAL_PER_CMH2O = 98.0665

export function createMaskStream(options: MaskOptions): MaskStream {
  const ambient = createAmbientPressure()
  const absolute = createMaskSource(ambient, options)
  const gauge = createMaskSource(alreadyGauge, options)

  return {
    pushMask: (block) => absolute.push(block),
    pushGauge: (block) => gauge.push(block),
    pushAmbient: (block) => ambient.push(block),
    missing(channel, reason) {
      if (channel === 'mask') absolute.missing(reason)
      else if (channel === 'gauge') gauge.missing(reason)
      else ambient.missing()
    },
    second() {
      ambient.tick()
      const told = gauge.second()
      // A gauge sensor is the surer one; two barometers beside it serve when it fails.
      if (told && told.paw.absent !== 'fault') {
        absolute.rest()
        return told
      }
      return absolute.second() ?? told
    },
  }
}

/** A gauge sensor has taken the room's pressure off by itself. */
const alreadyGauge: Pick<AmbientPressure, 'pascal'> = { pascal: 0 }

interface MaskSource {
  push(block: SampleBlock): void
  missing(reason: AbsenceReason): void
  second(): BreathingEstimate | undefined
  /** Another source is heard for this second. */
  rest(): void
}

function createMaskSource(ambient: Pick<AmbientPressure, 'pascal'>, options: MaskOptions): MaskSource {
  const watch = createSilenceWatch()
  const breaths = createEvenBreathing(ambient, options)
  let waiting: SampleBlock[] = []

  return {
    push(block) {
      if (block.values.length === 0) return
      watch.heard()
      waiting.push(block)
    },
    missing: (reason) => watch.missing(reason),
    second() {
      for (const block of waiting) breaths.push(block)
      waiting = []
      const silent = watch.second()
      if (silent === 'never') return undefined
      const told = silent ? undefined : breaths.update()
      if (told) return told
      breaths.interrupt()
      const none = absence(silent ?? 'warmup')
      return { rr: none, peep: none, pip: none, paw: none, apnoea: false, breaths: [], onsets: [] }
    },
    rest() {
      waiting = []
      watch.second()
    },
  }
}

// A breath fits into a gap longer than the first, another patient into one longer than the second.
const NO_BREATH_S = 2
const SAME_PATIENT_S = 10

/** For how long somebody has been silent after a gap; nothing when it is not known that somebody was breathing. */
function silentAfter(silentS: number | undefined, gapS: number): number | undefined {
  if (silentS === undefined || gapS > SAME_PATIENT_S) return undefined
  return gapS > NO_BREATH_S ? 0 : silentS + gapS
}

interface EvenBreathing {
  push(block: SampleBlock): void
  interrupt(): void
  /** Nothing before the first sample. Onsets in milliseconds of the blocks' clock. */
  update(): BreathingEstimate | undefined
}

/** Breathing over the even stream made of what the sensor gave; a new measurement where that stream starts anew. */
function createEvenBreathing(ambient: Pick<AmbientPressure, 'pascal'>, { polarity, zero = 0 }: MaskOptions): EvenBreathing {
  let breathing: Breathing | undefined
  let grid: { readonly hz: number; readonly even: EvenGrid } | undefined
  let startMs = 0
  let newestMs = 0
  // Survives what interrupts the measurement: whoever breathed before a gap may have stopped in it.
  let before: Breathing | undefined
  // Without an ambient sensor the swing is still right about any fixed level.
  let reference = 0

  const restart = (hz: number, atMs: number, pascal: number): Breathing => {
    reference = ambient.pascal ?? pascal
    startMs = atMs
    const silentS = silentAfter(before?.silentS, Math.max(0, atMs - newestMs) / 1_000)
    return createBreathing({ hz, polarity, silentS })
  }
  const makeGrid = (hz: number): EvenGrid =>
    createEvenGrid({
      hz,
      sample(pascal, atMs, restarts) {
        before = breathing = restarts || !breathing ? restart(hz, atMs, pascal) : breathing
        newestMs = atMs
        breathing.setGauge(ambient.pascal !== undefined)
        breathing.push((pascal - (ambient.pascal ?? reference)) / PASCAL_PER_CMH2O - zero)
      },
    })
  const toMs = (seconds: number): number => startMs + 1_000 * seconds

  return {
    push({ hz, t0Ms, values }) {
      if (grid?.hz !== hz) grid = { hz, even: makeGrid(hz) }
      for (let i = 0; i < values.length; i += 1) grid.even.push(t0Ms + (1_000 * i) / hz, values[i] as number)
    },
    interrupt() {
      grid?.even.interrupt()
      breathing = undefined
    },
    update() {
      const told = breathing?.update()
      return told && { ...told, onsets: told.onsets.map(toMs), breaths: told.breaths.map((breath) => ({ ...breath, onset: toMs(breath.onset) })) }
    },
  }
}
