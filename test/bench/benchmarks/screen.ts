import { filterForAll } from '@vigil/contract'
import { pause, systemClock } from '@vigil/program'
import { freePort } from '@vigil/ops/testing'
import { signInToStation } from '../../../ops/src/station-api/station-client.ts'
import type { Benchmark, Contestant, Side } from '../framework/benchmark.ts'
import { startFleet } from '../load/fleet.ts'
import type { Board } from '../load/orders.ts'
import { type OpenScreens, startScreens } from '../load/screens.ts'
import { makeBoards, makeRegistry, startBroker } from '../stage/durable-lane.ts'
import { admitAll, startStation, STATION_PASSWORD } from '../stage/house.ts'
import type { Stage } from '../stage/stage.ts'

const BOARDS = 500
const SCREENS = 20
const SECONDS = 10
/** What was sent last is on the screens by then, or never. */
const LAST_WORDS_MS = 1_000

interface Way {
  readonly port: number
  readonly boards: readonly Board[]
  readonly open: OpenScreens
  /** Processor time of every server program on the way. */
  readonly cpuS: () => number
}

/** Boards at 1 Hz; every screen shows all of them. */
async function watched(stage: Stage, { port, boards, open, cpuS }: Way): Promise<Contestant> {
  const fleet = startFleet(stage)
  await fleet.ask({ do: 'connect', port, boards, receipts: false })
  const screens = startScreens(stage)
  await screens.ask(open)
  return {
    async run() {
      await screens.ask({ do: 'begin' })
      const before = cpuS()
      const { objects } = await fleet.ask({ do: 'pace', perSecond: boards.length, seconds: stage.scaled(SECONDS) })
      await pause(systemClock, LAST_WORDS_MS)
      const heard = await screens.ask({ do: 'tell' })
      const cpuUs = ((cpuS() - before) / heard.deliveries) * 1e6
      return { ...heard, share: heard.deliveries / (objects * SCREENS), cpuUsPerDelivery: cpuUs }
    },
  }
}

const vigil: Side = {
  name: 'vigil',
  async start(stage) {
    const registry = await makeRegistry(stage, BOARDS)
    const wards = await admitAll(registry)
    const { broker, port } = await startBroker(stage, registry)
    const { station, url } = await startStation(stage, registry, port)
    const { token } = await signInToStation({ url, username: 'admin', password: STATION_PASSWORD, clock: systemClock })
    const open: OpenScreens = { do: 'open-live', url: `${url.replace('http', 'ws')}/api/v1/live`, token, wards, screens: SCREENS }
    return watched(stage, { port, boards: registry.boards, open, cpuS: () => broker.cpuS() + station.cpuS() })
  },
}

/** Every page subscribes at the broker itself. */
const mqtt: Side = {
  name: 'mqtt-websocket',
  async start(stage) {
    const [port, webSocketPort] = [await freePort(), await freePort()]
    const aedes = await stage.ours('aedes-websocket', 'test/bench/peers/aedes-websocket-program.ts', {}, [String(port), String(webSocketPort)])
    const open: OpenScreens = { do: 'open-mqtt', url: `ws://127.0.0.1:${webSocketPort}`, filter: filterForAll('tele'), screens: SCREENS }
    return watched(stage, { port, boards: makeBoards(BOARDS), open, cpuS: () => aedes.cpuS() })
  },
}

export const screen: Benchmark = {
  name: 'screen',
  what: `from the board to the screen, ${BOARDS} boards at 1 Hz, ${SCREENS} screens that show all of them`,
  sides: [vigil, mqtt],
  warmUp: 1,
  targets: [
    { says: 'p99 from the board to the screen (ms)', of: 'vigil.p99Ms', atMost: 50 },
    { says: 'processor time for one delivery against MQTT over WebSocket', of: 'vigil.cpuUsPerDelivery', to: 'mqtt-websocket.cpuUsPerDelivery', atMost: 0.35 },
    { says: 'share of all values that reached every screen', of: 'vigil.share', atLeast: 0.999 },
  ],
}
