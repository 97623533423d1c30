import { describe, expect, it } from 'vitest'
import type { CommandState } from '@vigil/contract'
import { isOpen, nextCommandState, type CommandEvent } from '../../src/commands/command-machine.ts'

const events: Record<string, CommandEvent> = {
  published: { kind: 'published' },
  cancel: { kind: 'cancel' },
  deadline: { kind: 'deadline' },
  silence: { kind: 'silence' },
  accepted: { kind: 'reply', st: 'accepted' },
  running: { kind: 'reply', st: 'running' },
  done: { kind: 'reply', st: 'done' },
  failed: { kind: 'reply', st: 'failed' },
  refused: { kind: 'reply', st: 'refused' },
  expired: { kind: 'reply', st: 'expired' },
  unknown: { kind: 'reply', st: 'unknown' },
}

/** Every state against every event: `.` means that nothing changes. Columns are the keys of `events`, in order. */
const table: Record<CommandState, string> = {
  queued: 'sent cancelled expired expired accepted running done failed refused expired unknown',
  sent: '. . . unknown accepted running done failed refused expired unknown',
  accepted: '. . . unknown . running done failed refused expired unknown',
  running: '. . . unknown . . done failed refused expired unknown',
  done: '. . . . . . . . . . .',
  failed: '. . . . . . . . . . .',
  refused: '. . . . . . . . . . .',
  expired: '. . . . accepted running done failed refused . unknown',
  cancelled: '. . . . accepted running done failed refused . unknown',
  unknown: '. . . . accepted running done failed refused expired .',
}

describe('what becomes of a command', () => {
  for (const [state, row] of Object.entries(table) as [CommandState, string][]) {
    const outcomes = row.split(' ')
    it(`the table tells of every event for ${state}`, () => expect(outcomes).toHaveLength(Object.keys(events).length))
    for (const [i, name] of Object.keys(events).entries()) {
      const outcome = outcomes[i] === '.' ? state : outcomes[i]
      it(`${state}, then ${name}: ${outcome}`, () => expect(nextCommandState(state, events[name] as CommandEvent)).toBe(outcome))
    }
  }

  it('waits only in the four open states', () => {
    expect((Object.keys(table) as CommandState[]).filter(isOpen)).toEqual(['queued', 'sent', 'accepted', 'running'])
  })
})
