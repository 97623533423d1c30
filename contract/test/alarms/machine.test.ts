import { describe, expect, it } from 'vitest'
import { type AlarmEvent, type AlarmPhase, type AlarmRule, type AlarmState, alarmPhases, applyStep, effectsOf, normalState, react, replay, type Step } from '../../src/alarms/index.ts'
import { ABSENT_ENDS_MS, HOLD_MS } from '../../src/alarms/machine-events.ts'

const T = 1_000_000
const nurse = { user: 'li', role: 'nurse', origin: 'ward pc' }
const rule: AlarmRule = { priority: 'high', delayMs: 10_000, clearMs: 5_000, worseBy: 2, worse: 'lower', reAlarmMs: 180_000, escalateAfterMs: { high: [60_000, 120_000], medium: [300_000], low: [] } }

const value = (verdict: 'violated' | 'between' | 'within', atMs: number, v = 85, more: object = {}): AlarmEvent => ({ type: 'value', verdict, atMs, value: v, limit: 90, questionable: false, ...more })
const tick = (atMs: number): AlarmEvent => ({ type: 'tick', atMs })
const ack = (atMs: number, seenVersion: number): AlarmEvent => ({ type: 'acknowledge', atMs, by: nurse, seenVersion, note: null })

function run(events: readonly AlarmEvent[], from: AlarmState = normalState, by: AlarmRule = rule): { state: AlarmState; steps: Step[]; refusal: string | undefined } {
  const steps: Step[] = []
  let state = from
  let refusal: string | undefined
  for (const event of events) {
    const out = react(state, event, by)
    steps.push(...out.steps)
    state = out.state
    refusal = out.refusal
  }
  return { state, steps, refusal }
}

const inPhase: Record<AlarmPhase, AlarmState> = {
  normal: normalState,
  pending: run([value('violated', T)]).state,
  active: run([value('violated', T), value('violated', T + 10_000)]).state,
  acknowledged: run([value('violated', T), value('violated', T + 10_000), ack(T + 11_000, 1)]).state,
  latched: run([value('violated', T), value('violated', T + 10_000), value('within', T + 11_000, 95), value('within', T + 16_000, 95)]).state,
}
const at = T + 20_000

