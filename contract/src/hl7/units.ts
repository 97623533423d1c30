import { mdcNumber } from './codes.ts'

export type UnitWarning = 'UNIT_MISSING' | 'UNIT_CONVERTED'

export type UnitReading =
  | { readonly ok: true; readonly value: number; readonly warning: UnitWarning | undefined }
  | { readonly ok: false }

/** Units of OBX-6 under the names senders give them, in UCUM. MDC numbers: IEEE 11073-10101 table of units, partition 4. */
const UCUM_OF: Readonly<Record<string, string>> = {
  '262688': '%', mdc_dim_percent: '%', '%': '%', percent: '%',
  '264864': '/min', mdc_dim_beat_per_min: '/min', bpm: '/min', 'beats/min': '/min', '{beats}/min': '/min', 'beat/min': '/min', '/min': '/min', '1/min': '/min', '{beat}/min': '/min',
  '264928': '/min', mdc_dim_resp_per_min: '/min', rpm: '/min', brpm: '/min', 'breaths/min': '/min', '{breaths}/min': '/min', 'resp/min': '/min', '{breath}/min': '/min',
  '266016': 'mm[Hg]', mdc_dim_mmhg: 'mm[Hg]', mmhg: 'mm[Hg]', 'mm[hg]': 'mm[Hg]', 'mm hg': 'mm[Hg]',
  '266048': 'cm[H2O]', mdc_dim_cm_h2o: 'cm[H2O]', cmh2o: 'cm[H2O]', 'cm[h2o]': 'cm[H2O]',
  '265987': 'kPa', mdc_dim_kilo_pascal: 'kPa', kpa: 'kPa',
  '265986': 'hPa', mdc_dim_hecto_pascal: 'hPa', hpa: 'hPa', mbar: 'hPa',
  '265984': 'Pa', mdc_dim_pascal: 'Pa', pa: 'Pa',
  '268192': 'Cel', mdc_dim_degc: 'Cel', cel: 'Cel', degc: 'Cel', 'deg c': 'Cel', '°c': 'Cel', c: 'Cel',
  '266560': '[degF]', mdc_dim_fahr: '[degF]', degf: '[degF]', '[degf]': '[degF]', 'deg f': '[degF]', '°f': '[degF]', f: '[degF]',
  '262752': '[ppm]', mdc_dim_parts_per_million: '[ppm]', ppm: '[ppm]', '[ppm]': '[ppm]',
  '262816': '[ppb]', mdc_dim_parts_per_billion: '[ppb]', ppb: '[ppb]', '[ppb]': '[ppb]',
  '263875': 'kg', mdc_dim_kilo_g: 'kg', kg: 'kg', g: 'g', '[lb_av]': '[lb_av]', lb: '[lb_av]',
  '263441': 'cm', mdc_dim_centi_m: 'cm', cm: 'cm', m: 'm',
  '264274': 'mg/dL', mdc_dim_milli_g_per_dl: 'mg/dL', 'mg/dl': 'mg/dL', 'mmol/l': 'mmol/L',
}

const MMHG_PER_KPA = 7.500_616_827
const CMH2O_PER_KPA = 10.197_162_13
const MG_PER_DL_GLUCOSE_PER_MMOL = 18.015_6

type Convert = (value: number) => number

/** From, to: how a value is carried over. Only what is exact by definition or, for glucose, by its molar mass. */
const CONVERSIONS: Readonly<Record<string, Convert>> = {
  '[degF]>Cel': (v) => ((v - 32) * 5) / 9,
  'kPa>mm[Hg]': (v) => v * MMHG_PER_KPA,
  'kPa>cm[H2O]': (v) => v * CMH2O_PER_KPA,
  'hPa>cm[H2O]': (v) => (v * CMH2O_PER_KPA) / 10,
  'Pa>cm[H2O]': (v) => (v * CMH2O_PER_KPA) / 1_000,
  'mm[Hg]>cm[H2O]': (v) => (v / MMHG_PER_KPA) * CMH2O_PER_KPA,
  'cm[H2O]>mm[Hg]': (v) => (v / CMH2O_PER_KPA) * MMHG_PER_KPA,
  'Pa>hPa': (v) => v / 100,
  'kPa>hPa': (v) => v * 10,
  'g>kg': (v) => v / 1_000,
  '[lb_av]>kg': (v) => v * 0.453_592_37,
  'm>cm': (v) => v * 100,
  'mmol/L>mg/dL': (v) => v * MG_PER_DL_GLUCOSE_PER_MMOL,
}

/** UCUM unit of an OBX-6, from its components `code^name^system^code^name^system`; `undefined` for one nobody here knows. */
export function unitOf(components: readonly string[]): string | undefined {
  const [code = '', name = '', , alternative = ''] = components
  for (const candidate of [mdcNumber(code), name, alternative]) {
    const unit = UCUM_OF[candidate.trim().toLowerCase()]
    if (unit !== undefined) return unit
  }
  return undefined
}

/** Carries a value into the unit of the catalogue. Without a unit the catalogue's is taken, with a warning. */
export function toCatalogueUnit(value: number, components: readonly string[], ucum: string): UnitReading {
  if (components.every((part) => part.trim() === '')) return { ok: true, value, warning: 'UNIT_MISSING' }
  const unit = components.some((part) => part.trim() === ucum) ? ucum : unitOf(components)
  if (unit === ucum) return { ok: true, value, warning: undefined }
  const convert = unit === undefined ? undefined : CONVERSIONS[`${unit}>${ucum}`]
  return convert ? { ok: true, value: Math.round(convert(value) * 1_000) / 1_000, warning: 'UNIT_CONVERTED' } : { ok: false }
}
