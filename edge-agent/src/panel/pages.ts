import { wireSignals } from '@vigil/contract/catalogue'
import type { DeviceMode } from '@vigil/contract/messages/state'
import type { Measurement } from '../core/measurement.ts'
import { createFrame, type Frame, HEIGHT, WIDTH } from './frame.ts'
import { type DisplayWords, displayWords } from './words.ts'

/** What the panel knows: nothing of the patient but the values themselves. */
export interface PanelView {
  /** The board's own name; never a person's. */
  readonly device: string
  readonly site: string
  readonly mode: DeviceMode
  readonly firmware: string
  readonly latest: Measurement
  readonly connected: boolean
  /** The server has confirmed the time since the start. */
  readonly timeProven: boolean
  /** Why there is no connection, in a few words. */
  readonly why: string
  /** Objects that no receipt covers yet. */
  readonly unsent: number
  /** Objects that had to make room before they were stored. */
  readonly dropped: number
  readonly sensors: number
  readonly faults: readonly string[]
  readonly words: DisplayWords
  /** The condition the board sounds for, in words of the ward. */
  readonly alarm?: string | undefined
}

export const pages = ['values', 'quality', 'connection', 'identity'] as const
export type Page = (typeof pages)[number]

const LINE = 8
const FIRST_LINE_Y = 11
const COLUMNS = 21
/** Where the alarm's band begins; what matters of a page stands above it. */
const BANNER_Y = HEIGHT - 10
const lineCount = ({ alarm }: PanelView): number => (alarm === undefined ? 6 : 5)

interface Shown {
  readonly signal: string
  readonly label: string
  readonly decimals: number
}
/** The four values a nurse looks for, where they are on every screen. In one place the first signal that the board has. */
const tiles: readonly (readonly [Shown, ...Shown[]])[] = [
  [{ signal: 'pr', label: 'PR /MIN', decimals: 0 }],
  [{ signal: 'spo2', label: 'SPO2 %', decimals: 0 }],
  [{ signal: 'rr', label: 'RR /MIN', decimals: 0 }, { signal: 'rrppg', label: 'RRPPG /MIN', decimals: 0 }],
  [{ signal: 'temp', label: 'T °C', decimals: 1 }, { signal: 'tcore', label: 'TCORE °C', decimals: 1 }, { signal: 'tskin', label: 'TSKIN °C', decimals: 1 }],
]
/** Tighter when an alarm takes the foot: the value it is about may be in the lower row. */
const layout = { usual: { top: 11, row: 27, value: 10 }, alarm: { top: 9, row: 23, value: 8 } } as const

const draw: Readonly<Record<Page, (frame: Frame, view: PanelView, part: number) => void>> = {
  values(frame, { latest: { m, x, q }, alarm, words }) {
    const { top, row, value: below } = layout[alarm === undefined ? 'usual' : 'alarm']
    tiles.forEach((choice, i) => {
      const { signal, label, decimals } = choice.find((one) => m[one.signal] !== undefined) ?? choice.find((one) => x[one.signal] !== undefined) ?? choice[0]
      const left = (i % 2) * (WIDTH / 2)
      const y = top + Math.floor(i / 2) * row
      const value = m[signal]
      const reason = x[signal]
      frame.text(left, y, label)
      frame.text(left, y + below, value === undefined ? '--' : value.toFixed(decimals), { scale: 2 })
      if (value === undefined && reason !== undefined) frame.text(left + 26, y + below + 7, words.reasons[reason] ?? '?')
      if (value !== undefined && q[signal] !== undefined) frame.text(left + 54, y + below, '?')
    })
  },
  quality(frame, view, part) {
    const { latest, words } = view
    const names = namesIn(latest)
    lines(frame, view, names.length === 0 ? [words.noSensors] : names.slice(part * lineCount(view)).map((name) => qualityLine(name, latest, words)))
  },
  connection(frame, view) {
    const { connected, timeProven, why, unsent, dropped, words } = view
    const stored = unsent > 0 ? words.nothingLost : words.allStored
    // The reason is a sentence of the agent, which it has in English only.
    const reason = connected || words !== displayWords.en ? [] : wrapped(why)
    lines(frame, view, [connected ? words.connected : words.notConnected, `${words.waiting} ${unsent}`, dropped > 0 ? `${words.givenUp} ${dropped}` : stored, ...(timeProven ? [] : [words.clockUnsure]), ...reason])
  },
  identity(frame, view) {
    const { device, site, mode, firmware, sensors, faults, words } = view
    const name = `${words.board} ${device}`
    const state = sensors === 0 ? [words.noSensors] : faults.length > 0 ? wrapped(`${words.fault} ${faults.join(' ')}`).slice(0, 2) : [words.allWork]
    lines(frame, view, [...(name.length > COLUMNS ? wrapped(device) : [name]), `${words.site} ${shortened(site, COLUMNS - words.site.length - 1)}`, ...state, `${words.sensors} ${sensors}`, `${words.version} ${firmware}`, `${words.mode} ${mode}`])
  },
}

