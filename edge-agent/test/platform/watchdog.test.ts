import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { listenAsSystemd } from '../support/systemd-socket.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { wait } from '../support/wait.ts'

const board = fileURLToPath(new URL('hanging-board.ts', import.meta.url))
function childOf(command: string, argv: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = spawn(command, argv, { env: { PATH: process.env['PATH'] ?? '', ...env }, stdio: ['pipe', 'pipe', 'inherit'] })
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
  onTestFinished(async () => {
    if (child.exitCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'close')
  })
  return { child, lines: () => said.split('\n').slice(0, -1) }
}

describe('the watchdog of the service', () => {
  it('hears that the agent is ready and lives, and nothing more once the sensors\' bus hangs', { timeout: 60_000 }, async () => {
    const folder = temporaryFolder()
    const socket = join(folder, 'notify')
    const heard = await listenAsSystemd(socket)
    const agent = childOf(process.execPath, [board, folder], { NOTIFY_SOCKET: socket, WATCHDOG_USEC: '1500000' })
    const alive = (): boolean | undefined => (JSON.parse(agent.lines().at(-1) ?? '{}') as { alive?: boolean }).alive
    const fed = (): number => heard().filter((line) => line.includes('WATCHDOG=1')).length

    await eventually(() => expect(heard().some((line) => line.includes('READY=1'))).toBe(true), 30_000)
    await eventually(() => expect(fed()).toBeGreaterThanOrEqual(3), 30_000)
    expect(alive()).toBe(true)
    agent.child.stdin.write('hang\n')
    await eventually(() => expect(alive()).toBe(false), 20_000)
    // One word may have been on its way.
    await wait(1_000)
    const atLast = fed()
    await wait(2_000)
    expect(fed()).toBe(atLast)
    // The network and the rest of the agent go on, and no value stands still on the screen.
    expect(alive()).toBe(false)
    expect((JSON.parse(agent.lines().at(-1) ?? '{}') as { values: string[] }).values).toEqual([])
  })
})
