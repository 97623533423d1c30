import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { accessSync, chownSync, constants, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { expect } from 'vitest'
import { freePort } from './postgres-server.ts'
import { until } from './until.ts'

export interface RabbitMq {
  readonly port: number
  /** `amqp://` with user name and password; at another port, for a proxy before it. */
  url(port?: number): string
  /** kill -9, and start again with the same data on the same port. */
  crash(): Promise<void>
  stop(): Promise<void>
}

const SERVER = '/usr/lib/rabbitmq/bin/rabbitmq-server'
const USER = 'vigil'
// Characters a URL must escape, on purpose.
const PASSWORD = 'p@ss:word/1'
const START_WITHIN_MS = 90_000

/** Queue address for what is declared here already, in RabbitMQ 3 words. */
export const addressOf = (queue: string): string => `/amq/queue/${queue}`
export const deadOf = (queue: string): string => `${queue}.dead`

/**
 * A RabbitMQ of our own with AMQP 1.0, on free ports of 127.0.0.1 and under a node name of its own. Each queue is durable, and
 * what is rejected goes to the one named `deadOf` it.
 */
export async function startRabbitMq(queues: readonly string[]): Promise<RabbitMq> {
  const user = requireRabbitMq()
  const home = mkdtempSync(join(tmpdir(), 'vigil-rabbit-'))
  const [port, epmdPort, distPort] = [await freePort(), await freePort(), await freePort()]
  const file = (name: string, text: string): string => {
    writeFileSync(join(home, name), text)
    return join(home, name)
  }
  const definitions = file('definitions.json', JSON.stringify(definitionsOf(queues)))
  const config = file('rabbitmq.conf', [`listeners.tcp.1 = 127.0.0.1:${port}`, `load_definitions = ${definitions}`, 'log.console = true', 'log.file = false', ''].join('\n'))
  const plugins = file('enabled_plugins', '[rabbitmq_amqp1_0].\n')
  for (const path of [home, definitions, config, plugins]) if (user) chownSync(path, user.uid, user.gid)
  const epmdEnv = { PATH: '/usr/bin:/bin', ERL_EPMD_PORT: String(epmdPort), ERL_EPMD_ADDRESS: '127.0.0.1' }
  const env = {
    ...epmdEnv,
    HOME: home,
    LANG: 'C.UTF-8',
    RABBITMQ_NODENAME: `${basename(home)}@localhost`,
    RABBITMQ_DIST_PORT: String(distPort),
    RABBITMQ_MNESIA_BASE: join(home, 'mnesia'),
    RABBITMQ_LOG_BASE: join(home, 'log'),
    RABBITMQ_CONFIG_FILE: config,
    RABBITMQ_ENABLED_PLUGINS_FILE: plugins,
    RABBITMQ_CONF_ENV_FILE: '/dev/null',
    RABBITMQ_PID_FILE: join(home, 'pid'),
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '+S 2:2 +sbwt none -kernel inet_dist_use_interface {127,0,0,1}',
  }
  const as = user ? { uid: user.uid, gid: user.gid } : {}
  const epmd = spawn('epmd', ['-port', String(epmdPort), '-address', '127.0.0.1'], { ...as, env: epmdEnv, cwd: '/', stdio: 'ignore' })
  let server = await launch()

  async function launch(): Promise<ChildProcess> {
    // A group of its own: the start script and the Erlang machine it starts end together.
    const child = spawn(SERVER, [], { ...as, env, cwd: home, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said = (said + chunk).slice(-2_000)))
    await until(async () => child.exitCode !== null || (await answers(port)), 'RabbitMQ to start', START_WITHIN_MS)
    if (child.exitCode !== null) expect.unreachable(`RabbitMQ does not start: ${said}`)
    return child
  }
  async function kill(name: NodeJS.Signals): Promise<void> {
    if (server.exitCode !== null || server.signalCode !== null) return
    const gone = new Promise((resolve) => server.once('close', resolve))
    process.kill(-(server.pid as number), name)
    await gone
  }

  return {
    port,
    url: (at = port) => `amqp://${USER}:${encodeURIComponent(PASSWORD)}@127.0.0.1:${at}`,
    async crash() {
      await kill('SIGKILL')
      server = await launch()
    },
    async stop() {
      await kill('SIGKILL')
      epmd.kill('SIGKILL')
      rmSync(home, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** The user Debian made for it, when the tests run as root. */
function requireRabbitMq(): { uid: number; gid: number } | undefined {
  try {
    accessSync(SERVER, constants.X_OK)
  } catch {
    expect.unreachable('rabbitmq-server is not installed, and the tests of AMQP need it: apt-get install rabbitmq-server')
  }
  if (process.getuid?.() !== 0) return undefined
  const users = readFileSync('/etc/passwd', 'utf8').split('\n').map((line) => line.split(':'))
  const found = users.find(([name]) => name === 'rabbitmq')
  return found && { uid: Number(found[2]), gid: Number(found[3]) }
}

function definitionsOf(queues: readonly string[]) {
  const salt = Buffer.from([1, 2, 3, 4])
  const hash = Buffer.concat([salt, createHash('sha256').update(salt).update(PASSWORD).digest()]).toString('base64')
  const queue = (name: string, args: Record<string, unknown>) => ({ name, vhost: '/', durable: true, auto_delete: false, arguments: args })
  return {
    users: [{ name: USER, password_hash: hash, hashing_algorithm: 'rabbit_password_hashing_sha256', tags: '' }],
    vhosts: [{ name: '/' }],
    permissions: [{ user: USER, vhost: '/', configure: '.*', write: '.*', read: '.*' }],
    queues: queues.flatMap((name) => [queue(name, { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': deadOf(name) }), queue(deadOf(name), {})]),
  }
}

/** Whether something speaks AMQP 1.0 at the port: the socket alone opens before the node is ready. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => socket.write(Buffer.from([0x41, 0x4d, 0x51, 0x50, 3, 1, 0, 0])))
    const done = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    socket.setTimeout(2_000, () => done(false))
    socket.on('error', () => done(false))
    socket.on('close', () => done(false))
    socket.on('data', (bytes) => done(bytes.subarray(0, 5).toString('latin1') === 'AMQP\x03'))
  })
}
