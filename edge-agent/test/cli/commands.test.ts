import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readSecret, withDefaultRecording } from '../../src/cli/agent-settings.ts'
import { type StatusReport, writeStatusFile } from '../../src/platform/status-file.ts'
import type { SpoolLook } from '../../src/spool/look-into-spool.ts'
import { runAgentCommand, startAgentProcess } from '../support/agent-process.ts'
import { eventually } from '../support/eventually.ts'
import { attachModelBridge } from '../support/model-bridge.ts'
import { startTestBroker } from '../support/test-broker.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

describe('vigil-agent', () => {
  it('tells its commands, and refuses one it does not have', async () => {
    expect(await runAgentCommand(['--help'])).toMatchObject({ code: 0, out: expect.stringContaining('vigil-agent scan') })
    expect(await runAgentCommand(['fly'])).toMatchObject({ code: 2, err: expect.stringContaining('there is no command fly') })
  })

  it('tells the settings of each command', async () => {
    const { code, out } = await runAgentCommand(['run', '--help'])
    expect(code).toBe(0)
    for (const flag of ['--device', '--site', '--url', '--bus', '--emulate', '--agent-secret-file']) expect(out).toContain(flag)
  })
})

describe('vigil-agent scan', () => {
  it('lists what is on the bus and proposes a configuration', async () => {
    const text = await runAgentCommand(['scan', '--emulate'])
    expect(text).toMatchObject({ code: 0, out: expect.stringMatching(/0x57 {2}max30102/) })
    const json = await runAgentCommand(['scan', '--emulate', '100003-left', '--json'])
    expect(JSON.parse(json.out)).toMatchObject({ sensors: [{ model: 'tmp117', address: 0x48 }, { model: 'max30102' }, { model: 'bmp280' }, { model: 'bmp280' }], unknown: [], config: { interval_ms: 1_000 } })
  })

  it('says what is wrong with a recording or a bus that does not exist', async () => {
    expect(await runAgentCommand(['scan', '--emulate', 'nobody'])).toMatchObject({ code: 1, err: expect.stringContaining('no recording called nobody') })
    expect(await runAgentCommand(['scan', '--bus', 'usb'])).toMatchObject({ code: 2, err: expect.stringContaining('/dev/i2c-1') })
  })
})

describe('vigil-agent run', () => {
  it.each([
    [[], 'This board has no name yet'],
    [['--device', 'a b'], 'This board has no name yet'],
    [['--device', 'b1', '--emulate'], 'No secret for b1'],
    [['--device', 'b1', '--emulate', '--fsync', 'never'], 'VIGIL_FSYNC must be full or normal'],
  ])('with %j does not start and says why', async (argv, why) => {
    const { code, err } = await runAgentCommand(['run', '--data', temporaryFolder(), ...argv], argv.includes('--fsync') ? { VIGIL_AGENT_SECRET: 's' } : {})
    expect([code, err]).toEqual([1, expect.stringContaining(why)])
  })

  it('never takes the secret from the command line', async () => {
    expect(await runAgentCommand(['run', '--device', 'b1', '--agent-secret', 'x'])).toMatchObject({ code: 2, err: expect.stringContaining('Unknown argument --agent-secret') })
  })

  it('refuses to run twice on one board', async () => {
    const broker = await startTestBroker()
    const argv = ['run', '--device', 'b1', '--emulate', '--url', broker.url, '--data', temporaryFolder()]
    const first = startAgentProcess(argv, { VIGIL_AGENT_SECRET: 's' })
    await eventually(() => expect(first.said().out).toContain('"ready":true'), 15_000)
    expect(await runAgentCommand(argv, { VIGIL_AGENT_SECRET: 's' })).toMatchObject({ code: 1, err: expect.stringContaining('Another agent is running') })
  })
})

