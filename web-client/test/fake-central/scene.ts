import type { FakeCentral } from './fake-central.ts'

/** A ward in the middle of a bad hour: every kind of alarm, pause and changed limit at once; for pictures and for looking. */
export function scene(central: FakeCentral): void {
  const { alarms } = central
  const stay = (bed: string) => central.world.wards[0]?.beds.find((b) => b.id === bed)?.stay?.id ?? ''
  alarms.raise('bed-06', { condition: 'low:spo2', value: 86, worst: 84, limit: 90 })
  const owned = alarms.raise('bed-07', { condition: 'high:rr', priority: 'medium', value: 31, worst: 33, limit: 30 })
  alarms.tell({ ...owned, state: 'acknowledged', acknowledgedAt: alarms.iso(-40_000), acknowledgedBy: 'Li Wei', reAlarmAt: alarms.iso(140_000) })
  alarms.raise('bed-05', { condition: 'device_lost', priority: 'medium' })
  central.silence('ST-0046')
  alarms.raise('bed-09', { condition: 'low:temp', priority: 'low', value: 35.4, worst: 35.4, limit: 36 })
  alarms.raise('bed-03', { condition: 'desat:spo2', state: 'latched', value: 79, worst: 77, limit: 80 })
  alarms.audio.set(stay('bed-08'), { mode: 'paused', until: alarms.iso(900_000), by: 'Li Wei', role: 'nurse' })
  alarms.audio.set(stay('bed-11'), { mode: 'off', since: alarms.iso(-500_000), by: 'Dr Roy', role: 'clinician', reason: 'Comfort care' })
  alarms.setNews2(stay('bed-06'), { score: 7, risk: 'high' })
  alarms.setNews2(stay('bed-01'), { score: 0 })
  alarms.setNews2(stay('bed-04'), { score: 3, complete: false, known: 5, missing: ['consciousness', 'sys'] })
  for (const [bed, sys, dia] of [['bed-06', 142, 91], ['bed-15', 118, 74]] as const) alarms.observations.push({ id: `00000000-0000-7000-8000-00000000b1${bed.slice(4)}`, stayId: stay(bed), at: alarms.iso(-1_500_000), by: 'Li Wei', values: { sys, dia } })
  const cuffMs = central.clock.now() - 900_000
  for (const [signal, v] of [['sys', 127], ['dia', 79]] as const) central.script('ST-0054', signal, { v, t: cuffMs })
  const limits = alarms.limitsOf(stay('bed-12'))
  alarms.limits.set(stay('bed-12'), {
    ...limits,
    off: [{ condition: 'low:spo2', by: 'Dr Roy', role: 'clinician', at: alarms.iso(-60_000), reason: 'During a procedure', until: alarms.iso(3_600_000) }],
    limits: limits.limits.map((row) => (row.condition === 'low:rr' ? { ...row, inForce: { value: 6, delayS: 5, priority: 'high' }, changed: { by: 'Li Wei', role: 'nurse', at: alarms.iso(-9_000), reason: 'Usual for this patient' } } : row)),
  })
  alarms.review.push({ id: '00000000-0000-7000-8000-00000000c001', stayId: stay('bed-04'), wardId: 'ward-3', bedId: 'bed-04', condition: 'low:spo2', priority: 'high', from: alarms.iso(-7_200_000), to: alarms.iso(-7_100_000), worst: 85, limit: 90, receivedAt: alarms.iso(-60_000) })
}
