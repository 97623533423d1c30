import { spawn, type ChildProcess } from 'node:child_process'
import { AppError } from '@vigil/contract'
import { until } from '@vigil/ops/testing'

interface Finished {
  readonly code: number | null
  readonly text: string
}

function run(program: string, args: readonly string[]): { child: ChildProcess; text: () => string; done: Promise<Finished> } {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  child.stdout.on('data', (d: Buffer) => { text += d.toString() })
  child.stderr.on('data', (d: Buffer) => { text += d.toString() })
  const done = new Promise<Finished>((resolve, reject) => {
    child.on('error', () => reject(new AppError('START_FAILED', `${program} is missing: install the Debian package mosquitto-clients`)))
    child.on('close', (code) => resolve({ code, text }))
  })
  return { child, text: () => text, done }
}

export interface ForeignDevice {
  readonly mqtt: string
  readonly id: string
  readonly secret: string
}

const login = ({ mqtt, id, secret }: ForeignDevice) => ['-h', '127.0.0.1', '-p', new URL(mqtt).port, '-u', id, '-P', secret]

/** `mosquitto_pub`, as an integrator would type it: no client id given. */
export function publish(device: ForeignDevice, topic: string, message: string, more: readonly string[] = []): Promise<Finished> {
  return run('mosquitto_pub', [...login(device), '-t', topic, '-m', message, '-q', '1', ...more]).done
}

/** `mosquitto_sub`, collecting lines until stopped. Resolves when the subscription stands or was refused. */
export async function subscribe(device: ForeignDevice, topic: string): Promise<{ lines: () => string[]; text: () => string; stop: () => Promise<Finished> }> {
  // Line by line: into a pipe the tool would keep its words until its buffer is full.
  const running = run('stdbuf', ['-oL', 'mosquitto_sub', ...login(device), '-t', topic, '-q', '1', '-d'])
  await until(`subscription to ${topic}`, 5_000, () => (/Subscribed|SUBACK|denied|refused|Error|error/i.test(running.text()) || running.child.exitCode !== null ? true : undefined), 20)
  return {
    text: running.text,
    lines: () => running.text().split('\n').filter((line) => line.startsWith('{')),
    stop: () => {
      running.child.kill('SIGTERM')
      return running.done
    },
  }
}
