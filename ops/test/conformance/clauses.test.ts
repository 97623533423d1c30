import { describe, expect, it } from 'vitest'
import { type Clause, clauses, createLedger, type Verdict } from '../../src/conformance/clauses.ts'
import { createObserver, type Observer } from '../../src/conformance/observer.ts'
import { createStimuli, type StimulusName } from '../../src/conformance/stimuli.ts'
import { verdictTable } from '../../src/conformance/table.ts'

const NOW = 1_772_362_800_000
const address = { site: 'main', device: 'board-1' }
const birth = { st: 'online', e: 'e1', upto: 0, caps: { receipts: true, signals: ['pr'], commands: [{ name: 'measure_now', risk: 'low' }] } }
const sample = (s: number, change: object = {}) => ({ e: 'e1', s, t: NOW, m: { pr: 72 }, ...change })

interface Said {
  readonly channel: string
  readonly value: unknown
  readonly qos?: number
  readonly retain?: boolean
  readonly atMs?: number
}

function watched(messages: readonly Said[], settleMs = 0): { verdict: (clause: Clause) => Verdict; observer: Observer } {
  const ledger = createLedger()
  const observer = createObserver(address, ledger)
  for (const { channel, value, qos = 1, retain = false, atMs = NOW } of messages) {
    const payload = value instanceof Uint8Array ? value : new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value))
    observer.see({ topic: channel.startsWith('vitals/') ? channel : `vitals/1/main/board-1/${channel}`, payload, qos, retain, atMs })
  }
  observer.settle(NOW + settleMs)
  return { observer, verdict: (clause) => ledger.verdicts().find((one) => one.clause === clause) as Verdict }
}

const born: Said = { channel: 'state', value: birth, retain: true }
const tele = (value: unknown, more: object = {}): Said => ({ channel: 'tele', value, ...more })

describe('a device that breaks a clause is told which one, with the message', () => {
  const broken: readonly (readonly [Clause, readonly Said[], string])[] = [
    ['birth', [{ channel: 'state', value: { st: 'online' } }], 'epoch'],
    ['birth', [{ channel: 'state', value: 'hello' }], 'not JSON'],
    ['topics', [{ channel: 'vitals/1/main/board-1/secret', value: {} }], 'no channel'],
    ['topics', [{ channel: 'vitals/1/main/board-2/tele', value: sample(1) }], 'no channel'],
    ['quality', [tele(sample(1), { qos: 0 })], 'service 0'],
    ['retained', [tele(sample(1), { retain: true })], 'to be kept'],
    ['object', [tele({ e: 'e1', s: 1, m: { pr: 72 } })], 'neither t nor up'],
    ['object', [tele({ e: 'e1', s: 1, t: NOW, m: { pr: '72' } })], 'pr'],
    ['object', [tele(`[${'1,'.repeat(40_000)}1]`)], 'bytes in one message'],
    ['epoch', [born, tele(sample(1, { e: 'e2' }))], 'birth says epoch e1'],
    ['numbers', [born, tele(sample(1)), tele(sample(3))], 'number 2 of epoch e1 never came'],
    ['again', [born, tele(sample(1)), { channel: 'backlog', value: [sample(1, { m: { pr: 99 } })] }], 'another object before'],
    ['clock', [tele(sample(1, { t: NOW + 3_600_000 }))], '60 minutes'],
    ['sentinels', [tele(sample(1, { m: { pr: -999 } }))], 'pr -999'],
    ['absence', [born, tele(sample(1, { m: { temp: 36.6 } }))], 'pr is among its signals'],
    ['absence', [tele(sample(1, { x: { pr: 'off' } }))], 'both there'],
    ['backlog', [{ channel: 'backlog', value: [sample(2), sample(1)] }], 'oldest'],
    ['events', [{ channel: 'event', value: { e: 'e1', s: 1, t: NOW, ev: 'Probe Off', ph: 'start' } }], 'ev'],
    ['gaps', [tele({ e: 'e1', s: 3, t: NOW, gap: [5, 4], why: 'overflow' })], 'run forwards'],
    ['configuration', [{ channel: 'config/reported', value: { version: '3' } }], 'version'],
    ['waves', [{ channel: 'wave/paw', value: new Uint8Array(9) }], 'no waveform'],
  ]
  it.each(broken)('%s', (clause, messages, why) => {
    const verdict = watched(messages, 60_000).verdict(clause)
    expect(verdict).toMatchObject({ state: 'broken' })
    expect(`${verdict.why} ${verdict.offending}`).toContain(why)
  })
})

describe('a device that keeps the protocol', () => {
  it('is said to keep what it has shown, and nothing else', () => {
    const { verdict } = watched([
      born,
      tele(sample(1)),
      { channel: 'event', value: { e: 'e1', s: 2, t: NOW, ev: 'probe_off', ph: 'start', src: 'spo2' } },
      tele(sample(3, { m: {}, x: { pr: 'off' } })),
      { channel: 'backlog', value: [sample(1)] },
      tele({ e: 'e1', s: 9, t: NOW, gap: [4, 8], why: 'overflow' }),
      { channel: 'state', value: { st: 'lost', e: 'e1' } },
    ], 60_000)
    for (const clause of ['birth', 'will', 'topics', 'quality', 'retained', 'object', 'epoch', 'numbers', 'again', 'clock', 'sentinels', 'absence', 'backlog', 'events', 'gaps'] as const) {
      expect(verdict(clause)).toMatchObject({ clause, state: 'kept' })
    }
    for (const clause of ['rewind', 'commands', 'waves', 'configuration'] as const) expect(verdict(clause).state).toBe('not shown')
  })

  it('may date an object anew when it sends it again, as a board does that has learnt the time', () => {
    const { verdict } = watched([born, tele({ e: 'e1', s: 1, up: 5_000, m: { pr: 72 } }), { channel: 'backlog', value: [sample(1)] }])
    expect(verdict('again').state).toBe('kept')
  })

  it('is watched from the middle of its sequence on', () => expect(watched([born, tele(sample(700)), tele(sample(701))], 60_000).verdict('numbers').state).toBe('kept'))
})

