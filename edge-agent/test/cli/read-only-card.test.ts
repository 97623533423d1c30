import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startAgentProcess } from '../support/agent-process.ts'
import { eventually } from '../support/eventually.ts'
import { attachModelBridge } from '../support/model-bridge.ts'
import { startTestBroker } from '../support/test-broker.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** A folder an agent can only read: a disk mounted so where this user may; elsewhere one whose path is too long for a socket, which stopped the start alike. */
function readOnlyFolder(): { folder: string; isRealDisk: boolean } {
  const folder = join(temporaryFolder(), 'x'.repeat(100))
  mkdirSync(join(folder, 'agent'), { recursive: true })
  const isRealDisk = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'vigil-read-only', folder], { stdio: 'ignore' }).status === 0
  mkdirSync(join(folder, 'agent'), { recursive: true })
  writeFileSync(join(folder, 'agent', 'board-1.secret'), 's\n', { mode: 0o600 })
  if (isRealDisk) expect(spawnSync('mount', ['-o', 'remount,ro', folder]).status).toBe(0)
  onTestFinished(() => {
    if (isRealDisk) spawnSync('umount', ['-l', folder])
    rmSync(folder, { recursive: true, force: true })
  })
  return { folder, isRealDisk }
}

describe('a card that has become read-only', () => {
  it('does not keep the agent from starting for want of its control socket: it measures, sends from memory and says so', { timeout: 120_000 }, async () => {
    const broker = await startTestBroker()
    const bridge = attachModelBridge(broker)
    const { folder, isRealDisk } = readOnlyFolder()
    const agent = startAgentProcess(['run', '--device', 'board-1', '--emulate', '--url', broker.url, '--data', folder])
    await eventually(() => expect(agent.said().out, agent.said().err).toContain('"ready":true'), 60_000)
    const epoch = (): string => (broker.retained('vitals/1/main/board-1/state') as { e: string }).e
    await eventually(() => expect(bridge.stored(epoch()).size).toBeGreaterThan(2), 60_000)
    const said = agent.said().out + agent.said().err
    expect(said).toContain('control.not_open')
    if (isRealDisk) expect(said).toContain('spool.in_memory')
    expect(await agent.kill('SIGTERM')).toBe(0)
  })
})
