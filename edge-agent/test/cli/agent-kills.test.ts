import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { rangesContain } from '@vigil/contract'
import { openSqliteSpool } from '../../src/spool/open-sqlite-spool.ts'
import { wireText } from '../../src/spool/protocol-packing.ts'
import type { SpoolRecord } from '../../src/spool/spool-store.ts'
import { type AgentProcess, startAgentProcess } from '../support/agent-process.ts'
import { topic } from '../support/bench-agent.ts'
import { eventually } from '../support/eventually.ts'
import { type Given, type JournalledBus, startJournalledBus } from '../support/journalled-bus.ts'
import { attachModelBridge, type ModelBridge } from '../support/model-bridge.ts'
import { seeded } from '../support/seeded.ts'
import { startTestBroker, type TestBroker } from '../support/test-broker.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { wait } from '../support/wait.ts'

const board = fileURLToPath(new URL('journalled-board.ts', import.meta.url))
const INTERVAL_MS = 200
const ROUNDS = 5
/** After the start that only takes the interval. */
const FIRST_KILLED = 1
/** The first object of a start comes within a second of its first reading, and an interval. */
const FIRST_OBJECT_MS = 1_500
/** A machine that is busy elsewhere takes its time to start a program. */
const PATIENCE_MS = 60_000

interface World {
  readonly broker: TestBroker
  readonly bridge: ModelBridge
  readonly bus: JournalledBus
  readonly run: () => Promise<AgentProcess>
}

async function openWorld(data: string): Promise<World> {
  const broker = await startTestBroker({ secret: 'right' })
  const bus = await startJournalledBus(temporaryFolder())
  const run = async (): Promise<AgentProcess> => {
    const agent = startAgentProcess([bus.socket, data, broker.url], {}, board)
    await eventually(() => expect(agent.said().out, agent.said().err).toContain('"ready":true'), PATIENCE_MS)
    return agent
  }
  return { broker, bridge: attachModelBridge(broker), bus, run }
}

/** From its first start on the board has an interval of its own, so that each start has it from its first object. */
async function setInterval({ broker, run }: World, version: number, intervalMs: number): Promise<void> {
  broker.publish(topic('config/desired'), { version, set: { interval_ms: intervalMs } }, { retain: true })
  const agent = await run()
  await eventually(() => expect(broker.retained(topic('config/reported'))).toMatchObject({ version }), PATIENCE_MS)
  expect(await agent.kill('SIGTERM')).toBe(0)
}

function spoolOf(data: string): { epoch: string; records: readonly SpoolRecord[] } {
  const spool = openSqliteSpool({ path: join(data, 'board-1.sqlite') })
  const { epoch } = spool
  const records = spool.read({ from: 1, to: spool.lastSeq(), limit: spool.lastSeq() })
  spool.close()
  return { epoch, records }
}

/** What stood long enough before a running agent to be in one of its objects, told by the sensors' side alone. */
const surelyMeasured = (start: readonly Given[]): readonly Given[] =>
  start.filter(({ atMs, silentMs, untilNextMs }) => atMs - (start[0]?.atMs ?? 0) > FIRST_OBJECT_MS && untilNextMs > 4 * INTERVAL_MS && silentMs < 1.5 * INTERVAL_MS)

describe('an agent that is killed, cut off and left without a database', () => {
  it('still brings every object it recorded to the database, once and unchanged, and all that the sensors gave', { timeout: 300_000 }, async () => {
    const random = seeded(17)
    const data = temporaryFolder()
    const world = await openWorld(data)
    const { broker, bridge, bus, run } = world
    await setInterval(world, 1, INTERVAL_MS)
    for (let round = 0; round < ROUNDS; round++) {
      const agent = await run()
      // Every other one long enough to have told something surely, the others killed as they come.
      const given = (): readonly Given[] => bus.read()[FIRST_KILLED + round] ?? []
      await eventually(() => expect((round % 2 === 0 ? surelyMeasured(given()) : given()).length).toBeGreaterThan(0), PATIENCE_MS)
      await wait(500 * random())
      if (round % 2 === 0) broker.cut()
      bridge.databaseUp = round % 3 !== 1
      await wait(1_200 * random())
      await agent.kill('SIGKILL')
    }
    bridge.databaseUp = true
    const last = await run()
    await eventually(() => expect(bridge.receiptFor(bridge.states.at(-1)?.e ?? '').upto).toBeGreaterThan(30), PATIENCE_MS)
    expect(await last.kill('SIGTERM')).toBe(0)
    // Measures no more and only delivers: nothing is left behind by the ordered stop either.
    await setInterval(world, 2, 60_000)
    const deliver = await run()
    await eventually(() => expect(bridge.states.filter(({ st }) => st === 'online').at(-1)?.cfgv).toBe(2), PATIENCE_MS)
    await eventually(() => {
      const receipt = bridge.receiptFor(bridge.states.at(-1)?.e ?? '')
      expect(receipt.have ?? []).toEqual([])
      expect(receipt.upto).toBeGreaterThan(30)
    }, PATIENCE_MS)
    await deliver.kill('SIGKILL')

    const { epoch, records } = spoolOf(data)
    const stored = bridge.stored(epoch)
    expect(new Set(bridge.states.map(({ e }) => e))).toEqual(new Set([epoch]))
    expect(bridge.counts.refused).toEqual([])
    expect(records.map(({ seq }) => seq)).toEqual(records.map((_, i) => i + 1))
    for (const record of records) {
      const { seq } = record
      // The kill may have caught the newest object between recording and sending.
      if (seq === records.length && !stored.has(seq)) continue
      expect(stored.get(seq)?.text, `number ${seq}`).toBe(wireText(record, { epoch, boot: record.boot, wallTimeAt: () => undefined }))
    }
    expect([...stored.keys()].every((seq) => rangesContain([[1, records.length]], seq))).toBe(true)

    // Not by the agent's word: what the thermometer gave, as its own side wrote it down, is in the database, in its order, and nothing it did not give.
    const starts = bus.read()
    const told = [...stored].sort(([a], [b]) => a - b).flatMap(([, { text }]) => (JSON.parse(text) as { m?: { temp?: number } }).m?.temp ?? [])
    const given = starts.flat().map(({ cel }) => cel)
    expect(told.filter((cel, i) => cel < (told[i - 1] ?? 0) || !given.includes(cel))).toEqual([])
    const sure = starts.slice(FIRST_KILLED, FIRST_KILLED + ROUNDS).flatMap(surelyMeasured)
    expect(sure.length).toBeGreaterThanOrEqual(3)
    expect(sure.filter(({ cel }) => !told.includes(cel))).toEqual([])

    // The faults really happened, and one lane brought what another could not.
    expect(bridge.lanes).toContain('backlog')
    expect(bridge.states.filter(({ st }) => st === 'lost').length).toBeGreaterThanOrEqual(5)
  })
})
