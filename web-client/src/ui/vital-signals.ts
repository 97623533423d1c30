import { signalByName } from '@vigil/contract/catalogue'

/** Colour and trace style of a signal; the palette is in `css/palette.ts`. */
export type SignalGroup = 'heart' | 'oxygen' | 'breath' | 'temperature' | 'pressure' | 'other'

const groups: Readonly<Record<string, SignalGroup>> = {
  hr: 'heart', pr: 'heart', rhr: 'heart', spo2: 'oxygen', pi: 'oxygen', rr: 'breath', rrppg: 'breath',
  temp: 'temperature', tcore: 'temperature', tskin: 'temperature',
  paw: 'pressure', pip: 'pressure', peep: 'pressure', pmean: 'pressure', pmin: 'pressure',
  sys: 'pressure', dia: 'pressure', map: 'pressure', asys: 'pressure', adia: 'pressure', amap: 'pressure',
}

export const groupOf = (signal: string): SignalGroup => groups[signal] ?? 'other'

// Always-visible labels; medical abbreviations are the same in every language of the app.
const labels: Readonly<Record<string, string>> = {
  hr: 'HR', pr: 'PR', spo2: 'SpO₂', pi: 'PI', rr: 'RR', rrppg: 'RR pleth', temp: 'T', tcore: 'T core', tskin: 'T skin',
  paw: 'Paw', pip: 'PIP', peep: 'PEEP', pmean: 'Pmean', pmin: 'Pmin', pamb: 'Pamb', sys: 'NIBP sys', dia: 'NIBP dia', map: 'NIBP mean',
  etco2: 'EtCO₂', fico2: 'FiCO₂', co2e: 'CO₂ exp', co2: 'CO₂ air', fio2: 'FiO₂', batt: 'Batt', rssi: 'RSSI',
}

export const labelOf = (signal: string): string => labels[signal] ?? signal

const units: Readonly<Record<string, string>> = {
  'Cel': '°C', '[degF]': '°F', 'cm[H2O]': 'cmH₂O', 'mm[Hg]': 'mmHg', '[ppm]': 'ppm', '[ppb]': 'ppb', 'dB[mW]': 'dBm', 'dB[SPL]': 'dB', '{steps}': '', '{flights}': '', '{score}': '',
}

/** A UCUM unit as a person reads it. */
export const unitText = (ucum: string): string => units[ucum] ?? ucum

export const unitOf = (signal: string): string => unitText(signalByName(signal)?.ucum ?? '')

export const decimalsOf = (signal: string): number => signalByName(signal)?.decimals ?? 1

/** Measured now and then by a person or a cuff: shown with the clock time, never called late. */
const spot: ReadonlySet<string> = new Set(['sys', 'dia', 'map', 'weight', 'height', 'gluc', 'steps', 'flights', 'dist', 'rhr', 'sdnn'])
export const isSpot = (signal: string): boolean => spot.has(signal)

/** Signals that may speak for the same thing, best first; the tile says which one it shows. */
export const sources = {
  heart: ['hr', 'pr'],
  oxygen: ['spo2'],
  breath: ['rr', 'rrppg'],
  temperature: ['tcore', 'temp', 'tskin'],
  peak: ['pip'],
  peep: ['peep'],
} as const satisfies Record<string, readonly string[]>
export type Source = keyof typeof sources
