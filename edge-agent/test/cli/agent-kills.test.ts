import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { rangesContain } from '@vigil/contract'
import { openSqliteSpool } from '../../src/spool/open-sqlite-spool.ts'
import { wireText } from '../../src/spool/protocol-packing.ts'
import { startAgentProcess } from '../support/agent-process.ts'
import { topic } from '../support/bench-agent.ts'
import { eventually } from '../support/eventually.ts'
import { attachModelBridge } from '../support/model-bridge.ts'
import { seeded } from '../support/seeded.ts'
import { startTestBroker } from '../support/test-broker.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { wait } from '../support/wait.ts'

describe('an agent that is killed, cut off and left without a database', () => {
  it('still brings every object it recorded to the database, once and unchanged', { timeout: 120_000 }, async () => {
    const random = seeded(17)
    const data = temporaryFolder()
    const broker = await startTestBroker({ secret: 'right' })
    const bridge = attachModelBridge(broker)
    broker.publish(topic('config/desired'), { version: 1, set: { interval_ms: 200 } }, { retain: true })
    const run = () => startAgentProcess(['run', '--device', 'board-1', '--url', broker.url, '--emulate', '--data', data], { VIGIL_AGENT_SECRET: 'right' })

    for (let round = 0; round < 5; round++) {
      const agent = run()
      await eventually(() => expect(agent.said().out, agent.said().err).toContain('"ready":true'), 15_000)
      await wait(600 + 1_200 * random())
      if (round % 2 === 0) broker.cut()
      bridge.databaseUp = round % 3 !== 1
      await wait(1_200 * random())
      await agent.kill('SIGKILL')
    }
    bridge.databaseUp = true
    const last = run()
    await eventually(() => expect(last.said().out, last.said().err).toContain('"ready":true'), 15_000)
    await eventually(() => expect(bridge.receiptFor(bridge.states.at(-1)?.e ?? '').upto).toBeGreaterThan(30), 30_000)
    expect(await last.kill('SIGTERM')).toBe(0)
    // Measures no more and only delivers: nothing is left behind by the ordered stop either.
    broker.publish(topic('config/desired'), { version: 2, set: { interval_ms: 60_000 } }, { retain: true })
    const deliver = run()
    const path = join(data, 'agent', 'board-1.sqlite')
    await eventually(() => expect(bridge.states.filter(({ st }) => st === 'online').at(-1)?.cfgv).toBe(1), 15_000)
    await eventually(() => {
      const receipt = bridge.receiptFor(bridge.states.at(-1)?.e ?? '')
      expect(receipt.have ?? []).toEqual([])
      expect(receipt.upto).toBeGreaterThan(30)
    }, 30_000)
    await deliver.kill('SIGKILL')

    const spool = openSqliteSpool({ path })
    const { epoch } = spool
    const records = spool.read({ from: 1, to: spool.lastSeq(), limit: spool.lastSeq() })
    spool.close()
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
    // The faults really happened, and one lane brought what another could not.
    expect(bridge.lanes).toContain('backlog')
    expect(bridge.states.filter(({ st }) => st === 'lost').length).toBeGreaterThanOrEqual(5)
  })
})
