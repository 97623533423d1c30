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
const LINES = 6
const COLUMNS = 21

/** The four values a nurse looks for, where they are on every screen: signal, label, decimals. */
const tiles = [
  { signal: 'pr', label: 'PR /MIN', decimals: 0 },
  { signal: 'spo2', label: 'SPO2 %', decimals: 0 },
  { signal: 'rr', label: 'RR /MIN', decimals: 0 },
  { signal: 'temp', label: 'T °C', decimals: 1 },
] as const

const draw: Readonly<Record<Page, (frame: Frame, view: PanelView) => void>> = {
  values(frame, { latest, words }) {
    tiles.forEach(({ signal, label, decimals }, i) => {
      const x = (i % 2) * (WIDTH / 2)
      const y = 11 + Math.floor(i / 2) * 27
      const value = latest.m[signal]
      const reason = latest.x[signal]
      frame.text(x, y, label)
      frame.text(x, y + 10, value === undefined ? '--' : value.toFixed(decimals), { scale: 2 })
      if (value === undefined && reason !== undefined) frame.text(x + 28, y + 17, words.reasons[reason] ?? '?')
      if (value !== undefined && latest.q[signal] !== undefined) frame.text(x + 54, y + 10, '?')
    })
  },
  quality(frame, { latest }) {
    const names = [...new Set([...Object.keys(latest.m), ...Object.keys(latest.x)])]
    lines(frame, names.slice(0, LINES).map((name) => qualityLine(name, latest)))
  },
  connection(frame, { connected, timeProven, why, unsent, words }) {
    // The reason is a sentence of the agent, which it has in English only.
    const reason = connected || words !== displayWords.en ? [] : wrapped(why).slice(0, 2)
    lines(frame, [connected ? words.connected : words.notConnected, ...reason, `${words.waiting} ${unsent}`, unsent > 0 ? words.nothingLost : words.allStored, ...(timeProven ? [] : [words.clockUnsure])])
  },
  identity(frame, { device, site, mode, firmware, sensors, faults, words }) {
    lines(frame, [`${words.board} ${device}`, `${words.site} ${site}`, `${words.mode} ${mode}`, `${words.version} ${firmware}`, `${words.sensors} ${sensors}`, faults.length > 0 ? `${words.fault} ${faults.join(' ')}` : words.allWork])
  },
}

function qualityLine(name: string, { m, q, x, sq }: Measurement): string {
  const value = m[name]
  if (value === undefined) return `${name.padEnd(6)}${'--'.padStart(6)} ${x[name] ?? ''}`
  const remark = q[name] ?? (sq[name] === undefined ? '' : `Q ${Math.round(sq[name])}`)
  return `${name.padEnd(6)}${Number(value.toFixed(1)).toString().padStart(6)} ${remark}`
}

/** The page as the display shows it: the head says where one is and whether the centre hears, whatever the page. */
export function drawPage(page: Page, view: PanelView): Uint8Array {
  const frame = createFrame()
  head(frame, view)
  draw[page](frame, view)
  if (view.alarm !== undefined) banner(frame, view.alarm)
  return frame.bytes
}

/** A text sent from the centre, or the answer to "which board is it": alone on the display. */
export function drawMessage(text: string, view: PanelView): Uint8Array {
  const frame = createFrame()
  head(frame, view)
  const words = wrapped(text)
  const scale = words.length <= 2 && words.every((line) => line.length <= 10) ? 2 : 1
  words.slice(0, LINES).forEach((line, i) => frame.text(WIDTH / 2, FIRST_LINE_Y + 6 + i * LINE * scale, line, { scale, align: 'centre' }))
  if (view.alarm !== undefined) banner(frame, view.alarm)
  return frame.bytes
}

function head(frame: Frame, { device, mode, connected, words }: PanelView): void {
  const room = COLUMNS - 1 - words.noLink.length
  frame.text(0, 0, device.slice(0, room))
  frame.text(WIDTH, 0, mode === 'real' ? (connected ? words.link : words.noLink) : `${mode} ${connected ? '' : '!'}`.trim(), { align: 'right' })
  frame.line(9)
}

/** At the foot, dark on bright: an alarm is never behind another page. */
function banner(frame: Frame, alarm: string): void {
  const y = HEIGHT - 10
  frame.clear(y, HEIGHT - y)
  frame.text(WIDTH / 2, y + 2, `! ${alarm}`.slice(0, COLUMNS), { align: 'centre' })
  frame.invert(y + 1, 9)
}

const lines = (frame: Frame, texts: readonly string[]): void => texts.forEach((text, i) => frame.text(0, FIRST_LINE_Y + i * (LINE + 1), text.slice(0, COLUMNS)))

/** Broken at spaces into lines the display has room for. */
export function wrapped(text: string): string[] {
  const out: string[] = []
  for (const word of text.trim().split(/\s+/)) {
    const last = out.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= COLUMNS) out[out.length - 1] = `${last} ${word}`
    else for (let at = 0; at < word.length; at += COLUMNS) out.push(word.slice(at, at + COLUMNS))
  }
  return out
}