/** Asks a scripted device. `answer` gives what it says to each thing asked. */
async function asked(name: StimulusName, answer: (channel: string, value: Record<string, unknown>, times: number) => readonly Said[]): Promise<(clause: Clause) => Verdict> {
  const ledger = createLedger()
  const observer = createObserver(address, ledger)
  let times = 0
  let id = 0
  const see = ({ channel, value }: Said): void => {
    const text = JSON.stringify(value)
    observer.see({ topic: `vitals/1/main/board-1/${channel}`, payload: new TextEncoder().encode(text), qos: 1, retain: false, atMs: NOW })
    if (channel === 'command/reply') stimuli.replied(text)
  }
  const stimuli = createStimuli({
    ledger,
    observer,
    send: (channel, value) => answer(channel, value as Record<string, unknown>, times++).forEach(see),
    newId: () => `0190f5e4-7c31-7abc-8def-0000000000${String(10 + id++)}`,
    now: () => NOW,
    until: (look) => Promise.resolve(look()),
  })
  for (let s = 1; s <= 9; s += 1) see(tele(sample(s)))
  see(born)
  await stimuli.run(name)
  return (clause) => ledger.verdicts().find((one) => one.clause === clause) as Verdict
}

const reply = (value: Record<string, unknown>, st: string, more: object = {}): Said => ({ channel: 'command/reply', value: { id: value['id'], st, ...more } })
const wellBehaved = (_: string, value: Record<string, unknown>, times: number): readonly Said[] => {
  if (value['do'] !== 'measure_now') return [reply(value, 'refused', { why: 'There is no such command.' })]
  if ((value['exp'] as number) < NOW) return [reply(value, 'expired')]
  return times === 0 ? [reply(value, 'accepted'), reply(value, 'done', { data: { pr: 72 } })] : [reply(value, 'done', { data: { pr: 72 } })]
}

describe('a device that is asked', () => {
  it('keeps all clauses about commands when it does as it should', async () => {
    const verdict = await asked('command', wellBehaved)
    for (const clause of ['commands', 'repeated', 'expired', 'unknown'] as const) expect(verdict(clause)).toMatchObject({ clause, state: 'kept' })
  })

  it.each([
    ['commands', () => [], 'no final answer'],
    ['commands', (value: Record<string, unknown>) => [reply(value, 'done')], 'answered done'],
    ['repeated', (value: Record<string, unknown>, times: number) => (times === 0 ? [reply(value, 'accepted'), reply(value, 'done', { data: { pr: 72 } })] : [reply(value, 'done', { data: { pr: 80 } })]), 'first answer was'],
    ['expired', (value: Record<string, unknown>) => [reply(value, 'accepted'), reply(value, 'done')], 'a minute too late'],
    ['unknown', (value: Record<string, unknown>) => [reply(value, 'refused')], 'no_such_command'],
  ] as const)('breaks %s when it answers otherwise', async (clause, answer, why) => {
    const verdict = await asked('command', (_, value, times) => answer(value, times))
    expect(verdict(clause)).toMatchObject({ state: 'broken', why: expect.stringContaining(why) as string })
  })

  it('keeps or breaks the configuration', async () => {
    const good = await asked('config', (_, { version }) => [{ channel: 'config/reported', value: { version, set: { interval_ms: 1_000 }, errors: { no_such_setting: 'this device has no such setting' } } }])
    expect(good('configuration').state).toBe('kept')
    expect((await asked('config', () => []))('configuration')).toMatchObject({ state: 'broken', why: expect.stringContaining('not reported') as string })
    expect((await asked('config', (_, { version }) => [{ channel: 'config/reported', value: { version, set: {} } }]))('configuration').why).toContain('not refused')
  })

  it('keeps or breaks a rewind', async () => {
    const good = await asked('rewind', (_, { rewind }) => [{ channel: 'backlog', value: [sample(rewind as number)] }])
    expect(good('rewind').state).toBe('kept')
    expect((await asked('rewind', () => []))('rewind')).toMatchObject({ state: 'broken' })
  })
})

describe('the table', () => {
  it('has a line for every clause, and the message under a broken one', () => {
    const ledger = createLedger()
    ledger.kept('birth')
    ledger.broken('sentinels', 'pr -999 is no value', '{"pr":-999}')
    const table = verdictTable(ledger.verdicts())
    for (const clause of Object.keys(clauses)) expect(table).toContain(clause)
    expect(table).toContain('{"pr":-999}')
    expect(table).toContain(`1 kept, 1 broken, ${Object.keys(clauses).length - 2} not shown`)
  })
})
