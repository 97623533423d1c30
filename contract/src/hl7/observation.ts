import type { Signal } from '../catalogue.ts'
import type { CodedName, CodeWarning } from './codes.ts'
import type { DisplayedLimits, ValueRefusal, ValueWarning } from './numbers.ts'
import type { UnitWarning } from './units.ts'

export type ResultStatus = 'final' | 'preliminary' | 'corrected'

/** Which field told when a value was measured. */
export type TimeSource = 'OBX-14' | 'OBR-7' | 'MSH-7' | 'received'

export type RowWarning = CodeWarning | ValueWarning | UnitWarning

/** Why a row gave no value. Kept with the message, counted, and shown to whoever looks after the source. */
export type RowRefusal = ValueRefusal | 'CONTRADICTORY_CODES' | 'UNIT_MISMATCH' | 'IMPLAUSIBLE' | 'NO_RESULT'

/** Where a row stood, for ERR and for the quarantine list; never with the value itself. */
export interface RowPlace {
  /** OBX's place among the OBX segments of its message, from 1. OBX-1 may be empty or repeated. */
  readonly row: number
  readonly code: CodedName
}

/** One measured number of a known signal, in the catalogue's unit. */
export interface Observation extends RowPlace, DisplayedLimits {
  readonly signal: Signal
  readonly value: number
  /** Milliseconds since the Unix epoch. */
  readonly timeMs: number
  readonly timeSource: TimeSource
  /** False when the stamp named no zone. */
  readonly zoned: boolean
  /** `MDS.VMD.CHAN` of OBX-4: two temperatures on two channels stay two. */
  readonly channel: string | undefined
  readonly status: ResultStatus
  /** OBX-8 without the default: abnormality, priority, alert type. */
  readonly flags: readonly string[]
  /** Real device behind a gateway (OBX-18). */
  readonly equipment: string | undefined
  readonly notes: string | undefined
  readonly warnings: readonly RowWarning[]
}

/** A number of a code nobody here knows: kept raw, shown as unmapped. */
export interface UnmappedValue extends RowPlace {
  readonly value: number
  readonly unit: string
  readonly timeMs: number
}

/** A row that gave no value, and why. */
export interface RefusedRow extends RowPlace {
  readonly why: RowRefusal
}

/** An earlier result is withdrawn (OBX-11 W or D): what it said was wrong. */
export interface Withdrawal extends RowPlace {
  readonly signal: Signal | undefined
  readonly timeMs: number
}

/** A stretch of a waveform (OBX-2 NA) with the facets that share its OBX-4. */
export interface SourceWaveform extends RowPlace {
  /** Samples in the source's own steps; `null` where the source had none. */
  readonly samples: readonly (number | null)[]
  readonly rateHz: number | undefined
  readonly perStep: number | undefined
  readonly timeMs: number
}

/** What one patient group of a message says. */
export interface PatientResult {
  readonly patient: SourcePatient
  readonly observations: readonly Observation[]
  readonly unmapped: readonly UnmappedValue[]
  readonly refused: readonly RefusedRow[]
  readonly withdrawn: readonly Withdrawal[]
  readonly waveforms: readonly SourceWaveform[]
}

/** Whom the source believes it watches. None of it is an admission. */
export interface SourcePatient {
  readonly identifier: string | undefined
  readonly family: string
  readonly given: string
  /** `point^room^bed` of PV1-3, or what a sender packed into it. */
  readonly location: readonly string[]
}
