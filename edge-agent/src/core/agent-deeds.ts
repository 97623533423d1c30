import { AppError } from '@vigil/contract/errors'
import type { Answer, BoardDeeds } from '../commands/base-commands.ts'
import type { BoardControls } from './agent-ports.ts'
import type { AgentTime } from './agent-time.ts'
import type { Calibration } from './calibration.ts'
import type { SensorStation } from './sensor-station.ts'
import type { Waves } from './waves.ts'

export interface DeedsOptions {
  readonly time: AgentTime
  readonly station: SensorStation
  readonly waves: Waves
  readonly calibration: Calibration | undefined
  readonly controls: BoardControls
  readonly measureNow: () => Promise<Answer>
  /** Facts of the self test that are not about sensors. */
  readonly health: () => Readonly<Record<string, unknown>>
}

/** A reply must fit a small message; the newest lines win. */
const MOST_LOG_CHARACTERS = 8_000

/** What the commands do to this board. */
export function agentDeeds({ time, station, waves, calibration, controls, measureNow, health }: DeedsOptions): BoardDeeds {
  return {
    measureNow,
    async selfTest() {
      const parts = await station.selfTest()
      const wrong = parts.filter(({ why }) => why !== undefined)
      if (parts.length === 0) throw cannot('No sensor answers. Check plugs and supply.')
      if (wrong.length > 0) throw cannot(`${wrong.length} of ${parts.length} sensors do not pass: ${wrong.map(({ model, address, why }) => `${model} at 0x${address.toString(16)}: ${why}`).join('; ')}`)
      return { sensors: parts.map(({ model, address }) => `${model}@0x${address.toString(16)}`), ...health() }
    },
    async setTime(serverMs) {
      const before = time.now()
      if (serverMs === undefined && time.serverNow() === undefined) throw cannot('The server has not told its time yet: give t.')
      if (serverMs !== undefined) time.beTold(serverMs)
      const now = time.now()
      return { source: time.source(), ...(now !== undefined && { t: now }), ...(before !== undefined && now !== undefined && { changedMs: now - before }) }
    },
    async restart() {
      if (!controls.restart) throw cannot('It cannot restart itself.')
      controls.restart()
      // The end of the process ends this; after the start the command counts as done.
      return new Promise<Answer>(() => {})
    },
    async readLog(lines) {
      const all = controls.readLog?.(lines) ?? []
      const kept: string[] = []
      let characters = 0
      for (const line of all.toReversed()) {
        characters += line.length
        if (characters > MOST_LOG_CHARACTERS) break
        kept.unshift(line)
      }
      return { lines: kept, omitted: all.length - kept.length }
    },
    async streamWave(channel, seconds) {
      if (!waves.stream(channel, seconds)) throw cannot(`No sensor gives ${channel}.`)
      return { channel, seconds }
    },
    async display(text) {
      if (!controls.display) throw cannot('This board has no display.')
      controls.display(text)
      return { text }
    },
    async calibrate(signal, reference) {
      if (!calibration) throw cannot('This board takes no calibration.')
      return calibration.calibrate(signal, reference)
    },
  }
}

const cannot = (why: string): AppError => new AppError('INVALID_REQUEST', why)
