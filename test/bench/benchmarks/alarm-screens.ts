import mqtt, { type MqttClient } from 'mqtt'
import { WebSocket } from 'ws'
import { type Alarm, type LiveFrame, type LiveRequest, topicOf } from '@vigil/contract'
import { until } from '@vigil/ops/testing'
import { pause, systemClock } from '@vigil/program'
import { signInToStation } from '../../../ops/src/station-api/station-client.ts'
import type { Benchmark, Contestant, Measures, Side } from '../framework/benchmark.ts'
import { quantile } from '../framework/statistics.ts'
import { startFleet } from '../load/fleet.ts'
import type { Board } from '../load/orders.ts'
import { makeRegistry, startBroker } from '../stage/durable-lane.ts'
import { admitAll, startStation, STATION_PASSWORD } from '../stage/house.ts'
import type { Stage } from '../stage/stage.ts'

const BOARDS = 300
/** Boards whose patients desaturate, one after the other. */
const ILL = 20
const SCREENS = 10
const APART_MS = 150
/** How long a value must stay below before desaturation is announced: `contract/src/alarms/rules.ts`. */
const DELAY_MS = 3_000
const CONDITION = 'desat:spo2'
const BEAT_MS = 3_000
const PERIOD_MS = 1_000
const WITHIN_MS = 30_000

/** What every screen has read of one alarm, and when (monotonic). */
class Watchers {
  readonly #seen = new Map<string, { alarm: Alarm; at: number[] }>()

  hear(alarm: Alarm): void {
    const key = `${alarm.deviceId} ${alarm.state}`
    const entry = this.#seen.get(key) ?? { alarm, at: [] }
    entry.at.push(performance.now())
    this.#seen.set(key, entry)
  }

  forget(): void {
    this.#seen.clear()
  }

  /** When the last of the screens had it. */
  async onAll(device: string, state: Alarm['state']): Promise<{ alarm: Alarm; at: readonly number[] }> {
    return until(`${state} of ${device} on all screens`, WITHIN_MS, () => {
      const entry = this.#seen.get(`${device} ${state}`)
      return entry && entry.at.length >= SCREENS ? entry : undefined
    }, 20)
  }
}

/** A board driven value by value. */
async function joinBoard({ id, site, secret }: Board, port: number): Promise<{ say: (spo2: number) => void; leave: () => Promise<void> }> {
  const client: MqttClient = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { clientId: id, username: id, password: secret, protocolVersion: 4 })
  client.stream.on('error', () => undefined)
  let s = 0
  const epoch = Math.trunc(Math.random() * 2 ** 32).toString(16).padStart(8, '0')
  return {
    say: (spo2) => void client.publish(topicOf({ site, device: id }, 'tele'), JSON.stringify({ e: epoch, s: ++s, t: Date.now(), m: { spo2, pr: 72 } }), { qos: 1 }),
    leave: () => client.endAsync(true),
  }
}

/** A ward screen whose sound was heard: it counts as armed and hears alarms. */
function openScreen(url: string, token: string, wards: readonly string[], watchers: Watchers): Promise<WebSocket> {
  const socket = new WebSocket(url, { headers: { authorization: `Bearer ${token}` }, perMessageDeflate: false })
  const { promise, resolve, reject } = Promise.withResolvers<WebSocket>()
  const request: LiveRequest = { type: 'watch', wards: [...wards] }
  socket.on('error', reject)
  socket.on('open', () => {
    socket.send(JSON.stringify(request))
    socket.send(JSON.stringify({ type: 'arm', wards: [...wards], heard: true } satisfies LiveRequest))
    const beat = setInterval(() => socket.send(JSON.stringify({ type: 'armed', audible: true } satisfies LiveRequest)), BEAT_MS)
    socket.on('close', () => clearInterval(beat))
  })
  let wardsHeard = 0
  socket.on('message', (data: Buffer) => {
    const text = data.toString('utf8')
    if (text.startsWith('{"type":"ward"') && ++wardsHeard === wards.length) resolve(socket)
    if (!text.startsWith('{"type":"alarm"')) return
    const frame = JSON.parse(text) as Extract<LiveFrame, { type: 'alarm' }>
    if (frame.alarm.condition === CONDITION) watchers.hear(frame.alarm)
  })
  return promise
}

