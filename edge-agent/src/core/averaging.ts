import type { Measurement } from './measurement.ts'

/** Calms numbers by averaging the last seconds. A signal that was absent begins anew, so that no old value lives on in a mean. */
export interface Averaging {
  /** Once a second; the rest of the measurement is passed on as it is. */
  second<M extends Measurement>(measured: M, overSeconds: number): M
}

export function createAveraging(): Averaging {
  let kept = new Map<string, readonly number[]>()
  return {
    second(measured, overSeconds) {
      if (overSeconds <= 1) {
        kept.clear()
        return measured
      }
      kept = new Map(Object.entries(measured.m).map(([signal, value]) => [signal, [...(kept.get(signal) ?? []), value].slice(-overSeconds)]))
      const m = Object.fromEntries([...kept].map(([signal, values]) => [signal, values.reduce((sum, value) => sum + value, 0) / values.length]))
      return { ...measured, m }
    },
  }
}
