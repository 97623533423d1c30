import type { Alarm, AlarmEventList, AlarmList, AlarmWatch, AudioChange, AudioNow, MonitoringNow, MonitoringPause, News2Now, ReviewItem } from '@vigil/contract/api/alarms'
import type { AlarmOffChange, Limits, LimitsChange, NewObservation, Observation } from '@vigil/contract/api/alarm-limits'
import type { AlarmLoad, SimulationResult } from '@vigil/contract/api/alarm-studies'
import { limitKeys, limitRanges, limitUnit, profileLimits } from '@vigil/contract/alarms'
import { signalByName } from '@vigil/contract/catalogue'
import type { FakeCentral } from './fake-central.ts'
import { accounts, uuid } from './people.ts'
import { chosenProfile } from './profiles.ts'
import { Refusal, type Asked, type Route } from './refusal.ts'

/** What the fake central station knows of alarms; tests raise, worsen and end them by hand. */
export class FakeAlarms {
  readonly open = new Map<string, Alarm>()
  readonly ended: Alarm[] = []
  readonly audio = new Map<string, AudioNow>()
  readonly monitoring = new Map<string, MonitoringNow>()
  readonly limits = new Map<string, Limits>()
  readonly news2 = new Map<string, News2Now>()
  readonly observations: Observation[] = []
  readonly review: ReviewItem[] = []
  engine: AlarmWatch['engine'] = 'ok'
  /** Patients from whom something comes; nothing: an older station, which does not say. */
  heard: number | undefined
  /** Wards this screen said it is heard on, and whether it still says so. */
  armed: { wards: readonly string[]; audible: boolean } | undefined
  readonly #central: FakeCentral

  constructor(central: FakeCentral) {
    this.#central = central
  }

