import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CommandEvent, type CommandMemory, commandStep, REMEMBERED_COMMANDS } from '../../src/commands/command-machine.ts'

const id = (n: number): string => `01890000-0000-7000-8000-${String(n).padStart(12, '0')}`
const command = (n: number, exp = 1_000) => ({ id: id(n), do: 'identify', args: {}, exp })
const received = (n: number, { exp = 1_000, ...rest }: { nowMs?: number | undefined; refuse?: string; exp?: number } = {}): CommandEvent => ({ type: 'received', command: command(n, exp), nowMs: 500, refuse: undefined, ...rest })
const play = (events: readonly CommandEvent[]) => {
  let memory: CommandMemory = []
  return events.map((event) => {
    const step = commandStep(memory, event)
    memory = step.memory
    return step
  })
}

describe('a command', () => {
  it('is remembered as started before it runs', () => {
    const [step] = play([received(1)])
    expect(step).toEqual({ memory: [{ id: id(1), started: true, reply: { id: id(1), st: 'accepted' }, told: false }], reply: { id: id(1), st: 'accepted' }, run: command(1) })
  })

  it('answers done with what it found, or failed with why', () => {
    const steps = play([received(1), received(2), { type: 'finished', id: id(1), result: { ok: true, data: { pr: 72 } } }, { type: 'finished', id: id(2), result: { ok: false, why: 'No finger' } }])
    expect(steps[2]?.reply).toEqual({ id: id(1), st: 'done', data: { pr: 72 } })
    expect(steps[3]?.reply).toEqual({ id: id(2), st: 'failed', why: 'No finger' })
  })

  it('never runs twice: the same id gets the stored answer', () => {
    const steps = play([received(1), received(1), { type: 'finished', id: id(1), result: { ok: true } }, received(1, { nowMs: 90_000 })])
    expect(steps.map(({ run }) => run?.id)).toEqual([id(1), undefined, undefined, undefined])
    expect(steps.map(({ reply }) => reply?.st)).toEqual(['accepted', 'accepted', 'done', 'done'])
  })

  it('is not done when it comes too late', () => {
    expect(play([received(1, { nowMs: 1_001 })])[0]).toMatchObject({ run: undefined, reply: { st: 'expired' } })
    expect(play([received(1, { nowMs: 1_000 })])[0]).toMatchObject({ reply: { st: 'accepted' } })
  })

  it('is refused while the device does not know the time, and when it does not offer it', () => {
    expect(play([received(1, { nowMs: undefined })])[0]).toMatchObject({ run: undefined, reply: { st: 'refused', why: expect.stringContaining('does not know the time') } })
    expect(play([received(1, { refuse: 'This device has no command fly.' })])[0]).toMatchObject({ run: undefined, reply: { st: 'refused', why: 'This device has no command fly.' } })
  })

  it('is unknown after a restart in its middle, and is never tried again', () => {
    const steps = play([received(1), { type: 'boot' }, received(1), { type: 'finished', id: id(1), result: { ok: true } }])
    expect(steps[1]?.memory).toMatchObject([{ started: false, told: false, reply: { st: 'unknown' } }])
    expect(steps[2]).toMatchObject({ run: undefined, reply: { st: 'unknown' } })
    expect(steps[3]).toMatchObject({ reply: undefined })
  })

  it('keeps its answer after a restart when it had finished', () => {
    const steps = play([received(1), { type: 'finished', id: id(1), result: { ok: true } }, { type: 'boot' }, received(1)])
    expect(steps[3]?.reply).toEqual({ id: id(1), st: 'done' })
  })

  it('is told once: what the server has acknowledged is not said again by itself', () => {
    const steps = play([received(1), { type: 'told', id: id(1) }, { type: 'finished', id: id(1), result: { ok: true } }, { type: 'told', id: id(1) }])
    expect(steps.map(({ memory }) => memory[0]?.told)).toEqual([false, false, false, true])
  })
})

describe('every order of events', () => {
  const anyEvent = fc.oneof(
    fc.record({ n: fc.integer({ min: 1, max: 90 }), exp: fc.constantFrom(100, 1_000) }).map(({ n, exp }) => received(n, { exp })),
    fc.integer({ min: 1, max: 90 }).map((n): CommandEvent => ({ type: 'finished', id: id(n), result: { ok: true } })),
    fc.integer({ min: 1, max: 90 }).map((n): CommandEvent => ({ type: 'told', id: id(n) })),
    fc.constant<CommandEvent>({ type: 'boot' }),
  )

  it('runs no remembered command again, and remembers the last 64 besides those under way', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 400 }), (events) => {
        let memory: CommandMemory = []
        for (const event of events) {
          const before = memory
          const step = commandStep(memory, event)
          memory = step.memory
          if (step.run) {
            expect(before.some((known) => known.id === step.run?.id)).toBe(false)
            expect(memory.find((known) => known.id === step.run?.id)?.started).toBe(true)
          }
          expect(memory.filter(({ started }) => !started).length).toBeLessThanOrEqual(REMEMBERED_COMMANDS)
          if (event.type === 'boot') expect(memory.some(({ started }) => started)).toBe(false)
        }
      }),
      { numRuns: 200, seed: 4 },
    )
  })
})