/** In the order of the catalogue, so that a line stays where it is when its value goes. */
const namesIn = ({ m, x }: Measurement): string[] => [...new Set([...Object.keys(m), ...Object.keys(x)])].sort((a, b) => rank(a) - rank(b))
const catalogue = Object.keys(wireSignals)
const rank = (name: string): number => catalogue.indexOf(name)

function qualityLine(name: string, { m, q, x, sq }: Measurement, words: DisplayWords): string {
  const value = m[name]
  const reason = x[name]
  if (value === undefined) return `${name.padEnd(6)}${'--'.padStart(6)} ${reason === undefined ? '' : (words.reasons[reason] ?? reason)}`
  const question = q[name]
  const remark = question === undefined ? (sq[name] === undefined ? '' : `Q ${Math.round(sq[name])}`) : words.questions[question]
  return `${name.padEnd(6)}${Number(value.toFixed(1)).toString().padStart(6)} ${remark}`
}

/** Screens that a page has, one after the other; signals do not all fit on one. */
export function screensOf(page: Page, view: PanelView): number {
  return page === 'quality' ? Math.max(1, Math.ceil(namesIn(view.latest).length / lineCount(view))) : 1
}

/** The page as the display shows it: the head says where one is and whether the centre hears, whatever the page. @param part from 0, of `screensOf` */
export function drawPage(page: Page, view: PanelView, part = 0): Uint8Array {
  const frame = createFrame()
  head(frame, view)
  draw[page](frame, view, part)
  if (view.alarm !== undefined) banner(frame, view.alarm)
  return frame.bytes
}

/** A text sent from the centre, or the answer to "which board is it": alone on the display, as large as it fits. */
export function drawMessage(text: string, view: PanelView): Uint8Array {
  const frame = createFrame()
  head(frame, view)
  const large = wrapped(text, Math.floor(COLUMNS / 2))
  const isLarge = large.length <= lineCount(view) / 2 && text.trim().split(/\s+/).every((word) => word.length <= COLUMNS / 2)
  const shown = isLarge ? large : wrapped(text)
  const scale = isLarge ? 2 : 1
  const room = (view.alarm === undefined ? HEIGHT : BANNER_Y) - FIRST_LINE_Y
  const from = FIRST_LINE_Y + Math.max(0, Math.floor((room - shown.length * LINE * scale) / 2))
  shown.slice(0, lineCount(view)).forEach((line, i) => frame.text(WIDTH / 2, from + i * LINE * scale, line, { scale, align: 'centre' }))
  if (view.alarm !== undefined) banner(frame, view.alarm)
  return frame.bytes
}

function head(frame: Frame, { device, mode, connected, words, alarm }: PanelView): void {
  const link = connected ? words.link : words.noLink
  const state = mode === 'real' ? link : `${mode} ${link}`
  frame.text(0, 0, shortened(device, COLUMNS - 1 - state.length))
  frame.text(WIDTH, 0, state, { align: 'right' })
  // With an alarm at the foot its row is needed for the values.
  if (alarm === undefined) frame.line(9)
}

/** At the foot, dark on bright: an alarm is never behind another page. */
function banner(frame: Frame, alarm: string): void {
  frame.clear(BANNER_Y, HEIGHT - BANNER_Y)
  frame.text(WIDTH / 2, BANNER_Y + 2, `! ${alarm}`.slice(0, COLUMNS), { align: 'centre' })
  frame.invert(BANNER_Y + 1, 9)
}

const lines = (frame: Frame, view: PanelView, texts: readonly string[]): void =>
  texts.slice(0, lineCount(view)).forEach((text, i) => frame.text(0, FIRST_LINE_Y + i * (LINE + 1), text.slice(0, COLUMNS)))

/** Beginning and end of a name with no room for all of it: boards of a ward differ at the end. */
function shortened(name: string, room: number): string {
  if (name.length <= room) return name
  const end = Math.floor((room - 2) / 2)
  return `${name.slice(0, room - 2 - end)}..${name.slice(name.length - end)}`
}

/** Broken at spaces into lines the display has room for. */
export function wrapped(text: string, columns = COLUMNS): string[] {
  const out: string[] = []
  for (const word of text.trim().split(/\s+/)) {
    const last = out.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= columns) out[out.length - 1] = `${last} ${word}`
    else for (let at = 0; at < word.length; at += columns) out.push(word.slice(at, at + columns))
  }
  return out
}