  iso(plusMs = 0): string {
    return new Date(this.#central.clock.now() + plusMs).toISOString()
  }

  watch(): AlarmWatch {
    return { engine: this.engine, checkedAt: this.iso(), staysWatched: this.#central.world.stays.size, ...(this.heard !== undefined && { staysHeard: this.heard }), armedScreens: { 'ward-3': this.armed?.audible ? 1 : 0 } }
  }

  ofBed(bedId: string): Alarm[] {
    return [...this.open.values()].filter((alarm) => alarm.bedId === bedId)
  }

  /** What has no ward comes with every ward. */
  ofHouse(): Alarm[] {
    return [...this.open.values()].filter((alarm) => alarm.wardId === undefined)
  }

  /** An alarm of the patient in this bed, told to every screen that watches the ward. */
  raise(bedId: string, more: Partial<Alarm> & Pick<Alarm, 'condition'>): Alarm {
    const [type, signal] = more.condition.split(':')
    const technical = ['probe_off', 'no_data', 'device_lost', 'low_battery', 'sensor_fault', 'poor_signal'].includes(type ?? '')
    const alarm: Alarm = {
      id: uuid(0xa000 + this.open.size + this.ended.length), subject: { kind: 'stay', id: bedId }, kind: technical ? 'technical' : 'physiological', priority: 'high', state: 'active', version: 1,
      since: this.iso(-10_000), announcedAt: this.iso(), questionable: false, escalation: { taken: ['first'], next: 'next', nextAt: this.iso(60_000) }, deliveries: [], site: 'main', mode: 'demo', sentence: more.condition,
      ...(signal && { signal, unit: signalByName(signal)?.ucum ?? '' }), ...this.#placeOf(bedId), ...more,
    }
    return this.tell(alarm)
  }

  #placeOf(bedId: string): Partial<Alarm> {
    for (const ward of this.#central.world.wards) {
      const bed = ward.beds.find((b) => b.id === bedId)
      if (bed) return { wardId: ward.id, bedId, bedLabel: bed.label, ...(bed.stay && { stayId: bed.stay.id, patient: bed.stay.patient }), ...(bed.stay?.deviceId && { deviceId: bed.stay.deviceId }) }
    }
    return {}
  }

  tell(alarm: Alarm): Alarm {
    if (alarm.state === 'cleared') {
      this.open.delete(alarm.id)
      this.ended.unshift(alarm)
    } else this.open.set(alarm.id, alarm)
    this.#central.tell({ type: 'alarm', alarm }, alarm.wardId)
    return alarm
  }

  worsen(id: string, worst: number): Alarm {
    const { acknowledgedAt: _at, acknowledgedBy: _by, ...alarm } = this.open.get(id) as Alarm
    return this.tell({ ...alarm, worst, state: 'active', version: alarm.version + 1 })
  }

  clear(id: string): void {
    const alarm = this.open.get(id) as Alarm
    this.tell({ ...alarm, state: 'cleared', endedAt: this.iso(), version: alarm.version + 1 })
  }

  setNews2(stay: string, score: Partial<News2Now>): void {
    const news2: News2Now = { score: 0, complete: true, known: 7, missing: [], parts: {}, risk: 'low', scale: 1, at: this.iso(), ...score }
    this.news2.set(stay, news2)
    this.#central.tell({ type: 'news2', stayId: stay, news2 })
  }

  limitsOf(stayId: string): Limits {
    const known = this.limits.get(stayId)
    if (known) return known
    const set = (key: (typeof limitKeys)[number]) => {
      const limit = profileLimits.adult[key]
      return limit && { value: limit.value, delayS: limit.delayMs / 1_000, priority: limit.priority }
    }
    const limits: Limits = { stayId, version: 3, profile: 'adult', limits: limitKeys.map((condition) => ({ condition, unit: limitUnit(condition), range: [...limitRanges[condition]], inForce: set(condition), profile: set(condition) })), off: [], news2Scale: 1, reAlarmMinutes: 3 }
    this.limits.set(stayId, limits)
    return limits
  }
}

const nameOf = (user: string) => accounts[user]?.info.user
const who = (c: FakeCentral, user: string, reason: string, minutes: number | null | undefined) => ({ by: nameOf(user)?.displayName ?? user, role: nameOf(user)?.role ?? 'nurse', at: c.alarms.iso(), reason, ...(minutes === null ? {} : { until: c.alarms.iso((minutes ?? 480) * 60_000) }) })

export const alarmRoutes: readonly Route[] = [
  ['POST', '/stays/*/patient-call', 'patient:read', (c, { params }) => c.alarms.raise(c.world.stays.get(params[0] ?? '')?.bedId ?? '', { condition: 'patient_call' })],
  ['GET', '/alarms', 'ward:read', (c, { url }): AlarmList => ({ alarms: (url.searchParams.get('state') === 'ended' ? c.alarms.ended : [...c.alarms.open.values()]).filter((alarm) => [null, alarm.stayId].includes(url.searchParams.get('stay'))), watch: c.alarms.watch(), serverTimeMs: c.clock.now() })],
  ['GET', '/alarm-load', 'ward:read', (c) => loadOf(c)],
  ['GET', '/alarm-reviews', 'ward:read', (c) => ({ items: c.alarms.review })],
  ['POST', '/alarm-reviews/*/seen', 'alarm:acknowledge', (c, { params }) => c.alarms.review.splice(c.alarms.review.findIndex((r) => r.id === params[0]), 1)[0]],
  ['POST', '/alarm-simulations', 'ward:read', (c, { body }) => simulated(c, body)],
  ['POST', '/alarms/*/acknowledgement', 'alarm:acknowledge', acknowledge],
  ['GET', '/alarms/*/events', 'ward:read', lifeOf],
  ['PUT', '/stays/*/audio', 'alarm:pause', setAudio],
  ['POST', '/wards/*/audio-pause', 'alarm:pause-ward', (c, asked) => wardAudio(c, asked, { mode: 'paused' })],
  ['DELETE', '/wards/*/audio-pause', 'alarm:pause-ward', (c, asked) => wardAudio(c, asked, { mode: 'on' })],
  ['PUT', '/stays/*/monitoring-pause', 'alarm:pause', pauseMonitoring],
  ['DELETE', '/stays/*/monitoring-pause', 'alarm:pause', (c, { params }) => setMonitoring(c, params[0] ?? '', { mode: 'on' })],
  ['GET', '/stays/*/limits', 'patient:read', (c, { params }) => c.alarms.limitsOf(params[0] ?? '')],
  ['PUT', '/stays/*/limits', 'limits:write', setLimits],
  ['PUT', '/stays/*/alarm-off', 'alarm:off', alarmOff],
  ['GET', '/stays/*/observations', 'patient:read', (c, { params }) => ({ observations: c.alarms.observations.filter((o) => o.stayId === params[0]) })],
  ['POST', '/stays/*/observations', 'observation:write', observe],
]

function acknowledge(c: FakeCentral, { params, body, user }: Asked): Alarm {
  const alarm = c.alarms.open.get(params[0] ?? '')
  if (!alarm) throw new Refusal('ALARM_OVER', 'The alarm is over.')
  const { seenVersion, note } = body as { seenVersion: number; note?: string }
  if (seenVersion !== alarm.version) throw new Refusal('ALARM_CHANGED', 'It got worse while you were looking.', { version: alarm.version, value: alarm.worst })
  if (alarm.state === 'latched') return c.alarms.tell({ ...alarm, state: 'cleared', endedAt: c.alarms.iso(), version: alarm.version + 1 })
  const { next: _next, nextAt: _at, ...escalation } = alarm.escalation
  return c.alarms.tell({ ...alarm, state: 'acknowledged', version: alarm.version, escalation, acknowledgedAt: c.alarms.iso(), acknowledgedBy: nameOf(user)?.displayName ?? user, reAlarmAt: c.alarms.iso(180_000), ...(note && { note }) })
}

function lifeOf(c: FakeCentral, { params }: Asked): AlarmEventList {
  // In the words of the central station, which checks the address against the contract before it looks.
  const pattern = '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'
  const fault = `must match pattern "${pattern}"`
  if (!new RegExp(pattern).test(params[0] ?? '')) throw new Refusal('INVALID_REQUEST', `The request does not fit: alarmId ${fault}.`, { errors: [{ path: '/alarmId', message: fault }] })
  const alarm = c.alarms.open.get(params[0] ?? '') ?? c.alarms.ended.find((a) => a.id === params[0])
  if (!alarm) throw new Refusal('NOT_FOUND', 'There is no such alarm')
  const value = { ...(alarm.value !== undefined && { value: alarm.value }), ...(alarm.limit !== undefined && { limit: alarm.limit }) }
  return { alarm, events: [{ n: 1, at: alarm.since, what: 'began', state: 'pending', ...value }, { n: 2, at: alarm.announcedAt, what: 'announced', state: 'active', ...value }, ...(alarm.acknowledgedAt ? [{ n: 3, at: alarm.acknowledgedAt, what: 'acknowledged', state: 'acknowledged', by: alarm.acknowledgedBy ?? '', role: 'nurse' }] : [])] }
}

function setAudio(c: FakeCentral, { params, body, user }: Asked): AudioNow {
  const { mode, seconds = 120, reason } = body as AudioChange
  const audio: AudioNow = mode === 'on' ? { mode } : { mode, since: c.alarms.iso(), by: nameOf(user)?.displayName ?? user, role: nameOf(user)?.role ?? '', ...(reason && { reason }), ...(mode === 'paused' && { until: c.alarms.iso(seconds * 1_000) }) }
  c.alarms.audio.set(params[0] ?? '', audio)
  c.tell({ type: 'audio', stayId: params[0] ?? '', audio })
  return audio
}

function wardAudio(c: FakeCentral, asked: Asked, body: AudioChange): { stays: number } {
  const stays = (c.world.wards.find(({ id }) => id === asked.params[0])?.beds ?? []).flatMap(({ stay }) => (stay?.deviceId ? [stay.id] : []))
  for (const stay of stays) setAudio(c, { ...asked, params: [stay], body })
  return { stays: stays.length }
}

function pauseMonitoring(c: FakeCentral, { params, body, user }: Asked): MonitoringNow {
  const { reason, text, minutes } = body as MonitoringPause
  return setMonitoring(c, params[0] ?? '', { mode: 'paused', since: c.alarms.iso(), until: c.alarms.iso(minutes * 60_000), by: nameOf(user)?.displayName ?? user, role: nameOf(user)?.role ?? '', reason: reason === 'other' ? (text ?? '') : reason })
}

/** Open alarms say themselves whether they are held back. */
function setMonitoring(c: FakeCentral, stayId: string, monitoring: MonitoringNow): MonitoringNow {
  c.alarms.monitoring.set(stayId, monitoring)
  c.tell({ type: 'monitoring', stayId, monitoring })
  for (const { pausedSince: _since, ...alarm } of c.alarms.open.values()) if (alarm.stayId === stayId) c.alarms.tell(monitoring.mode === 'on' ? alarm : { ...alarm, pausedSince: c.alarms.iso() })
  return monitoring
}

function setLimits(c: FakeCentral, { params, body, user }: Asked): Limits {
  const old = c.alarms.limitsOf(params[0] ?? '')
  const change = body as LimitsChange
  if (change.version !== old.version) throw new Refusal('VERSION_CONFLICT', `Version ${old.version} is in force`)
  const { chosen: _before, ...unchosen } = old
  const kept = change.wardProfile === undefined ? old : unchosen
  const profile = chosenProfile(c, change.wardProfile)
  if (change.wardProfile && !profile) throw new Refusal('PROFILE_GONE', 'This ward has no such profile of limits, or it was retired. Look at the list again and choose another.')
  const usual = (row: Limits['limits'][number]) => (profile && row.condition in profile.limits ? (profile.limits[row.condition] ?? null) : row.profile)
  const limits: Limits = {
    ...kept, ...(profile && { chosen: { profileId: profile.id, name: profile.name, version: profile.version, base: profile.base, ...who(c, user, change.reason, change.expiresInMinutes) } }), version: old.version + 1, ...(change.profile && { profile: change.profile }), ...(change.news2Scale && { news2Scale: change.news2Scale }), ...(change.reAlarmMinutes && { reAlarmMinutes: change.reAlarmMinutes }),
    limits: old.limits.map((row) => (profile && !row.changed ? { ...row, profile: usual(row), inForce: usual(row) } : row)).map((row) => (change.limits && row.condition in change.limits ? { ...row, inForce: change.limits[row.condition] ?? null, changed: who(c, user, change.reason, change.expiresInMinutes) } : row)),
  }
  c.alarms.limits.set(old.stayId, limits)
  c.tellStay(old.stayId)
  return limits
}

function alarmOff(c: FakeCentral, { params, body, user }: Asked): Limits {
  const old = c.alarms.limitsOf(params[0] ?? '')
  const { condition, off, reason, expiresInMinutes } = body as AlarmOffChange
  const others = old.off.filter((o) => o.condition !== condition)
  const limits: Limits = { ...old, version: old.version + 1, off: off ? [...others, { condition, ...who(c, user, reason, expiresInMinutes) }] : others }
  c.alarms.limits.set(old.stayId, limits)
  c.tellStay(old.stayId)
  return limits
}

function observe(c: FakeCentral, { params, body, user }: Asked): Observation {
  const { at = c.alarms.iso(), ...values } = body as NewObservation
  const observation: Observation = { id: uuid(0xb000 + c.alarms.observations.length), stayId: params[0] ?? '', at, by: nameOf(user)?.displayName ?? user, values }
  c.alarms.observations.unshift(observation)
  c.tellStay(observation.stayId)
  return observation
}

function simulated(c: FakeCentral, body: unknown): SimulationResult {
  const { days } = body as { days: number }
  const now = { alarms: 12 * days, alarmsPerDay: 12, medianSeconds: 34, clearedWithin15s: 3 * days, missedCriticalMinutes: 0 }
  const candidate = { alarms: 5 * days, alarmsPerDay: 5, medianSeconds: 51, clearedWithin15s: days, missedCriticalMinutes: 0.5 }
  return { from: c.alarms.iso(-days * 86_400_000), to: c.alarms.iso(), stays: 1, patientDays: days, resolution: '1m', now, candidate, byCondition: [{ condition: 'low:spo2', now, candidate }] }
}

function loadOf(c: FakeCentral): AlarmLoad {
  const load = { alarms: 84, perDay: 2.1, medianAcknowledgeSeconds: 41, medianSeconds: 63, shareClearedWithin10s: 0.22 }
  const beds = c.world.wards.flatMap((w) => w.beds.slice(0, 5).map((b, i) => ({ bedId: b.id, label: b.label, wardId: w.id, ...load, alarms: 40 - 7 * i })))
  const byDay = Array.from({ length: 7 }, (_, i) => ({ day: c.alarms.iso(-(6 - i) * 86_400_000).slice(0, 10), high: 3 + (i % 3), medium: 6 + i, low: 2 }))
  return { from: c.alarms.iso(-7 * 86_400_000), to: c.alarms.iso(), beds: 12, ...load, byBed: beds, byCondition: [{ condition: 'low:spo2', ...load }, { condition: 'high:pr', ...load, alarms: 20 }], byDay }
}