/** Every state times every event: what it becomes, and what is written down. */
const table: Record<string, Record<AlarmPhase, [AlarmPhase, ...string[]]>> = {
  violated: { normal: ['pending', 'began'], pending: ['active', 'announced'], active: ['active'], acknowledged: ['acknowledged'], latched: ['latched', 'again'] },
  'violated, worse': { normal: ['pending', 'began'], pending: ['active', 'announced', 'worsened'], active: ['active', 'worsened'], acknowledged: ['active', 'worsened'], latched: ['latched', 'again'] },
  'violated, questionable': { normal: ['pending', 'began'], pending: ['pending', 'held'], active: ['active'], acknowledged: ['acknowledged'], latched: ['latched', 'again'] },
  'violated, covered': { normal: ['pending', 'began'], pending: ['pending', 'covered'], active: ['active'], acknowledged: ['acknowledged'], latched: ['latched'] },
  between: { normal: ['normal'], pending: ['normal', 'cancelled'], active: ['active'], acknowledged: ['acknowledged'], latched: ['latched'] },
  within: { normal: ['normal'], pending: ['normal', 'cancelled'], active: ['active', 'recovering'], acknowledged: ['acknowledged', 'recovering'], latched: ['latched'] },
  absent: { normal: ['normal'], pending: ['pending', 'unmeasurable'], active: ['active', 'unmeasurable'], acknowledged: ['acknowledged', 'unmeasurable'], latched: ['latched'] },
  'a moment later': { normal: ['normal'], pending: ['active', 'announced'], active: ['active'], acknowledged: ['acknowledged'], latched: ['latched'] },
  'an hour later': { normal: ['normal'], pending: ['active', 'announced'], active: ['active', 'escalated', 'escalated'], acknowledged: ['active', 're_alarmed'], latched: ['latched'] },
  acknowledge: { normal: ['normal'], pending: ['pending'], active: ['acknowledged', 'acknowledged'], acknowledged: ['acknowledged'], latched: ['normal', 'cleared'] },
  'acknowledge, stale': { normal: ['normal'], pending: ['pending'], active: ['active'], acknowledged: ['acknowledged'], latched: ['latched'] },
  'hand over': { normal: ['normal'], pending: ['pending'], active: ['active'], acknowledged: ['acknowledged', 'handed_over'], latched: ['latched'] },
  'hand over to who has it': { normal: ['normal'], pending: ['pending'], active: ['active'], acknowledged: ['acknowledged'], latched: ['latched'] },
  resume: { normal: ['normal'], pending: ['normal', 'cancelled'], active: ['active', 'resumed'], acknowledged: ['acknowledged', 'resumed'], latched: ['latched', 'resumed'] },
  withdraw: { normal: ['normal'], pending: ['normal', 'withdrawn'], active: ['normal', 'withdrawn'], acknowledged: ['normal', 'withdrawn'], latched: ['normal', 'withdrawn'] },
}
const refusals: Record<string, Partial<Record<AlarmPhase, string>>> = {
  acknowledge: { normal: 'not_announced', pending: 'not_announced' },
  'acknowledge, stale': { normal: 'not_announced', pending: 'not_announced', active: 'changed', latched: 'changed' },
}
const notOwned = { normal: 'not_owned', pending: 'not_owned', active: 'not_owned', latched: 'not_owned' }
Object.assign(refusals, { 'hand over': notOwned, 'hand over to who has it': notOwned })
const takers: Record<string, string> = { 'hand over': 'kim', 'hand over to who has it': 'li' }
const violations: Record<string, [v?: number, more?: object]> = { violated: [], 'violated, worse': [83], 'violated, questionable': [85, { questionable: true }], 'violated, covered': [85, { covered: true }] }
const handOver = (to: string): AlarmEvent => ({ type: 'hand_over', atMs: at, by: nurse, to, note: null })
const eventFor = (name: string, state: AlarmState): AlarmEvent => {
  const to = takers[name]
  if (to) return handOver(to)
  const beyond = violations[name]
  if (beyond) return value('violated', at, ...beyond)
  switch (name) {
    case 'absent': return { type: 'absent', atMs: at }
    case 'a moment later': return tick(at)
    case 'an hour later': return tick(at + 3_600_000)
    case 'acknowledge': return ack(at, state.version)
    case 'acknowledge, stale': return ack(at, state.version - 1)
    case 'resume': return { type: 'resume', atMs: at }
    case 'withdraw': return { type: 'withdraw', atMs: at, why: 'discharged', by: null }
    default: return value(name as 'between' | 'within', at, name === 'within' ? 95 : 91)
  }
}

describe('handing over', () => {
  it('changes who has it and nothing else: it rings again when it would have', () => {
    const before = inPhase.acknowledged
    const { state, steps } = run([{ type: 'hand_over', atMs: at, by: nurse, to: 'kim', note: null }], before)
    expect(state).toEqual({ ...before, n: before.n + 1, acknowledgedBy: 'kim' })
    expect(steps[0]).toMatchObject({ by: nurse, why: 'to kim' })
    expect(run([tick(T + 11_000 + rule.reAlarmMs)], state).state).toMatchObject({ phase: 'active', acknowledgedBy: null })
  })
})

describe('every state times every event', () => {
  it('starts from the five states', () => expect(alarmPhases.map((phase) => inPhase[phase].phase)).toEqual([...alarmPhases]))
  for (const [name, row] of Object.entries(table)) {
    for (const phase of alarmPhases) {
      it(`${phase}: ${name}`, () => {
        const state = inPhase[phase]
        const out = react(state, eventFor(name, state), rule)
        expect([out.state.phase, ...out.steps.map((step) => step.what)]).toEqual(row[phase])
        expect(out.refusal).toBe(refusals[name]?.[phase])
        expect(replay(out.steps, state)).toEqual(out.state)
        if (out.steps.length === 0) expect(out.state).toBe(state)
      })
    }
  }
})

