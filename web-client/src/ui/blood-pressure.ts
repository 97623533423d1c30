import type { Bed } from '@vigil/contract/api/patients'

/** One measurement of the blood pressure, mmHg, and when it was made. */
export interface BloodPressure {
  readonly sys: number
  readonly dia: number | undefined
  readonly t: number
  /** Read by a person and typed in, not sent by a device. */
  readonly typed: boolean
}

/** The newest there is in this stay, of the cuff or typed in; systolic and diastolic of one measurement, or the systolic alone. */
export function newestPressure({ latest, typedPressure }: Pick<Bed, 'latest' | 'typedPressure'>): BloodPressure | undefined {
  const { sys, dia } = latest
  const cuff = sys && sys.v !== null ? { sys: sys.v, dia: dia?.t === sys.t ? (dia.v ?? undefined) : undefined, t: sys.t, typed: false } : undefined
  const typed = typedPressure && { sys: typedPressure.sys, dia: typedPressure.dia, t: typedPressure.t, typed: true }
  return cuff && (!typed || cuff.t >= typed.t) ? cuff : typed
}
