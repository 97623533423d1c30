import type { HealthData, HealthSeries } from '@vigil/contract/api/health-data'

const AT = Date.parse('2026-07-14T06:00:00Z')
const HOUR_MS = 3_600_000
const watch = { source: 'Watch|iPhone', aggregation: 'hour' } as const

const pulse: HealthSeries = { ...watch, metric: 'heart_rate', display: 'Heart rate', unit: '/min', kind: 'mean', rows: [0, 1, 2].map((i) => ({ t: AT - i * HOUR_MS, v: 60 + i, low: 52, high: 88 })).toReversed(), summary: { count: 3, low: 52, mean: 61, high: 88 } }
const steps: HealthSeries = { ...watch, metric: 'step_count', display: 'Steps', unit: '{steps}', kind: 'total', rows: [{ t: AT, v: 1_893 }, { t: AT + HOUR_MS, v: 0 }], summary: { count: 2, low: 0, mean: 946.5, high: 1_893, total: 1_893 } }
const cuff: HealthSeries = { metric: 'blood_pressure', display: 'Blood pressure', unit: 'mm[Hg]', kind: 'mean', aggregation: 'none', source: 'Cuff', rows: [{ t: AT, parts: { systolic: 128, diastolic: 82 } }], summary: { count: 1 } }

export const healthData: HealthData = { from: '2026-07-13T06:00:00Z', to: '2026-07-14T06:00:00Z', offsetMinutes: 60, origin: 'Apple Health', syncedAt: '2026-07-14T06:00:00Z', series: [cuff, steps, pulse], events: [], truncated: false }