const vigil: Side = {
  name: 'vigil',
  async start(stage: Stage): Promise<Contestant> {
    const registry = await makeRegistry(stage, BOARDS)
    const wards = await admitAll(registry)
    const { port } = await startBroker(stage, registry)
    const { url } = await startStation(stage, registry, port)
    const { token } = await signInToStation({ url, username: 'admin', password: STATION_PASSWORD, clock: systemClock })
    const fleet = startFleet(stage)
    await fleet.ask({ do: 'connect', port, boards: registry.boards.slice(ILL), receipts: false })
    const ill = await Promise.all(registry.boards.slice(0, ILL).map(async (board) => ({ id: board.id, spo2: 97, belowSince: 0, ...(await joinBoard(board, port)) })))
    const watchers = new Watchers()
    const screens = await Promise.all(Array.from({ length: SCREENS }, () => openScreen(`${url.replace('http', 'ws')}/api/v1/live`, token, wards, watchers)))
    const timer = setInterval(() => { for (const one of ill) one.say(one.spo2) }, PERIOD_MS)
    const acknowledge = async ({ alarm }: { alarm: Alarm }): Promise<number> => {
      const sentAt = performance.now()
      const answer = await fetch(`${url}/api/v1/alarms/${alarm.id}/acknowledgement`, { method: 'POST', headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' }, body: JSON.stringify({ seenVersion: alarm.version }) })
      if (!answer.ok) throw new RangeError(`an acknowledgement got ${answer.status}`)
      const { at } = await watchers.onAll(alarm.deviceId ?? '', 'acknowledged')
      return Math.max(...at.slice(0, SCREENS)) - sentAt
    }
    return {
      async run(): Promise<Measures> {
        watchers.forget()
        const paced = fleet.ask({ do: 'pace', perSecond: BOARDS - ILL, seconds: 12 })
        for (const one of ill) {
          one.spo2 = 74
          one.belowSince = performance.now()
          one.say(one.spo2)
          await pause(systemClock, APART_MS)
        }
        const sounds: number[] = []
        const acknowledgements: number[] = []
        for (const one of ill) {
          const seen = await watchers.onAll(one.id, 'active')
          for (const at of seen.at.slice(0, SCREENS)) sounds.push(at - one.belowSince - DELAY_MS)
          acknowledgements.push(await acknowledge(seen))
          one.spo2 = 97
        }
        await Promise.all(ill.map(({ id }) => watchers.onAll(id, 'cleared')))
        await paced
        return { soundP50Ms: quantile(sounds, 0.5), soundP95Ms: quantile(sounds, 0.95), acknowledgedP50Ms: quantile(acknowledgements, 0.5), acknowledgedP95Ms: quantile(acknowledgements, 0.95), alarms: acknowledgements.length }
      },
      async stop() {
        clearInterval(timer)
        for (const screen of screens) screen.terminate()
        await Promise.all(ill.map(({ leave }) => leave()))
      },
    }
  },
}

export const alarmScreens: Benchmark = {
  name: 'alarms-screens',
  what: `from the first value below the limit to an armed screen beyond the alarm's own delay, and from an acknowledgement to all ${SCREENS} screens, at ${BOARDS} boards of 1 Hz`,
  sides: [vigil],
  warmUp: 1,
  targets: [
    { says: 'p95 from the onset to the sound, beyond the delay (ms)', of: 'vigil.soundP95Ms', atMost: 1_000 },
    { says: 'p95 until an acknowledgement is on every screen (ms)', of: 'vigil.acknowledgedP95Ms', atMost: 500 },
  ],
}