describe('vigil-agent status', () => {
  it('says how a running agent does, and that it does not run after its end', async () => {
    const broker = await startTestBroker()
    attachModelBridge(broker)
    const data = temporaryFolder()
    mkdirSync(join(data, 'agent'))
    writeFileSync(join(data, 'agent', 'b1.secret'), 's\n', { mode: 0o600 })
    const agent = startAgentProcess(['run', '--device', 'b1', '--emulate', '--url', broker.url, '--data', data])
    const status = async () => {
      const { code, out } = await runAgentCommand(['status', '--device', 'b1', '--data', data, '--json'])
      return { code, ...(JSON.parse(out) as { running: boolean; report?: StatusReport; spool?: SpoolLook }) }
    }
    await eventually(async () => expect(await status()).toMatchObject({ code: 0, running: true, report: { link: { connected: true }, faults: [], timeSource: 'clock' } }), 60_000)
    const text = await runAgentCommand(['status', '--device', 'b1', '--data', data])
    expect(text.out).toContain('b1: running')
    expect(text.out).toContain('max30102 at 0x57')
    expect(await agent.kill('SIGTERM')).toBe(0)
    const after = await status()
    expect(after).toMatchObject({ code: 1, running: false, spool: { epoch: after.report?.spool.epoch } })
    const gone = await runAgentCommand(['status', '--device', 'b1', '--data', data])
    expect(gone.out).toMatch(/^b1: not running\n {2}last heard {2}\d{4}-/)
    expect(gone.out).not.toMatch(/undefined| now |connected/)
    // The newest object may have been recorded after the last receipt: it goes out at the next start.
    expect(after.spool?.unsent).toBeLessThanOrEqual(1)
    expect(after.spool?.lastSeq).toBeGreaterThan(0)
  }, 90_000)

  it('tells the board\'s own alarms, and which of them sound', async () => {
    const data = temporaryFolder()
    const report = {
      link: { connected: false, why: 'Nobody answers' }, spool: { lastSeq: 1, unsent: 1, upto: 0, dropped: 0 }, sensors: [], faults: [], latest: { m: { spo2: 79 }, x: {} }, timeSource: 'clock', timeProven: true,
      alarms: { open: [{ condition: 'desat:spo2', priority: 'high', value: 79.4, limit: 80 }, { condition: 'apnoea', priority: 'high', value: null, limit: 20 }], sounding: [{ condition: 'desat:spo2', priority: 'high', value: 79.4, limit: 80 }] },
    }
    writeStatusFile(join(data, 'agent'), 'b1', { ...report, at: Date.now(), running: true } as unknown as StatusReport)
    const { out } = await runAgentCommand(['status', '--device', 'b1', '--data', data])
    expect(out).toContain('  alarm       desat:spo2 79.4 (limit 80), the board sounds\n              apnoea\n')
  })

  it('says so when the agent never ran here', async () => {
    const { code, out } = await runAgentCommand(['status', '--device', 'b1', '--data', temporaryFolder()])
    expect([code, out]).toEqual([1, expect.stringContaining('has not run here')])
  })
})

describe('the settings', () => {
  it('take the first recording when none is named', () => {
    expect(withDefaultRecording(['--emulate', '--device', 'b'], 'r')).toEqual(['--emulate', 'r', '--device', 'b'])
    expect(withDefaultRecording(['--device', 'b', '--emulate'], 'r')).toEqual(['--device', 'b', '--emulate', 'r'])
    expect(withDefaultRecording(['--emulate', 'x'], 'r')).toEqual(['--emulate', 'x'])
  })

  it('prefer the secret of the environment to that of a file, and want one', () => {
    const folder = temporaryFolder()
    const path = join(folder, 's')
    writeFileSync(path, 'from-file\n')
    expect(readSecret({ environment: 'from-env', file: path, folder, device: 'b' })).toBe('from-env')
    expect(readSecret({ environment: undefined, file: path, folder, device: 'b' })).toBe('from-file')
    writeFileSync(path, ' \n')
    expect(() => readSecret({ environment: undefined, file: path, folder, device: 'b' })).toThrow('is empty')
  })
})