describe('onset', () => {
  it('is not announced before its delay, and at once when it is over', () => {
    expect(run([value('violated', T), value('violated', T + 9_999)]).state.phase).toBe('pending')
    expect(run([value('violated', T), tick(T + 10_000)]).state).toMatchObject({ phase: 'active', announcedMs: T + 10_000, sinceMs: T, version: 1, questionable: false })
  })
  it('begins anew after one value inside the limit', () => {
    expect(run([value('violated', T), value('between', T + 9_000, 90), value('violated', T + 9_500), tick(T + 15_000)]).state.phase).toBe('pending')
  })
  const absent = (atMs: number): AlarmEvent => ({ type: 'absent', atMs })
  it('comes although every second value cannot be had, as with a pulse that gets weak', () => {
    const everyOther = Array.from({ length: 11 }, (_, s) => (s % 2 === 0 ? value('violated', T + s * 1_000) : absent(T + s * 1_000)))
    expect(run(everyOther).state).toMatchObject({ phase: 'active', sinceMs: T, announcedMs: T + 10_000 })
  })
  it('is not announced by time alone while there is no value, and over when none comes for 30 s', () => {
    expect(run([value('violated', T), absent(T + 1_000), tick(T + 1_000 + HOLD_MS - 1)]).state.phase).toBe('pending')
    expect(run([value('violated', T), absent(T + 1_000), tick(T + 1_000 + HOLD_MS)])).toMatchObject({ state: { phase: 'normal' }, steps: [{}, {}, { what: 'cancelled', why: 'no value' }] })
    expect(run([value('violated', T), absent(T + 1_000), value('within', T + 12_000, 95)]).state.phase).toBe('normal')
  })
  it('of a latched alarm comes again although values are missing in between, and not without any', () => {
    const again = [value('violated', T + 30_000), absent(T + 31_000)]
    expect(run([...again, value('violated', T + 40_000)], inPhase.latched).steps.map((s) => s.what)).toEqual(['again', 'unmeasurable', 'measurable', 'recurred'])
    expect(run([...again, tick(T + 41_000)], inPhase.latched).state.phase).toBe('latched')
    expect(run([...again, tick(T + 31_000 + HOLD_MS)], inPhase.latched)).toMatchObject({ state: { phase: 'latched', againSinceMs: null, absentSinceMs: null } })
  })
  it('is held by questionable values for 30 s, then announced as questionable', () => {
    const q = (atMs: number) => value('violated', atMs, 85, { questionable: true })
    expect(run([q(T), q(T + 15_000), q(T + HOLD_MS - 1)]).state.phase).toBe('pending')
    expect(run([q(T), q(T + HOLD_MS)]).state).toMatchObject({ phase: 'active', questionable: true })
    expect(run([q(T), q(T + 15_000), value('violated', T + 16_000)]).state).toMatchObject({ phase: 'active', questionable: false })
  })
})

describe('a condition that a wider alarm stands for', () => {
  const medium = { ...rule, priority: 'medium' as const }
  const covered = (atMs: number) => value('violated', atMs, 85, { covered: true })
  it('is written down and told to nobody, however long it lasts', () => {
    const { state, steps } = run([covered(T), tick(T + 3_600_000), covered(T + 3_600_001)], normalState, medium)
    expect(steps.map((s) => s.what)).toEqual(['began'])
    expect(state).toMatchObject({ phase: 'pending', coveredSinceMs: T })
  })
  it('is announced at once when nothing stands for it any more and it is still there, since when it really began', () => {
    const { state, steps } = run([covered(T), value('violated', T + 100_000)], normalState, medium)
    expect(steps.map((s) => s.what)).toEqual(['began', 'uncovered', 'announced'])
    expect(state).toMatchObject({ phase: 'active', sinceMs: T, announcedMs: T + 100_000, coveredSinceMs: null })
  })
  it('is over without a word when it is over first', () => expect(run([covered(T), value('within', T + 100_000, 95)], normalState, medium).steps.map((s) => s.what)).toEqual(['began', 'cancelled']))
  it('takes an alarm that was announced before off the screens, unless that is high', () => {
    const open = [value('violated', T), value('violated', T + 10_000)]
    expect(run([...open, covered(T + 11_000)], normalState, medium)).toMatchObject({ state: { phase: 'pending', coveredSinceMs: T + 11_000 } })
    expect(run([...open, ack(T + 10_500, 1), covered(T + 11_000)], normalState, medium).steps.slice(-2)).toMatchObject([{ what: 'withdrawn', why: 'one of many: a wider alarm stands for it' }, { what: 'began' }])
    expect(run([...open, covered(T + 11_000)]).state.phase).toBe('active')
  })
})

