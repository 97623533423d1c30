import type { Clock, Stop } from '@vigil/contract/clock'
import type { DeviceMode } from '@vigil/contract/messages/state'
import type { Priority } from '@vigil/contract/alarms/vocabulary'
import type { AlarmConfirmation } from '@vigil/contract/messages/alarm'
import type { LocalAlarmWhen } from '../commands/config-keys.ts'
import type { Second } from '../core/patient-events.ts'
import { createLocalAlarm, type LocalAlarmNow, type LocalLimits } from './local-alarm.ts'
import { createPanel, type Panel, type PanelHardware } from './panel.ts'
import { conditionInWords, wordsFor } from './words.ts'

/** What the bedside may ask of the agent. */
export interface BedsideBoard {
  measureNow(): void
  record(event: { readonly ev: string; readonly ph: 'start' | 'end' | 'once'; readonly src: string }): void
}

/** What the agent tells the bedside each second. */
export interface BedsideSecond {
  readonly second: Second
  readonly connected: boolean
  /** The server has confirmed the time since the start. */
  readonly timeProven: boolean
  readonly why: string | undefined
  readonly unsent: number
  /** Objects that had to make room before they were stored. */
  readonly dropped: number
  readonly sensors: number
  readonly faults: readonly string[]
  /** Configuration the board runs with; its `limits` are watched here. */
  readonly config: Readonly<Record<string, unknown>>
}

/** Display, buttons, buzzer and the board's own alarm: everything that works beside the patient with no network at all. */
export interface Bedside {
  readonly hasScreen: boolean
  /** The board's own alarms, as of the last second. */
  readonly alarms: Pick<LocalAlarmNow, 'open' | 'sounding'>
  attach(board: BedsideBoard): void
  second(now: BedsideSecond): void
  confirmed(confirmation: AlarmConfirmation): void
  /** Shows a text for so long. */
  message(text: string, seconds: number): void
  /** What the buzzer does: the rhythm of a priority, or one long tone for a person who looks for the board. */
  readonly sounds: Priority | 'call' | undefined
  /** Shows and sounds where the board is, for a person who looks for it. */
  call(on: boolean): void
  close(): Promise<void>
}

export interface BedsideOptions {
  readonly clock: Clock
  readonly hardware: PanelHardware
  readonly identity: { readonly device: string; readonly site: string; readonly mode: DeviceMode; readonly firmware: string }
  readonly log: (event: string, facts: Readonly<Record<string, unknown>>) => void
}

/**
 * Pulses of a buzzer that knows only on and off, after IEC 60601-1-8: ten in a burst for a high priority, three for a medium,
 * one for a low; then a pause. In milliseconds, on and off in turn.
 */
const pulse = (count: number, onMs: number, offMs: number, pauseMs: number): number[] => Array.from({ length: 2 * count }, (_, i) => (i % 2 === 0 ? onMs : i === 2 * count - 1 ? pauseMs : offMs))
const rhythms: Readonly<Record<Priority, readonly number[]>> = { high: pulse(10, 150, 150, 3_000), medium: pulse(3, 200, 200, 6_000), low: pulse(1, 200, 200, 15_000) }

const LONGEST_CALL_S = 60

export function createBedside(options: BedsideOptions): Bedside {
  return new BoardBedside(options)
}

class BoardBedside implements Bedside {
  readonly #options: BedsideOptions
  readonly #panel: Panel
  readonly #alarm = createLocalAlarm()
  #alarms: Pick<LocalAlarmNow, 'open' | 'sounding'> = { open: [], sounding: [] }
  #board: BedsideBoard | undefined
  #words = wordsFor(undefined)
  #called = false
  #rhythm: Priority | undefined
  #stopRhythm: Stop = () => {}

  constructor(options: BedsideOptions) {
    this.#options = options
    const { clock, hardware, log } = options
    this.#panel = createPanel({
      clock,
      hardware,
      log,
      onMeasure: () => this.#board?.measureNow(),
      onPress: (button) => this.#pressed(button),
    })
  }

  get hasScreen(): boolean {
    return this.#panel.hasScreen
  }

  get alarms(): Pick<LocalAlarmNow, 'open' | 'sounding'> {
    return this.#alarms
  }

  attach(board: BedsideBoard): void {
    this.#board = board
  }

  second({ second, connected, timeProven, why, unsent, dropped, sensors, faults, config }: BedsideSecond): void {
    const atMs = this.#options.clock.monotonic()
    const { open, sounding, changes } = this.#alarm.second(second, (config['limits'] ?? {}) as LocalLimits, atMs, config['local_alarm'] as LocalAlarmWhen | undefined)
    for (const { condition, ph } of changes) this.#board?.record({ ev: 'local_alarm', ph, src: condition.replace(':', '_') })
    this.#alarms = { open, sounding }
    this.#sound(sounding[0]?.priority)
    const [worst] = open
    const words = wordsFor(config['language'])
    this.#words = words
    this.#panel.update({ ...this.#options.identity, latest: second, connected, timeProven, why: why ?? '', unsent, dropped, sensors, faults, words, ...(worst && { alarm: conditionInWords(worst.condition, words) }) })
  }

  confirmed(confirmation: AlarmConfirmation): void {
    this.#alarm.confirmed(confirmation, this.#options.clock.monotonic())
  }

  message(text: string, seconds: number): void {
    this.#panel.message(text, seconds)
  }

  get sounds(): Priority | 'call' | undefined {
    return this.#rhythm ?? (this.#called ? 'call' : undefined)
  }

  call(on: boolean): void {
    this.#called = on
    if (this.#rhythm === undefined) this.#options.hardware.sounder?.set(on)
    this.#panel.message(`${this.#words.here} ${this.#options.identity.device}`, on ? LONGEST_CALL_S : 0)
  }

  async close(): Promise<void> {
    this.#quiet()
    await this.#panel.close()
  }

  /** Whoever stands at the board has heard it. */
  #pressed(button: string): void {
    if (this.#rhythm !== undefined) this.#alarm.hush(this.#options.clock.monotonic())
    this.#quiet()
    this.#board?.record({ ev: 'button', ph: 'once', src: button })
  }

  /** A tone that calls a person ends too: a buzzer goes on by itself until it is told. */
  #quiet(): void {
    this.#called = false
    this.#sound(undefined)
    this.#options.hardware.sounder?.set(false)
  }

  #sound(priority: Priority | undefined): void {
    if (priority === this.#rhythm) return
    this.#rhythm = priority
    this.#stopRhythm()
    this.#options.hardware.sounder?.set(false)
    if (priority) this.#play(rhythms[priority], 0)
  }

  #play(rhythm: readonly number[], at: number): void {
    this.#options.hardware.sounder?.set(at % 2 === 0)
    this.#stopRhythm = this.#options.clock.after(rhythm[at] ?? 1_000, () => this.#play(rhythm, (at + 1) % rhythm.length))
  }
}
