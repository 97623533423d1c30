import type { Clock } from '@vigil/contract/clock'
import { drawMessage, drawPage, type Page, pages, type PanelView, screensOf } from './pages.ts'

/** A display of 128 × 64 dots, frames in the order of `Frame.bytes`. Rejects with `SENSOR_BUS_FAULT` when it does not answer. */
export interface Screen {
  show(frame: Uint8Array): Promise<void>
  close(): Promise<void>
}

export type Button = 'measure' | 'menu'

/** The two buttons of a board, already free of bounce. */
export interface Buttons {
  onPress(heard: (button: Button) => void): void
  close(): void
}

/** Something that sounds at the bedside. */
export interface Sounder {
  set(on: boolean): void
}

export interface PanelHardware {
  readonly screen?: Screen | undefined
  readonly buttons?: Buttons | undefined
  readonly sounder?: Sounder | undefined
}

export interface PanelOptions {
  readonly clock: Clock
  readonly hardware: PanelHardware
  /** The measure button was pressed. */
  readonly onMeasure: () => void
  readonly onPress: (button: Button) => void
  readonly log: (event: string, facts: Readonly<Record<string, unknown>>) => void
}

/** What a person at the bedside sees and presses; works without any network. */
export interface Panel {
  readonly hasScreen: boolean
  /** Once a second, with what is known now. */
  update(view: PanelView): void
  /** Shows a text instead of the pages for so long. */
  message(text: string, seconds: number): void
  page(): Page
  close(): Promise<void>
}

/** A page left open goes back to the values: they are what the next person comes for. */
const HOME_AFTER_MS = 30_000

export function createPanel(options: PanelOptions): Panel {
  return new BoardPanel(options)
}

class BoardPanel implements Panel {
  readonly #options: PanelOptions
  #page = 0
  #part = 0
  #pressedMs = Number.NEGATIVE_INFINITY
  #message: { readonly text: string; readonly untilMs: number } | undefined
  #view: PanelView | undefined
  #busy: Promise<void> | undefined
  #failing = false

  constructor(options: PanelOptions) {
    this.#options = options
    options.hardware.buttons?.onPress((button) => this.#press(button))
  }

  get hasScreen(): boolean {
    return this.#options.hardware.screen !== undefined
  }

  page(): Page {
    return pages[this.#page] ?? 'values'
  }

  update(view: PanelView): void {
    this.#view = view
    if (this.#options.clock.monotonic() - this.#pressedMs >= HOME_AFTER_MS) this.#home()
    this.#draw()
  }

  message(text: string, seconds: number): void {
    this.#message = { text, untilMs: this.#options.clock.monotonic() + seconds * 1_000 }
    this.#draw()
  }

  async close(): Promise<void> {
    this.#options.hardware.buttons?.close()
    await this.#busy
    await this.#options.hardware.screen?.close().catch(() => {})
  }

  #press(button: Button): void {
    this.#options.onPress(button)
    if (button === 'measure') this.#options.onMeasure()
    // The first press only takes a message away, so that nobody misses a page.
    else if (this.#shown() !== undefined) this.#message = undefined
    else {
      this.#turn()
      this.#pressedMs = this.#options.clock.monotonic()
    }
    this.#draw()
  }

  #home(): void {
    this.#page = 0
    this.#part = 0
  }

  /** To the next screen of the page, after its last to the next page. */
  #turn(): void {
    this.#part += 1
    if (this.#view && this.#part < screensOf(this.page(), this.#view)) return
    this.#part = 0
    this.#page = (this.#page + 1) % pages.length
  }

  #shown(): string | undefined {
    return this.#message !== undefined && this.#options.clock.monotonic() < this.#message.untilMs ? this.#message.text : undefined
  }

  /** A display slower than the seconds skips one: only the newest picture matters. */
  #draw(): void {
    const { screen } = this.#options.hardware
    if (!screen || !this.#view || this.#busy) return
    const text = this.#shown()
    const frame = text === undefined ? drawPage(this.page(), this.#view, this.#part) : drawMessage(text, this.#view)
    this.#busy = screen
      .show(frame)
      .then(
        () => this.#tell(false),
        (error: unknown) => this.#tell(true, error),
      )
      .finally(() => {
        this.#busy = undefined
      })
  }

  /** Said when it begins and when it is over, not every second. */
  #tell(failing: boolean, error?: unknown): void {
    if (failing === this.#failing) return
    this.#failing = failing
    this.#options.log('display.fault', { ph: failing ? 'start' : 'end', ...(error instanceof Error && { why: error.message }) })
  }
}
