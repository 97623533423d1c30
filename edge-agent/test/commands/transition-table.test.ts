import { describe, expect, it } from 'vitest'
import { type CommandEvent, type CommandMemory, commandStep, type RememberedCommand } from '../../src/commands/command-machine.ts'

const id = '01890000-0000-7000-8000-000000000001'
const command = { id, do: 'identify', args: {}, exp: 1_000 }

/** What a device may remember of a command. */
const states: Readonly<Record<string, RememberedCommand | undefined>> = {
  new: undefined,
  started: { id, started: true, reply: { id, st: 'accepted' }, told: false },
  'restart started': { id, started: true, completesAtBoot: true, reply: { id, st: 'accepted' }, told: false },
  ...Object.fromEntries((['done', 'failed', 'refused', 'expired', 'unknown'] as const).flatMap((st) => [[st, { id, started: false, reply: { id, st }, told: false }], [`${st}, told`, { id, started: false, reply: { id, st }, told: true }]])),
}
const events: Readonly<Record<string, CommandEvent>> = {
  received: { type: 'received', command, nowMs: 500, refuse: undefined },
  'received late': { type: 'received', command, nowMs: 1_001, refuse: undefined },
  'received without a clock': { type: 'received', command, nowMs: undefined, refuse: undefined },
  'received, not offered': { type: 'received', command, nowMs: 500, refuse: 'no' },
  'finished well': { type: 'finished', id, result: { ok: true } },
  'finished badly': { type: 'finished', id, result: { ok: false, why: 'no' } },
  told: { type: 'told', id },
  boot: { type: 'boot' },
}

/** `answer` is said; `→ state` is what is remembered afterwards, when it changes; `runs` is the deed. */
const ended = (st: string): Record<string, string> => ({
  received: st, 'received late': st, 'received without a clock': st, 'received, not offered': st,
  'finished well': '', 'finished badly': '', told: `→ ${st}, told`, boot: '',
})
const under = (state: string, boot: string): Record<string, string> => ({
  received: 'accepted', 'received late': 'accepted', 'received without a clock': 'accepted', 'received, not offered': 'accepted',
  'finished well': 'done → done', 'finished badly': 'failed → failed', told: `→ ${state}`, boot: `→ ${boot}`,
})
const table: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  new: {
    received: 'accepted → started, runs', 'received late': 'expired → expired', 'received without a clock': 'refused → refused', 'received, not offered': 'refused → refused',
    'finished well': '', 'finished badly': '', told: '', boot: '',
  },
  started: under('started', 'unknown'),
  'restart started': under('restart started', 'done'),
  ...Object.fromEntries(['done', 'failed', 'refused', 'expired', 'unknown'].flatMap((st) => [[st, ended(st)], [`${st}, told`, { ...ended(st), told: `→ ${st}, told` }]])),
}

const nameOf = (memory: CommandMemory): string => {
  const [known] = memory
  if (!known) return 'new'
  if (known.started) return known.completesAtBoot ? 'restart started' : 'started'
  return `${known.reply.st}${known.told ? ', told' : ''}`
}

describe('a command in every state meets every event', () => {
  it('the table knows each of them', () => {
    expect(Object.keys(table).toSorted()).toEqual(Object.keys(states).toSorted())
    for (const row of Object.values(table)) expect(Object.keys(row)).toEqual(Object.keys(events))
  })

  const cells = Object.entries(table).flatMap(([state, row]) => Object.entries(row).map(([event, what]) => [state, event, what] as const))
  it.each(cells)('%s + %s: %s', (state, event, what) => {
    const known = states[state]
    const before: CommandMemory = known ? [known] : []
    const step = commandStep(before, events[event] as CommandEvent)
    const changed = JSON.stringify(step.memory) !== JSON.stringify(before) || event === 'told' && known !== undefined
    const said = [step.reply?.st, changed ? `→ ${nameOf(step.memory)}${step.run ? ', runs' : ''}` : undefined].filter((part) => part !== undefined).join(' ')
    expect(said).toBe(what)
    expect(step.run?.id).toBe(what.endsWith('runs') ? id : undefined)
  })
})
