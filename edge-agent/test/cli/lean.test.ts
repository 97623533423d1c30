import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { agentInOneFile } from '../../src/platform/one-file.ts'
import { startAgentProcess } from '../support/agent-process.ts'
import { eventually } from '../support/eventually.ts'

it('the agent that runs for months is one file without schema compiler, emulator or client library, and becomes it under its own process number', async () => {
  const file = await agentInOneFile()
  expect(file).toBeDefined()
  const code = readFileSync(file ?? '', 'utf8')
  for (const heavy of ['typebox', 'pino', 'prom-client', 'from "mqtt"', 'from "ws"', 'EmulatedMax30102']) expect(code).not.toContain(heavy)
  expect(await agentInOneFile()).toBe(file)

  const data = mkdtempSync(join(tmpdir(), 'vigil-lean-'))
  onTestFinished(() => rmSync(data, { recursive: true, force: true }))
  const agent = startAgentProcess(['run', '--device', 'lean-1', '--url', 'mqtt://127.0.0.1:9', '--data', data, '--emulate', '--emulate-sensors', 'tmp117'], { VIGIL_AGENT_SECRET: 's' })
  await eventually(() => expect(agent.said().out).toContain('"ready":true'), 30_000)
  expect(readFileSync(`/proc/${agent.child.pid}/cmdline`, 'utf8')).toContain(file)
  expect(await agent.kill('SIGTERM')).toBe(0)
}, 60_000)
