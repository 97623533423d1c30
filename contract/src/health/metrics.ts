import { type Signal, type SignalName, signalByName } from '../catalogue.ts'

/** `total`: what was done in the period, adds up. `mean`: what it was like, does not. `day`: one number for a day, by its nature. */
export type MetricKind = 'total' | 'mean' | 'day'

export interface HealthMetric {
  /** Name the phone's app gives it, in snake case; what it is called in the API and in the database. */
  readonly name: string
  /** UCUM unit it is kept in. */
  readonly unit: string
  readonly kind: MetricKind
  /** Signal of the catalogue that measures the same thing, for its codes, name and plausible range. */
  readonly signal: Signal | undefined
}

/** Metrics of Health Auto Export that are a signal of the catalogue. Blood pressure has two numbers, and its own rule. */
const OF_SIGNAL: Readonly<Record<string, readonly [SignalName, MetricKind]>> = {
  heart_rate: ['hr', 'mean'], resting_heart_rate: ['rhr', 'day'], heart_rate_variability: ['sdnn', 'mean'],
  blood_oxygen_saturation: ['spo2', 'mean'], respiratory_rate: ['rr', 'mean'], peripheral_perfusion_index: ['pi', 'mean'],
  body_temperature: ['temp', 'mean'], basal_body_temperature: ['temp', 'mean'], apple_sleeping_wrist_temperature: ['tskin', 'day'],
  step_count: ['steps', 'total'], active_energy: ['aenergy', 'total'], basal_energy_burned: ['renergy', 'total'],
  flights_climbed: ['flights', 'total'], headphone_audio_exposure: ['audio', 'mean'], walking_running_distance: ['dist', 'total'],
  walking_speed: ['wspeed', 'mean'], walking_step_length: ['wstep', 'mean'], walking_asymmetry_percentage: ['wasym', 'mean'],
  walking_double_support_percentage: ['wdouble', 'mean'], weight_body_mass: ['weight', 'mean'], height: ['height', 'mean'], blood_glucose: ['gluc', 'mean'],
}

/** By unit, and whether they add up: metrics the catalogue has no signal for. */
const OTHERS: readonly (readonly [unit: string, kind: MetricKind, names: string])[] = [
  ['mm[Hg]', 'mean', 'blood_pressure'],
  ['h', 'day', 'sleep_analysis'],
  ['h', 'total', 'sleep_core sleep_deep sleep_rem sleep_awake sleep_in_bed sleep_asleep sleep_unspecified'],
  ['/min', 'day', 'walking_heart_rate_average cardio_recovery'],
  ['mL/kg/min', 'day', 'vo2_max'],
  ['dB[SPL]', 'mean', 'environmental_audio_exposure'],
  ['%', 'mean', 'body_fat_percentage atrial_fibrillation_burden blood_alcohol_content apple_walking_steadiness'],
  ['kg/m2', 'mean', 'body_mass_index'],
  ['kg', 'mean', 'lean_body_mass'],
  ['cm', 'mean', 'waist_circumference running_stride_length running_vertical_oscillation'],
  ['m', 'mean', 'six_minute_walking_test_distance'],
  ['min', 'total', 'apple_exercise_time apple_stand_time mindful_minutes time_in_daylight'],
  ['1', 'total', 'apple_stand_hour number_of_times_fallen inhaler_usage push_count swimming_stroke_count'],
  ['km', 'total', 'cycling_distance swimming_distance wheelchair_distance distance_downhill_snow_sports'],
  ['km/h', 'mean', 'running_speed cycling_speed stair_speed_up stair_speed_down'],
  ['W', 'mean', 'running_power cycling_power'],
  ['ms', 'mean', 'running_ground_contact_time'],
  ['kJ', 'total', 'dietary_energy'],
  ['g', 'total', 'protein carbohydrates total_fat saturated_fat fiber dietary_sugar'],
  ['mg', 'total', 'sodium potassium calcium caffeine cholesterol iron'],
  ['mL', 'total', 'dietary_water'],
  ['L', 'mean', 'forced_vital_capacity forced_expiratory_volume_1'],
]

/** Names met in their place: of older versions, of the screen, of other exporters. */
const ALSO: Readonly<Record<string, string>> = {
  weight: 'weight_body_mass', body_mass: 'weight_body_mass', weight_and_body_mass: 'weight_body_mass', resting_energy: 'basal_energy_burned', basal_energy: 'basal_energy_burned',
  active_energy_burned: 'active_energy', steps: 'step_count', oxygen_saturation: 'blood_oxygen_saturation', walking_and_running_distance: 'walking_running_distance',
  distance_walking_running: 'walking_running_distance', heart_rate_variability_sdnn: 'heart_rate_variability', walking_asymmetry: 'walking_asymmetry_percentage',
  walking_double_support: 'walking_double_support_percentage', sleeping_wrist_temperature: 'apple_sleeping_wrist_temperature', headphone_audio_levels: 'headphone_audio_exposure',
}

const known: ReadonlyMap<string, HealthMetric> = new Map(
  [
    ...Object.entries(OF_SIGNAL).map(([name, [short, kind]]): HealthMetric => {
      const signal = signalByName(short)
      return { name, unit: signal?.ucum ?? '1', kind, signal }
    }),
    ...OTHERS.flatMap(([unit, kind, names]) => names.split(' ').map((name): HealthMetric => ({ name, unit, kind, signal: undefined }))),
  ].map((metric) => [metric.name, metric]),
)

const MOST_NAME = 80

/** The fifteen of the smart mirror: heart rate counts for three, with its lowest, mean and highest. */
export const mirrorMetrics = [
  'heart_rate', 'resting_heart_rate', 'step_count', 'walking_running_distance', 'flights_climbed', 'active_energy', 'basal_energy_burned',
  'walking_speed', 'walking_step_length', 'walking_asymmetry_percentage', 'walking_double_support_percentage', 'headphone_audio_exposure',
] as const

/** The metric a phone means: `Resting Heart Rate` and `resting_heart_rate` are one. `undefined` for what cannot be a name. */
export function metricName(written: unknown): string | undefined {
  if (typeof written !== 'string' || written.length > MOST_NAME) return undefined
  const plain = written.trim().toLowerCase().replace(/[^a-z0-9]+/g, '_').replace(/^_+|_+$/g, '')
  if (plain === '') return undefined
  return Object.hasOwn(ALSO, plain) ? ALSO[plain] : plain
}

/** What is known of a metric; `undefined` for one that is kept as it came, in the unit it came in. */
export function healthMetric(name: string): HealthMetric | undefined {
  return known.get(name)
}
