import { createBoard } from '../../esp/board.ts'
import type { Ecma419Mqtt, Ecma419MqttOptions, MqttWrite } from '../../esp/moddable.ts'
import { moddableClock } from '../../esp/moddable-clock.ts'

/** What an engine without Node needs from outside, in numbers, texts and buffers only. Answers `undefined` where a bus says no. */
export interface EngineHost {
  readonly i2cWrite: (address: number, bytes: ArrayBuffer) => boolean | undefined
  readonly i2cRead: (address: number, count: number) => ArrayBuffer | undefined
  readonly setTimer: (id: number, delayMs: number) => void
  readonly repeatTimer: (id: number, intervalMs: number) => void
  readonly clearTimer: (id: number) => void
  readonly ticks: () => number
  readonly mqttOpen: (host: string, will: string) => void
  readonly mqttWrite: (topic: string, text: string, id: number) => void
  readonly heard: (event: string) => void
}

/** What is called from outside. */
export interface EngineBoard {
  readonly fire: (timerId: number) => void
  readonly mqttControl: (operation: number, id: number) => void
  readonly mqttMessage: (topic: string, text: string) => void
  readonly status: () => string
}

const ROOM = 65_536

function encode(text: string): ArrayBuffer {
  const bytes = unescape(encodeURIComponent(text))
  return Uint8Array.from({ length: bytes.length }, (_, i) => bytes.charCodeAt(i)).buffer
}
function decode(bytes: ArrayBuffer): string {
  let text = ''
  for (const byte of new Uint8Array(bytes)) text += String.fromCharCode(byte)
  return decodeURIComponent(escape(text))
}

/** Numbers that are the same in every engine. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** The board program over fakes of Moddable's modules, so that any engine can run it. */
export function startEngine(host: EngineHost): EngineBoard {
  const timers = new Map<number, () => void>()
  const preferences = new Map<string, string>()
  let lastTimer = 0
  let mqtt: Ecma419MqttOptions | undefined
  let incoming: ArrayBuffer | undefined

  const timer = (run: () => void, ms: number, start: (id: number, ms: number) => void): number => {
    lastTimer += 1
    timers.set(lastTimer, run)
    start(lastTimer, ms)
    return lastTimer
  }
  class I2C {
    readonly #address: number
    constructor(options: Record<string, unknown>) {
      this.#address = Number(options['address'])
    }
    read(into: number | Uint8Array): Uint8Array {
      const bytes = typeof into === 'number' ? new Uint8Array(into) : into
      const read = host.i2cRead(this.#address, bytes.length)
      if (!read) throw new TypeError('no acknowledge')
      bytes.set(new Uint8Array(read))
      return bytes
    }
    write(bytes: Uint8Array): void {
      if (!host.i2cWrite(this.#address, bytes.slice().buffer)) throw new TypeError('no acknowledge')
    }
    close(): void {}
  }
  const connect = (options: Ecma419MqttOptions): Ecma419Mqtt => {
    mqtt = options
    host.mqttOpen(options.host, decode(options.will.message))
    const write = (data: ArrayBuffer | null, { topic = '', QoS = 0, id = 0, operation = 0 }: MqttWrite = {}): number => {
      if (data && QoS > 0) host.mqttWrite(topic, decode(data), id)
      else if (operation > 0) host.mqttWrite('', String(operation), id)
      return ROOM
    }
    return { write, read: () => incoming, close: () => {} }
  }
  const board = createBoard({
    settings: { ssid: 'ward', password: '', host: 'server', port: 8883, site: 'main', device: 'board-1', secret: 's', breathing: 'ventilated' },
    clock: moddableClock({
      timer: {
        set: (run, ms) => timer(run, ms, host.setTimer),
        repeat: (run, ms) => timer(run, ms, host.repeatTimer),
        clear: (id) => {
          timers.delete(id as number)
          host.clearTimer(id as number)
        },
      },
      time: { get ticks() { return host.ticks() | 0 } },
      now: () => 1_772_362_800_000 + host.ticks(),
    }),
    random: seeded(4),
    I2C,
    pins: { data: 21, clock: 22 },
    connect,
    preference: { get: (_, key) => preferences.get(key), set: (_, key, value) => void preferences.set(key, value), delete: (_, key) => void preferences.delete(key) },
    utf8: { encode, decode },
    indicator: { kind: 'LED', set: (on) => host.heard(on ? 'led on' : 'led off') },
    hardware: 'engine',
    mode: 'test',
    spoolCapacity: 120,
    log: (event) => host.heard(event),
  })
  board.start().catch((error: unknown) => host.heard(`start failed: ${String(error)}`))

  return {
    fire: (id) => timers.get(id)?.(),
    mqttControl(operation, id) {
      mqtt?.onControl({ operation, id })
      if (operation === 2) mqtt?.onWritable(ROOM)
    },
    mqttMessage(topic, text) {
      incoming = encode(text)
      mqtt?.onReadable(incoming.byteLength, { topic, more: false })
    },
    status: () => JSON.stringify(board.status()),
  }
}
