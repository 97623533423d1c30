import { ref, shallowRef, type Ref } from 'vue'
import type { CommandRecord, DeviceConfig } from '@vigil/contract/api/devices'
import type { LiveFrame } from '@vigil/contract/api/live'
import { unpackLiveWave } from '@vigil/contract/api/live-wire'
import type { Clock, Stop } from '@vigil/contract/clock'
import { decodeWaveFrame } from '@vigil/contract/messages/waveform'
import { createDeviceState, type DeviceState } from './device-state.ts'
import { LiveLink, type LinkPhase } from './live-link.ts'
import { createServerTime, type ServerTime } from './server-time.ts'
import { type OpenSocket } from './socket.ts'
import { createWardState, type WardState } from './ward-state.ts'
import { createWatches, type Wants } from './watches.ts'
import { createWaveBuffer, type WaveBuffer } from './wave-buffer.ts'

export interface LiveOptions {
  readonly clock: Clock
  readonly openSocket: OpenSocket
  readonly random: () => number
  /** The connection was lost or refused. */
  readonly onLost: () => void
  /** Anything at all came from the server. */
  readonly onHeard: () => void
}

/** Everything the screen knows live. */
export interface Live {
  readonly wards: WardState
  readonly devices: DeviceState
  readonly serverTime: ServerTime
  readonly phase: Readonly<Ref<LinkPhase>>
  /** `away`: values are live but not being stored. */
  readonly durable: Readonly<Ref<'ok' | 'away'>>
  /** Why the server refused what this screen asked to watch, in its words. */
  readonly refused: Readonly<Ref<string | undefined>>
  start(): void
  stop(): void
  retryNow(): void
  watch(wants: Wants): Stop
  wave(device: string, channel: string): WaveBuffer
  onCommand(hear: (command: CommandRecord) => void): Stop
  onConfig(hear: (device: string, config: DeviceConfig) => void): Stop
}

export function createLive(options: LiveOptions): Live {
  const wards = createWardState()
  const devices = createDeviceState()
  const serverTime = createServerTime(options.clock)
  const phase = shallowRef<LinkPhase>('stopped')
  const durable = ref<'ok' | 'away'>('ok')
  const refused = ref<string>()
  const commands = createEar<[CommandRecord]>()
  const configs = createEar<[string, DeviceConfig]>()
  const waves = createWaves()

  const link = new LiveLink({
    clock: options.clock,
    openSocket: options.openSocket,
    random: options.random,
    onLost: options.onLost,
    onPhase(next) {
      phase.value = next
      if (next === 'connecting') serverTime.reset()
    },
    onFrame(frame) {
      serverTime.observe(frame.serverTimeMs)
      take(frame)
      options.onHeard()
    },
    onBytes(bytes) {
      waves.take(bytes)
      options.onHeard()
    },
  })
  const watches = createWatches((request) => {
    // What was refused before is answered anew with the new question.
    refused.value = undefined
    link.watch(request)
  })

  function take(frame: LiveFrame): void {
    switch (frame.type) {
      case 'hello':
      case 'heartbeat': durable.value = frame.durable; break
      case 'ward': wards.setWard(frame.ward); break
      case 'bed': wards.setBed(frame.wardId, frame.bed); break
      case 'values': for (const delta of frame.devices) { wards.applyDelta(delta); devices.apply(delta) } break
      case 'command': commands.tell(frame.command); break
      case 'config': configs.tell(frame.device, frame.config); break
      case 'refused': refused.value = frame.problem.detail; break
    }
  }

  return {
    wards, devices, serverTime, phase, durable, refused,
    start: () => link.start(),
    stop: () => link.stop(),
    retryNow: () => link.retryNow(),
    watch: (wants) => watches.add(wants),
    wave: waves.of,
    onCommand: commands.hear,
    onConfig: configs.hear,
  }
}

function createEar<A extends unknown[]>() {
  const ears = new Set<(...args: A) => void>()
  return {
    tell: (...args: A) => { for (const ear of ears) ear(...args) },
    hear: (ear: (...args: A) => void): Stop => {
      ears.add(ear)
      return () => ears.delete(ear)
    },
  }
}

/** Light through tissue wanders with posture and breathing, far more than with the pulse that is looked for. */
const PLETH_HIGH_PASS_HZ = 0.4

function createWaves() {
  const buffers = new Map<string, Map<string, WaveBuffer>>()
  const of = (device: string, channel: string): WaveBuffer => {
    const channels = buffers.get(device) ?? new Map<string, WaveBuffer>()
    buffers.set(device, channels)
    const buffer = channels.get(channel) ?? createWaveBuffer({ highPassHz: channel.startsWith('pleth') ? PLETH_HIGH_PASS_HZ : undefined })
    channels.set(channel, buffer)
    return buffer
  }
  return {
    of,
    take(bytes: Uint8Array): void {
      const packed = unpackLiveWave(bytes)
      const frame = packed && decodeWaveFrame(packed.frame)
      if (packed && frame) of(packed.device, packed.channel).push(frame)
    },
  }
}
