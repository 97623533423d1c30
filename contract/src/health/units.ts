/** How a number is carried over: `value * factor + shift`. */
type Linear = number | readonly [factor: number, shift: number]

const KCAL_IN_KJ = 4.184
const MILE_IN_KM = 1.609_344

/** By UCUM unit of ours: every name a phone gives a unit that can be carried into it. Apple's `Cal` is a kilocalorie, `cal` is not. */
const INTO: Readonly<Record<string, Readonly<Record<string, Linear>>>> = {
  '/min': { 'count/min': 1, bpm: 1, '/min': 1, 'beats/min': 1, 'breaths/min': 1, 'count/s': 60 },
  '{steps}': { count: 1, steps: 1 },
  '{flights}': { count: 1, flights: 1 },
  '1': { count: 1, '': 1, times: 1, '1': 1 },
  kJ: { kJ: 1, kcal: KCAL_IN_KJ, Cal: KCAL_IN_KJ, cal: KCAL_IN_KJ / 1_000, J: 0.001 },
  km: { km: 1, mi: MILE_IN_KM, m: 0.001, ft: 0.000_304_8, yd: 0.000_914_4 },
  m: { m: 1, km: 1_000, mi: MILE_IN_KM * 1_000, ft: 0.304_8, yd: 0.914_4 },
  'km/h': { 'km/hr': 1, 'km/h': 1, 'mi/hr': MILE_IN_KM, mph: MILE_IN_KM, 'm/s': 3.6, 'ft/s': 1.097_28 },
  cm: { cm: 1, in: 2.54, m: 100, mm: 0.1, ft: 30.48 },
  kg: { kg: 1, lb: 0.453_592_37, g: 0.001, st: 6.350_293_18, oz: 0.028_349_523_125 },
  g: { g: 1, mg: 0.001, kg: 1_000, oz: 28.349_523_125, mcg: 0.000_001 },
  mg: { mg: 1, g: 1_000, mcg: 0.001 },
  ug: { mcg: 1, 'μg': 1, 'µg': 1, mg: 1_000, g: 1_000_000 },
  mL: { mL: 1, ml: 1, L: 1_000, l: 1_000, fl_oz_us: 29.573_529_562_5, 'fl oz (US)': 29.573_529_562_5, 'fl. oz.': 29.573_529_562_5, cup_us: 236.588_236_5 },
  L: { L: 1, l: 1, mL: 0.001 },
  Cel: { degC: 1, '°C': 1, Cel: 1, degF: [5 / 9, -160 / 9], '°F': [5 / 9, -160 / 9], K: [1, -273.15] },
  '%': { '%': 1 },
  'dB[SPL]': { dBASPL: 1, dBSPL: 1, 'dB(A)': 1, dB: 1 },
  ms: { ms: 1, s: 1_000 },
  min: { min: 1, hr: 60, h: 60, s: 1 / 60 },
  h: { hr: 1, h: 1, min: 1 / 60, s: 1 / 3_600 },
  'mm[Hg]': { mmHg: 1, 'mm[Hg]': 1, cmAq: 0.735_559, kPa: 7.500_616_827 },
  'mg/dL': { 'mg/dL': 1, 'mmol/L': 18.015_6, 'mmol<180.1558800000541>/L': 18.015_6 },
  'mL/kg/min': { 'ml/(kg·min)': 1, 'mL/(kg·min)': 1, 'mL/min·kg': 1, 'mL/kg·min': 1, 'ml/kg/min': 1 },
  'kg/m2': { count: 1, 'kg/m²': 1, 'kg/m2': 1, '': 1 },
  W: { W: 1, kW: 1_000 },
}
const ONLY_TEXT: ReadonlySet<string> = new Set(['1', 'kg/m2'])

export type UnitReading = { readonly ok: true; readonly value: number; readonly changed: boolean; readonly warning?: 'UNIT_MISSING' } | { readonly ok: false }

/** Carries a number of a phone into the unit a metric is kept in. Without a unit the metric's is taken, with a warning. */
export function toHealthUnit(value: number, unit: string, ucum: string): UnitReading {
  const written = unit.trim()
  if (written === '' && !ONLY_TEXT.has(ucum)) return { ok: true, value, changed: false, warning: 'UNIT_MISSING' }
  const ways = INTO[ucum]
  const way = ways && Object.hasOwn(ways, written) ? ways[written] : undefined
  if (way === undefined) return { ok: false }
  if (way === 1) return { ok: true, value, changed: false }
  const [factor, shift] = typeof way === 'number' ? [way, 0] : way
  // Twelve digits: what binary fractions add behind them is nothing anybody measured.
  return { ok: true, value: Number((value * factor + shift).toPrecision(12)), changed: true }
}
