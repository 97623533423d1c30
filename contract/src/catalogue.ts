import catalogueJson from './signal-catalogue.json' with { type: 'json' }

/**
 * Short wire names with a stable number each. The number is stored (roll-ups, packed quality), so it never changes
 * and is never used again for something else.
 */
export const wireSignals = {
  hr: [1, 'heart_rate'],
  pr: [2, 'pulse_rate'],
  spo2: [3, 'spo2'],
  pi: [4, 'perfusion_index'],
  temp: [5, 'temp'],
  tcore: [6, 'temp_core'],
  tskin: [7, 'temp_skin'],
  rr: [8, 'resp_rate'],
  sys: [9, 'nibp_sys'],
  dia: [10, 'nibp_dia'],
  map: [11, 'nibp_mean'],
  asys: [12, 'art_sys'],
  adia: [13, 'art_dia'],
  amap: [14, 'art_mean'],
  etco2: [15, 'etco2'],
  co2e: [16, 'co2_exp'],
  fico2: [17, 'fico2'],
  paw: [18, 'paw'],
  pip: [19, 'paw_peak'],
  pmean: [20, 'paw_mean'],
  pmin: [21, 'paw_min'],
  peep: [22, 'peep'],
  pamb: [23, 'ambient_pressure'],
  co2: [24, 'co2_ppm'],
  tvoc: [25, 'tvoc'],
  fio2: [26, 'fio2'],
  rhr: [27, 'resting_heart_rate'],
  sdnn: [28, 'hrv_sdnn'],
  steps: [29, 'steps'],
  aenergy: [30, 'active_energy'],
  renergy: [31, 'resting_energy'],
  flights: [32, 'flights_climbed'],
  audio: [33, 'headphone_audio'],
  dist: [34, 'walk_run_distance'],
  wspeed: [35, 'walking_speed'],
  wstep: [36, 'walking_step_length'],
  wasym: [37, 'walking_asymmetry'],
  wdouble: [38, 'walking_double_support'],
  weight: [39, 'weight'],
  height: [40, 'height'],
  gluc: [41, 'blood_glucose'],
  rrppg: [42, 'resp_rate_ppg'],
  batt: [43, 'battery'],
  rssi: [44, 'rssi'],
  tamb: [45, 'ambient_temperature'],
  rhum: [46, 'ambient_humidity'],
  eco2: [47, 'eco2_ppm'],
} as const satisfies Record<string, readonly [code: number, key: string]>

export type SignalName = keyof typeof wireSignals

export interface Signal {
  /** Short name on the wire, in the API and in the database. */
  readonly name: SignalName
  /** Stable number stored instead of the name where rows are many. */
  readonly code: number
  /** Long name of the catalogue. */
  readonly key: string
  readonly display: string
  /** UCUM unit of every value on the wire; no unit ever travels. */
  readonly ucum: string
  readonly loinc: readonly { readonly code: string; readonly display: string }[]
  readonly mdc: readonly { readonly code: number; readonly refid: string }[]
  /** Values outside are not values: sentinels, wrong units, broken sensors. Inclusive. */
  readonly plausible: readonly [min: number, max: number]
  readonly defaultLimits: readonly [low: number | null, high: number | null] | null
  /** Digits after the point when shown to a person. */
  readonly decimals: number
}

interface CatalogueEntry {
  key: string
  display: string
  ucum: string
  loinc: { code: string; display: string }[]
  mdc: { code: number; refid: string }[]
  plausible: number[]
  default_limits: (number | null)[] | null
}

// Housekeeping of the board and the lower-ranked breathing rate from the plethysmogram; the catalogue has no row for them.
const ownEntries: CatalogueEntry[] = [
  { key: 'resp_rate_ppg', display: 'Respiratory rate (from plethysmogram)', ucum: '/min', loinc: [{ code: '9279-1', display: 'Respiratory rate' }], mdc: [], plausible: [0, 150], default_limits: null },
  { key: 'battery', display: 'Battery charge', ucum: '%', loinc: [], mdc: [], plausible: [0, 100], default_limits: null },
  { key: 'rssi', display: 'Wi-Fi signal strength', ucum: 'dB[mW]', loinc: [], mdc: [], plausible: [-127, 20], default_limits: null },
]

const oneDecimal: ReadonlySet<string> = new Set(['pi', 'temp', 'tcore', 'tskin', 'paw', 'pip', 'pmean', 'pmin', 'peep', 'pamb', 'tamb', 'weight', 'dist', 'wspeed'])

const entries = new Map<string, CatalogueEntry>(
  [...(catalogueJson as CatalogueEntry[]), ...ownEntries].map((entry) => [entry.key, entry]),
)

function toSignal(name: SignalName, code: number, key: string): Signal {
  const entry = entries.get(key) as CatalogueEntry
  return {
    name,
    code,
    key,
    display: entry.display,
    ucum: entry.ucum,
    loinc: entry.loinc,
    mdc: entry.mdc,
    plausible: entry.plausible as unknown as readonly [number, number],
    defaultLimits: entry.default_limits as unknown as Signal['defaultLimits'],
    decimals: oneDecimal.has(name) ? 1 : 0,
  }
}

/** Every signal Vigil knows, in code order. */
export const signals: readonly Signal[] = Object.entries(wireSignals).map(([name, [code, key]]) =>
  toSignal(name as SignalName, code, key),
)

const byName: ReadonlyMap<string, Signal> = new Map(signals.map((s) => [s.name, s]))
const byCode: ReadonlyMap<number, Signal> = new Map(signals.map((s) => [s.code, s]))

export function signalByName(name: string): Signal | undefined {
  return byName.get(name)
}

export function signalByCode(code: number): Signal | undefined {
  return byCode.get(code)
}

/** Signals that have a column of their own in the sample table, in column order; the rest are kept as JSON. */
export const coreSignals = [
  'hr', 'pr', 'spo2', 'pi', 'rr', 'temp', 'tskin', 'paw', 'pip', 'peep', 'sys', 'dia', 'map', 'etco2', 'co2', 'rrppg',
] as const satisfies readonly SignalName[]

export type CoreSignalName = (typeof coreSignals)[number]
