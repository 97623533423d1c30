import { ref, shallowRef, type Ref } from 'vue'
import type { BreakGlass } from '@vigil/contract/api/break-glass'
import type { CommandRecord, DeviceConfig } from '@vigil/contract/api/devices'
import type { LiveFrame } from '@vigil/contract/api/live'
import { unpackLiveWave } from '@vigil/contract/api/live-wire'
import type { Clock, Stop } from '@vigil/contract/clock'
import { decodeWaveFrame } from '@vigil/contract/messages/waveform'
import { createAlarmState, type AlarmState } from './alarm-state.ts'
import { createDeviceState, type DeviceState } from './device-state.ts'
import { LiveLink, type LinkPhase } from './live-link.ts'
import { createServerTime, type ServerTime } from './server-time.ts'
import type { OpenSocket } from './socket.ts'
import { createWardState, type WardState } from './ward-state.ts'
import { createWatches, type Wants } from './watches.ts'
import { highPassHzOf } from './high-pass.ts'
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
  readonly alarms: AlarmState
  readonly devices: DeviceState
  readonly serverTime: ServerTime
  readonly phase: Readonly<Ref<LinkPhase>>
  /** `away`: values are live but not being stored. */
  readonly durable: Readonly<Ref<'ok' | 'away'>>
  /** Why the server refused what this screen asked to watch, in its words. */
  readonly refused: Readonly<Ref<string | undefined>>
  /** Whether the server counts this screen as one where alarms are heard. */
  readonly armed: Readonly<Ref<boolean>>
  /** Wards opened in an emergency, told to whoever is in charge of them. */
  readonly opened: Readonly<Ref<readonly BreakGlass[]>>
  /** Goes up when the list of what the hospital proposes changed. */
  readonly proposals: Readonly<Ref<number>>
  /** A person heard the test sound here: alarms of these wards are heard on this screen from now on. */
  arm(wards: readonly string[]): void
  /** Said again and again while armed; silence or `false` disarms. */
  stillArmed(audible: boolean): void
  disarm(): void
  start(): void
  stop(): void
  retryNow(): void
  watch(wants: Wants): Stop
  wave(device: string, channel: string): WaveBuffer
  onCommand(hear: (command: CommandRecord) => void): Stop
  onConfig(hear: (device: string, config: DeviceConfig) => void): Stop
}

export function createLive(options: LiveOptions): Live {
  const state = { wards: createWardState(), alarms: createAlarmState(), devices: createDeviceState() }
  const serverTime = createServerTime(options.clock)
  const phase = shallowRef<LinkPhase>('stopped')
  const said = { durable: ref<'ok' | 'away'>('ok'), refused: ref<string>(), armed: ref(false), opened: shallowRef<readonly BreakGlass[]>([]), proposals: ref(0) }
  const ears = { commands: createEar<[CommandRecord]>(), configs: createEar<[string, DeviceConfig]>() }
  const waves = createWaves()

  const link = new LiveLink({
    clock: options.clock,
    openSocket: options.openSocket,
    random: options.random,
    onLost: options.onLost,
    onPhase(next) {
      phase.value = next
      if (next === 'connecting') serverTime.reset()
      // Until the server says so again, nobody counts on this screen.
      if (next !== 'open') {
        said.armed.value = false
        state.alarms.lost()
      }
    },
    onFrame(frame) {
      serverTime.observe(frame.serverTimeMs)
      take(frame, state, said, ears)
      options.onHeard()
    },
    onBytes(bytes) {
      waves.take(bytes)
      options.onHeard()
    },
  })
  const watches = createWatches((request) => {
    // What was refused before is answered anew with the new question.
    said.refused.value = undefined
    state.alarms.setWanted(request.wards ?? [])
    link.keep(request)
  })

  return {
    ...state, ...said, serverTime, phase,
    start: () => link.start(),
    stop: () => link.stop(),
    retryNow: () => link.retryNow(),
    watch: (wants) => watches.add(wants),
    arm: (wardIds) => link.keep({ type: 'arm', wards: [...wardIds], heard: true }),
    stillArmed: (audible) => link.say({ type: 'armed', audible }),
    disarm() {
      link.forget('arm')
      link.say({ type: 'disarm' })
      said.armed.value = false
    },
    wave: waves.of,
    onCommand: ears.commands.hear,
    onConfig: ears.configs.hear,
  }
}

interface Said {
  readonly durable: Ref<'ok' | 'away'>
  readonly refused: Ref<string | undefined>
  readonly armed: Ref<boolean>
  readonly opened: Ref<readonly BreakGlass[]>
  readonly proposals: Ref<number>
}
interface Ears {
  readonly commands: Ear<[CommandRecord]>
  readonly configs: Ear<[string, DeviceConfig]>
}

/** Each frame goes to what it is about; a type this version does not know is left out. */
function take(frame: LiveFrame, { wards, alarms, devices }: Pick<Live, 'wards' | 'alarms' | 'devices'>, { durable, refused, armed, opened, proposals }: Said, { commands, configs }: Ears): void {
  switch (frame.type) {
    case 'hello':
    case 'heartbeat': durable.value = frame.durable; break
    case 'ward': wards.setWard(frame.ward); alarms.setWard(frame.ward); break
    case 'bed': wards.setBed(frame.wardId, frame.bed); alarms.setBed(frame.wardId, frame.bed); break
    case 'values': for (const delta of frame.devices) { wards.applyDelta(delta); devices.apply(delta) } break
    case 'command': commands.tell(frame.command); break
    case 'config': configs.tell(frame.device, frame.config); break
    case 'refused': refused.value = frame.problem.detail; break
    case 'proposals': proposals.value++; break
    case 'glass': opened.value = frame.grants; break
    default: takeAlarm(frame, alarms, armed)
  }
}

function takeAlarm(frame: LiveFrame, alarms: AlarmState, armed: Ref<boolean>): void {
  switch (frame.type) {
    case 'alarm': alarms.setAlarm(frame.alarm); break
    case 'audio': alarms.setAudio(frame.stayId, frame.audio); break
    case 'monitoring': alarms.setMonitoring(frame.stayId, frame.monitoring); break
    case 'news2': alarms.setNews2(frame.stayId, frame.news2); break
    case 'alarm_watch': alarms.setWatch(frame.watch); break
    case 'armed': armed.value = frame.armed; break
    default: break
  }
}

interface Ear<A extends unknown[]> {
  readonly tell: (...args: A) => void
  readonly hear: (ear: (...args: A) => void) => Stop
}

function createEar<A extends unknown[]>(): Ear<A> {
  const ears = new Set<(...args: A) => void>()
  return {
    tell: (...args) => { for (const ear of ears) ear(...args) },
    hear: (ear) => {
      ears.add(ear)
      return () => ears.delete(ear)
    },
  }
}

function createWaves() {
  const buffers = new Map<string, Map<string, WaveBuffer>>()
  const of = (device: string, channel: string): WaveBuffer => {
    const channels = buffers.get(device) ?? new Map<string, WaveBuffer>()
    buffers.set(device, channels)
    const buffer = channels.get(channel) ?? createWaveBuffer({ highPassHz: highPassHzOf(channel) })
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
