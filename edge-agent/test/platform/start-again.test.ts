import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { askAgent, controlPath } from '../../src/platform/control-socket.ts'
import { startAgentProcess } from '../support/agent-process.ts'
import { eventually } from '../support/eventually.ts'
import { listenAsSystemd } from '../support/systemd-socket.ts'
import { startTestBroker } from '../support/test-broker.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

describe('the command restart under systemd', () => {
  it('is no goodbye: systemd, told that the service stops, killed what had begun anew 15 s later', { timeout: 120_000 }, async () => {
    const broker = await startTestBroker()
    const data = temporaryFolder()
    const socket = join(data, 'notify')
    const lines = await listenAsSystemd(socket)
    const heard = (): string => lines().join('\n')
    const agent = startAgentProcess(['run', '--device', 'b1', '--emulate', '--url', broker.url, '--data', data], { VIGIL_AGENT_SECRET: 's', NOTIFY_SOCKET: socket, WATCHDOG_USEC: '30000000' })
    const readies = (): number => heard().split('READY=1').length - 1
    await eventually(() => expect(readies()).toBe(1), 60_000)
    // The end of the run ends the question.
    await expect(askAgent(controlPath(join(data, 'agent'), 'b1'), 'restart', {})).rejects.toMatchObject({ code: 'START_FAILED' })
    await eventually(() => expect(readies()).toBe(2), 60_000)
    // Only then does it hear signals.
    await eventually(() => expect(agent.said().out.split('"ready":true')).toHaveLength(3), 60_000)
    expect(heard()).not.toContain('STOPPING=1')
    expect(heard()).toContain('WATCHDOG=1')
    expect(agent.child.exitCode).toBe(null)
    expect(await agent.kill('SIGTERM')).toBe(0)
    await eventually(() => expect(heard()).toContain('STOPPING=1'), 20_000)
  })
})
