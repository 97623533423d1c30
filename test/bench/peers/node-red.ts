import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '@vigil/ops/testing'
import { NotHere, type Side } from '../framework/benchmark.ts'
import type { Stage } from '../stage/stage.ts'
import { type Peer, peerLatency, peerThroughput } from './peer-side.ts'
import { INSERT } from './peer-table.ts'
import type { Rate } from '../framework/latency.ts'

/** What hospitals and makers put together first. Not a dependency of Vigil: installed here, and only for this. */
const VERSIONS = ['node-red@4.1.15', 'pg@8.23.1']
const INSTALL_LIMIT_MS = 10 * 60_000
const READY_WITHIN_MS = 90_000
const POOL = 10
const MESSAGES = 8_000
const WINDOW = 20

/** A function node with a pool of ten connections: the fastest way to PostgreSQL that Node-RED's own documentation leads to. */
const FUNCTION = `
const { e, s, t, m } = JSON.parse(msg.payload.toString())
global.get('pool').query(${JSON.stringify(INSERT)}, [msg.topic.split('/')[3], e, s, t, m.pr, m.spo2, m.pi, m.temp, m.rr]).then(() => node.done(), (error) => node.error(error))
`

/** Mosquitto and Node-RED 4: `mqtt in`, a function, PostgreSQL. */
export function nodeRed(devices: number): Side {
  return { name: 'node-red', start: (stage) => peerThroughput(stage, startNodeRed, { devices, messages: MESSAGES, window: WINDOW }) }
}

/** The same at a fixed rate. */
export function nodeRedAtRate(rate: Rate): Side {
  return { name: 'node-red', start: (stage) => peerLatency(stage, startNodeRed, rate) }
}

export const startNodeRed: Peer = async (stage, port, databaseUrl) => {
  const home = install(stage)
  const folder = join(stage.folder, 'node-red')
  mkdirSync(folder)
  writeFileSync(join(folder, 'settings.js'), settings(home, databaseUrl))
  writeFileSync(join(folder, 'flows.json'), JSON.stringify(flows(port)))
  await stage.program({
    name: 'node-red',
    command: [process.execPath, join(home, 'node_modules/node-red/red.js'), '--settings', join(folder, 'settings.js'), '--userDir', folder, '--port', String(await freePort()), join(folder, 'flows.json')],
    cwd: folder,
    ready: (said) => (said.includes('Connected to broker') ? {} : undefined),
    readyWithinMs: READY_WITHIN_MS,
  })
}

/** Kept between runs of the benchmark in the system's folder for temporary files. */
function install({ tell }: Stage): string {
  const home = join(tmpdir(), 'vigil-bench-node-red')
  if (existsSync(join(home, 'installed'))) return home
  tell(`Installing ${VERSIONS.join(' and ')} into ${home} ...`)
  mkdirSync(home, { recursive: true })
  writeFileSync(join(home, 'package.json'), '{"private":true}')
  const { status, stderr, error } = spawnSync('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--no-package-lock', ...VERSIONS], { cwd: home, encoding: 'utf8', timeout: INSTALL_LIMIT_MS })
  if (status !== 0) throw new NotHere(`npm could not install Node-RED: ${error?.message ?? stderr.trim().split('\n').at(-1)}`)
  writeFileSync(join(home, 'installed'), '')
  return home
}

function settings(home: string, databaseUrl: string): string {
  return `module.exports = {
  httpAdminRoot: false, httpNodeRoot: false, credentialSecret: false,
  logging: { console: { level: 'info' } },
  functionGlobalContext: { pool: new (require(${JSON.stringify(join(home, 'node_modules/pg'))}).Pool)({ connectionString: ${JSON.stringify(databaseUrl)}, max: ${POOL} }) },
}
`
}

function flows(port: number): readonly object[] {
  return [
    { id: 'flow', type: 'tab', label: 'vitals' },
    { id: 'broker', type: 'mqtt-broker', name: '', broker: '127.0.0.1', port: String(port), clientid: 'node-red', autoConnect: true, usetls: false, protocolVersion: '4', keepalive: '60', cleansession: true },
    { id: 'in', type: 'mqtt in', z: 'flow', name: '', topic: 'vitals/1/+/+/tele', qos: '1', datatype: 'buffer', broker: 'broker', nl: false, rap: true, rh: 0, inputs: 0, wires: [['store']] },
    { id: 'store', type: 'function', z: 'flow', name: '', func: FUNCTION, outputs: 0, timeout: 0, noerr: 0, initialize: '', finalize: '', libs: [], wires: [] },
  ]
}
