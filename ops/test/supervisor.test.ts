import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '@vigil/program'
import { identify } from '../src/process/identity.ts'
import type { ProgramSpec } from '../src/supervisor/child.ts'
import { logPath } from '../src/supervisor/log-file.ts'
import { restartPolicy, type RestartPolicy } from '../src/supervisor/restart-policy.ts'
import { clearLeftovers, readRecords, runFolder } from '../src/supervisor/run-record.ts'
import { createSupervisor, statusPath } from '../src/supervisor/supervisor.ts'
import { emptyFolder } from './support/folders.ts'
import { until } from './support/until.ts'

const CHILD = join(import.meta.dirname, 'programs', 'child.ts')

function house(options: { policy?: RestartPolicy } = {}) {
  const dir = emptyFolder()
  const told: string[] = []
  const supervisor = createSupervisor({ dataDir: dir, clock: systemClock, chance: () => 0, tell: (line) => told.push(line), ...options })
  onTestFinished(() => supervisor.stop(3_000))
  const program = (name: string, extra: Partial<ProgramSpec> = {}): ProgramSpec => ({
    name, title: `the ${name}`, entry: CHILD, cwd: dir, env: { PATH: process.env['PATH'], VIGIL_DATA: dir, VIGIL_DEVICE: name }, readyLimitMs: 10_000, stopLimitMs: 500, ...extra,
  })
  const pid = (name: string) => Number(readFileSync(join(dir, `${name}.pid`), 'utf8'))
  const tell = (name: string, what: string, text = '') => writeFileSync(join(dir, `${name}.${what}`), text)
  const notes = () => readFileSync(join(dir, 'notes'), 'utf8').trim().split('\n')
  const state = (name: string) => supervisor.statuses().find((status) => status.name === name)
  return { dir, told, supervisor, program, pid, tell, notes, state }
}

