import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type AlarmEvent, type AlarmRule, type AlarmState, applyStep, normalState, react, replay, type Step } from '../../src/alarms/index.ts'

const rule: AlarmRule = { priority: 'high', delayMs: 10_000, clearMs: 5_000, worseBy: 2, worse: 'lower', reAlarmMs: 60_000, escalateAfterMs: { high: [60_000, 120_000], medium: [300_000], low: [] } }
const by = { user: 'li', role: 'nurse', origin: '' }

/** Anything that can happen, some time after what happened before. */
const happening = fc.record({
  waitMs: fc.integer({ min: 0, max: 40_000 }),
  what: fc.oneof(
    fc.record({ kind: fc.constant('value' as const), v: fc.integer({ min: 70, max: 99 }), questionable: fc.boolean(), covered: fc.boolean() }),
    fc.record({ kind: fc.constantFrom('absent' as const, 'tick' as const, 'ack' as const, 'stale ack' as const, 'hand over' as const, 'resume' as const) }),
    fc.record({ kind: fc.constant('withdraw' as const) }),
  ),
})
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never
const history = fc.array(happening, { maxLength: 60 })

function eventOf({ what }: Happening, atMs: number, state: AlarmState): AlarmEvent {
  switch (what.kind) {
    case 'value': return { type: 'value', atMs, value: what.v, limit: 90, questionable: what.questionable, covered: what.covered, verdict: what.v < 90 ? 'violated' : what.v < 92 ? 'between' : 'within' }
    case 'ack': return { type: 'acknowledge', atMs, by, seenVersion: state.version, note: null }
    case 'stale ack': return { type: 'acknowledge', atMs, by, seenVersion: state.version - 1, note: null }
    case 'hand over': return { type: 'hand_over', atMs, by, to: atMs % 2 === 0 ? 'li' : 'kim', note: null }
    case 'withdraw': return { type: 'withdraw', atMs, why: 'test', by: null }
    default: return { type: what.kind, atMs }
  }
}

function live(happenings: readonly Happening[], look: (before: AlarmState, after: AlarmState, steps: readonly Step[], event: AlarmEvent) => void = () => undefined): { state: AlarmState; steps: Step[] } {
  let state = normalState
  let atMs = 1_000_000
  const steps: Step[] = []
  for (const happening of happenings) {
    atMs += happening.waitMs
    const event = eventOf(happening, atMs, state)
    const out = react(state, event, rule)
    look(state, out.state, out.steps, event)
    steps.push(...out.steps)
    state = out.state
  }
  return { state, steps }
}

describe('whatever happens to one alarm', () => {
  it('nothing changes without a line in the log', () => {
    fc.assert(fc.property(history, (happenings) => {
      live(happenings, (before, after, steps) => { if (steps.length === 0) expect(after).toBe(before) })
    }))
  })

  it('the log, replayed, is the live state', () => {
    fc.assert(fc.property(history, (happenings) => {
      const { state, steps } = live(happenings)
      expect(replay(steps)).toEqual(state)
    }))
  })

  it('a restart anywhere loses nothing: what comes after goes on as if there had been none', () => {
    fc.assert(fc.property(history, fc.nat(), (happenings, cut) => {
      const whole = live(happenings)
      const at = whole.steps.length === 0 ? 0 : cut % (whole.steps.length + 1)
      const restarted = replay(whole.steps.slice(at), replay(whole.steps.slice(0, at)))
      expect(restarted).toEqual(whole.state)
    }))
  })

  it('an alarm leaves the screen only by being over, by a person, or by no longer being watched', () => {
    fc.assert(fc.property(history, (happenings) => {
      live(happenings, (before, after, steps, event) => {
        const wasOpen = before.phase === 'active' || before.phase === 'latched'
        if (!wasOpen || after.phase !== 'normal') return
        const last = steps.at(-1)?.what
        expect(['cleared', 'withdrawn']).toContain(last)
        // High and unseen: time and values alone never take it away.
        if (last === 'cleared') expect(event.type).toBe('acknowledge')
      })
    }))
  })

  it('nothing is announced while a wider alarm stands for it', () => {
    fc.assert(fc.property(history, (happenings) => {
      live(happenings, (before, _after, steps, event) => {
        if (event.type === 'value' && event.covered === true && before.phase === 'normal') expect(steps.map(({ what }) => what)).not.toContain('announced')
        if (event.type === 'tick' && before.coveredSinceMs !== null) expect(steps).toEqual([])
      })
    }))
  })

  it('only a person who saw the newest version acknowledges', () => {
    fc.assert(fc.property(history, (happenings) => {
      live(happenings, (before, after, steps, event) => {
        if (steps.some((s) => s.what === 'acknowledged')) expect(event).toMatchObject({ type: 'acknowledge', seenVersion: before.version })
        if (before.phase === 'active' && event.type === 'acknowledge' && event.seenVersion !== before.version) expect(after).toBe(before)
      })
    }))
  })

  it('a version only grows while an alarm is open', () => {
    fc.assert(fc.property(history, (happenings) => {
      live(happenings, (before, _after, steps) => {
        let state = before
        for (const step of steps) {
          const next = applyStep(state, step)
          if (step.what !== 'announced' && state.phase !== 'normal' && state.phase !== 'pending') expect(next.version).toBeGreaterThanOrEqual(state.version)
          state = next
        }
      })
    }))
  })
})
