import { chmodSync, rmSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { AppError } from '@vigil/contract/errors'
import type { CommandResult } from '../commands/command-machine.ts'
import type { AgentLog } from '../core/agent-ports.ts'

type Ask = (name: string, args: Readonly<Record<string, unknown>>) => Promise<CommandResult>

const MOST_BYTES = 4_096
const PATIENCE_MS = 90_000
export const controlPath = (folder: string, device: string): string => join(folder, `${device}.sock`)

/** Commands for the agent on this board from people who are logged in there: one line of JSON in, one out. Only the agent's own user may speak. */
export async function openControlSocket(path: string, ask: Ask): Promise<{ close(): void }> {
  // An agent that was killed leaves its socket; the spool's lock has made sure that no other runs.
  rmSync(path, { force: true })
  const server = createServer((socket) => {
    socket.on('error', () => {})
    readLine(socket).then(
      async (line) => {
        const { do: name, args } = JSON.parse(line) as { do?: unknown; args?: Record<string, unknown> }
        socket.end(`${JSON.stringify(await ask(String(name), args ?? {}))}\n`)
      },
    ).catch(() => socket.destroy())
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, resolve)
  })
  chmodSync(path, 0o600)
  return {
    close() {
      server.close()
      rmSync(path, { force: true })
    },
  }
}

/** The same where it can be had. On a card that takes no more writing there is no such socket, and the patient is watched all the same. */
export async function openControlSocketIfPossible(path: string, ask: Ask, log: AgentLog): Promise<{ close(): void }> {
  try {
    return await openControlSocket(path, ask)
  } catch (error) {
    log('control.not_open', { path, why: error instanceof Error ? error.message : String(error) })
    return { close: () => {} }
  }
}

/** @throws AppError `START_FAILED` when no agent runs. */
export async function askAgent(path: string, name: string, args: Readonly<Record<string, unknown>>): Promise<CommandResult> {
  const socket = connect(path)
  try {
    socket.setTimeout(PATIENCE_MS, () => socket.destroy(new Error('the agent does not answer')))
    socket.write(`${JSON.stringify({ do: name, args })}\n`)
    return JSON.parse(await readLine(socket)) as CommandResult
  } catch (cause) {
    throw new AppError('START_FAILED', whyNoAnswer(cause as NodeJS.ErrnoException), { cause })
  } finally {
    socket.destroy()
  }
}

function whyNoAnswer({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT' || code === 'ECONNREFUSED') return 'No agent runs on this board. Start it with vigil-agent run, or systemctl start vigil-agent, then ask again.'
  if (code === 'EACCES') return 'This user may not speak to the agent. Ask as its user: sudo -u vigil vigil-agent …'
  return `The agent on this board does not answer: ${message}. vigil-agent doctor looks why.`
}

function readLine(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    socket.setEncoding('utf8')
    socket.on('data', (chunk: string) => {
      text += chunk
      const end = text.indexOf('\n')
      if (end >= 0) resolve(text.slice(0, end))
      else if (text.length > MOST_BYTES) reject(new AppError('MESSAGE_TOO_LARGE', 'The line is too long.'))
    })
    socket.on('error', reject)
    socket.on('close', () => reject(new AppError('START_FAILED', 'it ended the connection')))
  })
}
