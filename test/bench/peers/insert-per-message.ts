import type { Side } from '../framework/benchmark.ts'
import { type Peer, peerThroughput } from './peer-side.ts'

const MESSAGES = 4_000
const WINDOW = 20

const insertBridge: Peer = (stage, port, databaseUrl) => stage.ours('insert-bridge', 'test/bench/peers/insert-program.ts', {}, [`mqtt://127.0.0.1:${port}`, databaseUrl])

/** Mosquitto and one INSERT per message. */
export function insertPerMessage(devices: number): Side {
  return { name: 'insert', start: (stage) => peerThroughput(stage, insertBridge, { devices, messages: MESSAGES, window: WINDOW }) }
}