describe('the supervisor', () => {
  it('waits for programs to be ready, and stops them in reverse order', async () => {
    const { supervisor, program, notes, pid } = house()
    await supervisor.start(program('first'))
    const [facts] = await supervisor.start(program('second'))
    expect(facts).toMatchObject({ ready: true, pid: pid('second') })
    await supervisor.stop(5_000)
    expect(notes()).toEqual(['first starts', 'second starts', 'second stops', 'first stops'])
    expect(['first', 'second'].map((name) => identify(pid(name)))).toEqual([undefined, undefined])
  })

  it('starts a program that was killed at once again, and tells why', async () => {
    const { supervisor, program, pid, told, state } = house()
    await supervisor.start(program('broker'))
    const killed = pid('broker')
    const since = systemClock.monotonic()
    process.kill(killed, 'SIGKILL')
    await until('the broker runs again', () => state('broker')?.state === 'ready' && pid('broker') !== killed)
    expect(systemClock.monotonic() - since).toBeLessThan(5_000)
    expect(told).toEqual(['The broker ended (ended by SIGKILL); starting it again', 'The broker runs again'])
    expect(state('broker')).toMatchObject({ restarts: 1, pid: pid('broker'), why: 'ended by SIGKILL' })
  })

  it('brakes a program that keeps ending, says so in one line, and leaves the others alone', async () => {
    const { supervisor, program, told, state, tell, pid, dir } = house({ policy: { ...restartPolicy, brakeMs: 60_000 } })
    await supervisor.start(program('steady'), program('faulty'))
    const steady = pid('steady')
    tell('faulty', 'die')
    process.kill(pid('faulty'), 'SIGKILL')
    await until('the brake holds', () => state('faulty')?.state === 'braked', 30_000)
    expect(state('faulty')?.restarts).toBe(6)
    expect(told.filter((line) => line.includes('keeps ending'))).toEqual([`The faulty keeps ending (exit code 7). Next try in 60.0 s; its log is ${logPath(dir, 'faulty')}`])
    expect(pid('steady')).toBe(steady)
    // Seven starts, and a pause before each.
  }, 60_000)

  it('gives up a start with the program’s own words when it refuses', async () => {
    const { supervisor, program, tell } = house()
    tell('broker', 'refuse', 'Port 1883 is in use by another program.')
    await expect(supervisor.start(program('broker'))).rejects.toMatchObject({ code: 'START_FAILED', message: expect.stringContaining('The broker did not start: Port 1883 is in use by another program.') })
  })

  it('ends a program that does not become ready in its time', async () => {
    const { supervisor, program, tell, dir } = house()
    tell('broker', 'hang')
    await expect(supervisor.start(program('broker', { readyLimitMs: 700 }))).rejects.toThrow('not ready after 0.7 s')
    expect(readRecords(dir)).toEqual([])
  })

  it('starts a program nobody waits for again until it works', async () => {
    const { supervisor, program, tell, state, dir } = house()
    tell('demo', 'refuse', 'not yet')
    supervisor.launch(program('demo'))
    await until('it was tried again', () => (state('demo')?.restarts ?? 0) >= 2)
    rmSync(join(dir, 'demo.refuse'))
    await until('it runs', () => state('demo')?.state === 'ready')
  })

  it('kills what does not stop in its time, and still stops the rest in order', async () => {
    const { supervisor, program, tell, pid, notes } = house()
    await supervisor.start(program('first'))
    await supervisor.start(program('stubborn'))
    tell('stubborn', 'linger')
    const since = systemClock.monotonic()
    await supervisor.stop(1_500)
    expect(systemClock.monotonic() - since).toBeLessThan(3_000)
    expect(identify(pid('stubborn'))).toBeUndefined()
    expect(notes().at(-1)).toBe('first stops')
  })

  it('starts nothing more once it is told to stop', async () => {
    const { supervisor, program, dir } = house()
    await supervisor.start(program('first'))
    const stopped = supervisor.stop(5_000)
    await expect(supervisor.start(program('late'))).rejects.toThrow('stopping')
    supervisor.launch(program('later'))
    await stopped
    expect(['late', 'later'].map((name) => existsSync(logPath(dir, name)))).toEqual([false, false])
  })

  it('writes down how every program is', async () => {
    const { supervisor, program, dir, pid } = house()
    await supervisor.start(program('broker'))
    expect(JSON.parse(readFileSync(statusPath(dir), 'utf8'))).toMatchObject({ programs: [{ name: 'broker', state: 'ready', pid: pid('broker'), restarts: 0 }] })
  })
})

describe('programs whose supervisor is killed', () => {
  const SUPERVISOR = join(import.meta.dirname, 'programs', 'supervisor.ts')

  async function killedSupervisor(dir: string): Promise<number> {
    const killed = spawn(process.execPath, [SUPERVISOR, dir], { stdio: ['ignore', 'pipe', 'inherit'] })
    await new Promise<void>((resolve) => void killed.stdout.once('data', () => resolve()))
    killed.kill('SIGKILL')
    return Number(readFileSync(join(dir, 'child.pid'), 'utf8'))
  }

  it('stop by themselves', async () => {
    const pid = await killedSupervisor(emptyFolder())
    await until('the child is gone', () => identify(pid) === undefined)
  })

  it('are ended by the next start when they hang', async () => {
    const dir = emptyFolder()
    writeFileSync(join(dir, 'child.linger'), '')
    const pid = await killedSupervisor(dir)
    expect(readRecords(dir)).toMatchObject([{ program: 'child', pid }])
    expect(await clearLeftovers(dir, systemClock)).toEqual(['child'])
    expect(identify(pid)).toBeUndefined()
    expect(readRecords(dir)).toEqual([])
  })

  it('are left alone when their number belongs to another process by now', async () => {
    const dir = emptyFolder()
    const foreign = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
    onTestFinished(() => void foreign.kill())
    mkdirSync(runFolder(dir))
    writeFileSync(join(runFolder(dir), 'child.pid.json'), JSON.stringify({ program: 'child', pid: foreign.pid, began: 'long ago' }))
    expect(await clearLeftovers(dir, systemClock)).toEqual([])
    expect(identify(foreign.pid as number)).toBeDefined()
  })
})
