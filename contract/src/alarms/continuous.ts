import type { SignalName } from '../catalogue.ts'

/** Signals that are measured all the time: when one of these stops, that is an alarm. A module of its own: a screen loads it without the rules. */
export const continuousSignals = ['spo2', 'pr', 'hr', 'rr', 'temp', 'tskin', 'tcore', 'paw', 'pip', 'peep', 'etco2'] as const satisfies readonly SignalName[]