describe('an open alarm', () => {
  const open = [value('violated', T), value('violated', T + 10_000)]
  it('opens again when it becomes worse, and refuses an acknowledgement of what was', () => {
    const worse = run([...open, ack(T + 11_000, 1), value('violated', T + 12_000, 83)])
    expect(worse.state).toMatchObject({ phase: 'active', worst: 83, version: 2, acknowledgedBy: null, unansweredSinceMs: T + 12_000 })
    expect(run([ack(T + 13_000, 1)], worse.state)).toMatchObject({ refusal: 'changed', state: { phase: 'active' } })
    expect(run([ack(T + 13_000, 2)], worse.state).state.phase).toBe('acknowledged')
  })
  it('does not open again for a hair, nor for a questionable value', () => {
    expect(run([...open, ack(T + 11_000, 1), value('violated', T + 12_000, 83.1), value('violated', T + 13_000, 70, { questionable: true })]).state.phase).toBe('acknowledged')
  })
  it('ends after 5 s back inside, not with a value in between', () => {
    expect(run([...open, value('within', T + 11_000, 92), value('between', T + 15_000, 91), tick(T + 17_000)]).state.phase).toBe('active')
    expect(run([...open, ack(T + 11_000, 1), value('within', T + 12_000, 92), tick(T + 17_000)]).state.phase).toBe('normal')
  })
  it('ends only after 30 s when the recovery is questionable', () => {
    const q = (atMs: number) => value('within', atMs, 95, { questionable: true })
    expect(run([...open, q(T + 11_000), q(T + 40_000)]).state.phase).toBe('active')
    expect(run([...open, q(T + 11_000), q(T + 41_000)]).state.phase).toBe('latched')
  })
  it('latches when it is high and nobody saw it; medium ends', () => {
    expect(inPhase.latched).toMatchObject({ phase: 'latched', version: 2 })
    const medium = { ...rule, priority: 'medium' as const }
    expect(run([...open, value('within', T + 11_000, 95), value('within', T + 16_000, 95)], normalState, medium)).toMatchObject({ state: { phase: 'normal' } })
  })
  it('comes again after a latch, after its delay', () => {
    const again = run([value('violated', T + 30_000), value('violated', T + 40_000)], inPhase.latched)
    expect(again.steps.map((s) => s.what)).toEqual(['again', 'recurred'])
    expect(again.state).toMatchObject({ phase: 'active', version: 3, unansweredSinceMs: T + 40_000 })
    expect(run([value('violated', T + 30_000), value('within', T + 35_000, 95), tick(T + 50_000)], inPhase.latched).state.phase).toBe('latched')
  })
  it('is over when nothing can be measured for a minute: unseen if high, gone if somebody knows', () => {
    const absent = (atMs: number): AlarmEvent => ({ type: 'absent', atMs })
    expect(run([...open, absent(T + 11_000), tick(T + 11_000 + ABSENT_ENDS_MS)]).state.phase).toBe('latched')
    expect(run([...open, ack(T + 10_500, 1), absent(T + 11_000), tick(T + 11_000 + ABSENT_ENDS_MS)]).state.phase).toBe('normal')
    expect(run([...open, absent(T + 11_000), value('violated', T + 20_000), tick(T + 71_000)]).state).toMatchObject({ phase: 'active', absentSinceMs: null })
  })
  it('is escalated by the clock alone: 60 s, 120 s, and again after a re-alarm', () => {
    const steps = run([...open, tick(T + 69_999), tick(T + 70_000), tick(T + 130_000)]).steps.filter((s) => s.what === 'escalated')
    expect(steps.map((s) => s.atMs)).toEqual([T + 70_000, T + 130_000])
    const later = run([...open, ack(T + 11_000, 1), tick(T + 11_000 + rule.reAlarmMs), tick(T + 11_000 + rule.reAlarmMs + 60_000)])
    expect(later.steps.slice(-2).map((s) => s.what)).toEqual(['re_alarmed', 'escalated'])
  })
  it('is not escalated once somebody has it', () => expect(run([...open, ack(T + 11_000, 1), tick(T + 150_000)]).state.phase).toBe('acknowledged'))
  it('rises in priority with what it is about, and opens again for that', () => {
    const silent = { ...rule, priority: 'low' as const, worseBy: Infinity }
    const low = run([...open, ack(T + 11_000, 1)], normalState, silent).state
    expect(run([value('violated', T + 60_000, 85, { priority: 'medium' })], low, silent).state).toMatchObject({ phase: 'active', priority: 'medium', version: 2 })
  })
})

describe('effects', () => {
  it('announce, escalate, tell of changes and of the end', () => {
    const life = run([value('violated', T), tick(T + 10_000), tick(T + 70_000), ack(T + 71_000, 1), value('within', T + 72_000, 95), tick(T + 77_000)])
    expect(effectsOf(life.steps)).toEqual(['announce', 'escalate', 'change', 'end'])
  })
  it('a step of a log that is replayed needs no rule', () => {
    const life = run([value('violated', T), tick(T + 10_000), ack(T + 11_000, 1)])
    expect(life.steps.reduce(applyStep, normalState)).toEqual(life.state)
  })
})
