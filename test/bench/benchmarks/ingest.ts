import type { Benchmark, Target } from '../framework/benchmark.ts'
import { rawCopy } from '../peers/copy.ts'
import { httpPosts } from '../peers/http-posts.ts'
import { insertPerMessage } from '../peers/insert-per-message.ts'
import { nodeRed } from '../peers/node-red.ts'
import { type Load, throughMosquitto, throughOurBroker } from './ingest-sides.ts'

const single: Load = { devices: 50, messages: 180_000, batch: 1 }
const many: Load = { ...single, devices: 500 }
const batches: Load = { devices: 50, messages: 45_000, batch: 10 }

const singles: readonly Target[] = [
  { says: 'objects/s against raw COPY of the same rows', of: 'vigil.perSecond', to: 'copy.perSecond', atLeast: 0.15 },
  { says: 'objects/s against Node-RED', of: 'vigil.perSecond', to: 'node-red.perSecond', atLeast: 12 },
  { says: 'objects/s against one INSERT per message', of: 'vigil.perSecond', to: 'insert.perSecond', atLeast: 30 },
]

export const ingest: readonly Benchmark[] = [
  {
    name: 'ingest-50',
    what: 'single-sample QoS 1 messages of 50 boards, from the board to committed with receipt',
    warmUp: 5,
    sides: [throughOurBroker(single), rawCopy(50), nodeRed(50), insertPerMessage(50), httpPosts({ stations: 50, posts: 4_000, batch: 1 })],
    targets: [...singles, { says: 'objects/s against an HTTP POST per object', of: 'vigil.perSecond', to: 'http.perSecond', atLeast: 12 }],
  },
  {
    name: 'ingest-500',
    what: 'the same of 500 boards',
    warmUp: 5,
    sides: [throughOurBroker(many), rawCopy(500), nodeRed(500), insertPerMessage(500)],
    targets: singles,
  },
  {
    name: 'ingest-mosquitto',
    what: 'the same of 50 boards through Mosquitto',
    warmUp: 5,
    sides: [throughMosquitto(single), rawCopy(50)],
    targets: [{ says: 'objects/s against raw COPY of the same rows', of: 'mosquitto.perSecond', to: 'copy.perSecond', atLeast: 0.2 }],
  },
  {
    name: 'ingest-batches',
    what: 'ten samples in each message, of 50 boards',
    warmUp: 5,
    sides: [throughOurBroker(batches), rawCopy(50), httpPosts({ stations: 50, posts: 2_000, batch: 10 })],
    targets: [
      { says: 'objects/s against raw COPY of the same rows', of: 'vigil.perSecond', to: 'copy.perSecond', atLeast: 0.45 },
      { says: 'objects/s against an HTTP POST per batch', of: 'vigil.perSecond', to: 'http.perSecond', atLeast: 10 },
    ],
  },
]
