import { type Alarm, type Delivery, type News2Now as News2Answer, signalByName } from '@vigil/contract'
import { alarmSentence, defaultEscalation, type Escalation, FIRST_STEP, type HeldAlarm, kindOf, type News2Now, parseCondition, type QuietState, reAlarmDueMs, type WatchedSubject } from '@vigil/contract/alarms'
import { field, iso, isoField } from '../iso.ts'
import type { WorldIndex } from '../registry/world-index.ts'
import type { Episode } from './log/episode.ts'

export interface ViewContext {
  readonly world: WorldIndex
  readonly escalation?: Escalation | undefined
  readonly deliveries: readonly Delivery[]
}

/** An alarm as screens and lists show it. `held` is there while it is open. */
export function alarmView(episode: Episode, held: HeldAlarm | undefined, context: ViewContext): Alarm {
  const { world, escalation = defaultEscalation, deliveries } = context
  return {
    id: episode.id,
    subject: { kind: episode.subjectKind as Alarm['subject']['kind'], id: episode.subjectId },
    condition: episode.condition,
    kind: kindOf(episode.condition),
    priority: episode.priority,
    state: episode.phase as Alarm['state'],
    version: episode.version,
    since: iso(episode.sinceMs),
    announcedAt: iso(episode.announcedMs ?? episode.sinceMs),
    questionable: episode.questionable,
    escalation: escalationView(episode, held, escalation),
    deliveries: [...deliveries],
    site: episode.site,
    mode: episode.mode as Alarm['mode'],
    sentence: alarmSentence({ condition: episode.condition, value: episode.worst ?? episode.value, limit: episode.limit, questionable: episode.questionable }),
    ...field('value', episode.value),
    ...field('worst', episode.worst),
    ...field('limit', episode.limit),
    ...field('acknowledgedBy', episode.acknowledgedBy),
    ...field('note', episode.note),
    ...isoField('endedAt', episode.endedMs),
    ...signalOf(episode),
    ...timesOf(episode, held),
    ...placeOf(episode, world, held?.watched),
  }
}

function signalOf({ condition }: Episode): Pick<Alarm, 'signal' | 'unit'> {
  const signal = parseCondition(condition)?.signal
  return { ...field('signal', signal), ...field('unit', signal && signalByName(signal)?.ucum) }
}

function timesOf({ firstAcknowledgedMs }: Episode, held: HeldAlarm | undefined): Pick<Alarm, 'acknowledgedAt' | 'unmeasuredSince' | 'reAlarmAt' | 'pausedSince'> {
  if (!held) return isoField('acknowledgedAt', firstAcknowledgedMs)
  const { state, watched, pausedSinceMs } = held
  const again = pausedSinceMs === null ? reAlarmDueMs(state, watched.rules.reAlarmMs) : undefined
  return { ...isoField('acknowledgedAt', state.acknowledgedMs), ...isoField('unmeasuredSince', state.absentSinceMs), ...isoField('reAlarmAt', again), ...isoField('pausedSince', pausedSinceMs) }
}

function placeOf(episode: Episode, world: WorldIndex, watched: WatchedSubject | undefined): Partial<Pick<Alarm, 'wardId' | 'bedId' | 'bedLabel' | 'stayId' | 'deviceId' | 'patient'>> {
  const { wardId, bedId } = watched?.place ?? episode
  const bed = bedId === null ? undefined : world.wardOfBed.get(bedId)?.beds.find((one) => one.id === bedId)
  const stay = episode.stayId === null ? undefined : world.stays.get(episode.stayId)
  return { ...field('wardId', wardId), ...field('bedId', bedId), ...field('bedLabel', bed?.label), ...field('stayId', episode.stayId), ...field('deviceId', episode.deviceId), ...field('patient', stay?.patient) }
}

function escalationView({ priority }: Episode, held: HeldAlarm | undefined, escalation: Escalation): Alarm['escalation'] {
  if (!held) return { taken: [] }
  const { state, pausedSinceMs } = held
  const steps = escalation[priority]
  const next = state.phase === 'active' && pausedSinceMs === null ? steps[state.escalation] : undefined
  return {
    taken: [FIRST_STEP, ...steps.slice(0, state.escalation).map((step) => step.name)],
    ...field('next', next?.name),
    ...isoField('nextAt', next && state.unansweredSinceMs !== null ? state.unansweredSinceMs + next.afterMs : undefined),
  }
}

/** The sound or the monitoring of a stay. */
export function quietView<Mode extends string>({ mode, untilMs, sinceMs, by, role, why }: QuietState<Mode>) {
  return { mode, ...isoField('until', untilMs), ...isoField('since', mode === 'on' ? null : sinceMs), ...field('by', by), ...field('role', role), ...field('reason', why) }
}

export function news2View(score: News2Now, scale: 1 | 2, nowMs: number): News2Answer {
  const { total, complete, missing, parts, risk, oldestMs } = score
  return { score: total, complete, known: 7 - missing.length, missing: [...missing], parts: { ...parts }, risk, scale, at: iso(nowMs), ...isoField('oldestAt', oldestMs) }
}
