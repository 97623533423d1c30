import { AppError } from '../errors.ts'
import { type EventSection, isEventSection } from './value.ts'

/** What a body holds, told while it is read. Texts are JSON of one element each. */
export interface BodyVisitor {
  metricStarts(): void
  metricSays(what: 'name' | 'units', json: string): void
  row(json: string): void
  metricEnds(): void
  element(section: EventSection, json: string): void
  /** An element that was not kept: larger or deeper than anything a phone sends. */
  unreadable(why: 'too_large' | 'too_deep' | 'not_an_object'): void
}

export interface CutterLimits {
  /** Most characters of one element. A day's workout with its route has a few million. */
  readonly element: number
  readonly depth: number
}

const LIMITS: CutterLimits = { element: 16 * 1024 * 1024, depth: 32 }

/** What an open bracket is for. */
type Place = 'root' | 'data' | 'metrics' | 'metric' | 'rows' | EventSection
type Expects = 'value' | 'value or end' | 'key' | 'key or end' | 'colon' | 'comma or end' | 'nothing'

interface Capture {
  readonly kind: 'bracket' | 'text' | 'word'
  /** Pieces are kept only where somebody wants the whole. */
  readonly wanted: ((json: string) => void) | undefined
  held: string
  depth: number
  inText: boolean
  escaped: boolean
  /** Whether the quote a text begins with is behind. */
  opened: boolean
  why: 'too_large' | 'too_deep' | undefined
}

const QUOTE = 0x22
const BACKSLASH = 0x5c

/**
 * Cuts a body of Health Auto Export into its rows while it arrives: `{"data":{"metrics":[{"name","units","data":[row…]}],"workouts":[…]}}` in any order
 * of keys, also with the list of metrics as `data` itself. Holds one element at a time, whatever the length of the body; what nobody asked for is
 * passed over. Each element is left to `JSON.parse`.
 */
export class JsonCutter {
  readonly #visitor: BodyVisitor
  readonly #limits: CutterLimits
  readonly #places: Place[] = []
  #key = ''
  #expects: Expects = 'value'
  #capture: Capture | undefined
  #read = 0

  constructor(visitor: BodyVisitor, limits: CutterLimits = LIMITS) {
    this.#visitor = visitor
    this.#limits = limits
  }

  /** @throws AppError MALFORMED_JSON */
  write(text: string): void {
    let at = 0
    while (at < text.length) {
      if (this.#capture) {
        at = this.#captureOn(this.#capture, text, at)
        continue
      }
      const c = text.charCodeAt(at)
      if (c !== 0x20 && c !== 0x0a && c !== 0x0d && c !== 0x09) {
        if (!this.#token(c)) this.#fail(at)
        // A value begins with the character it was known by.
        if (this.#capture) continue
      }
      at++
    }
    this.#read += text.length
  }

  /** @throws AppError MALFORMED_JSON when the body ends too early */
  end(): void {
    if (this.#capture?.kind === 'word') this.#finish(this.#capture)
    if (this.#expects !== 'nothing') throw new AppError('MALFORMED_JSON', 'The body ends before its JSON does. What came before is stored; send the whole again.')
  }

  #token(c: number): boolean {
    const expects = this.#expects
    if (c === 0x7d || c === 0x5d) return this.#close(c === 0x7d)
    if (expects === 'colon') return this.#step(c === 0x3a, 'value')
    if (expects === 'comma or end') return this.#step(c === 0x2c, this.#inObject() ? 'key' : 'value')
    if (expects === 'key' || expects === 'key or end') {
      if (c !== QUOTE) return false
      this.#begin('text', (json) => {
        this.#key = readText(json) ?? ''
      })
      return true
    }
    return expects === 'nothing' ? false : this.#value(c)
  }

  #step(right: boolean, next: Expects): boolean {
    if (right) this.#expects = next
    return right
  }

  #close(brace: boolean): boolean {
    const place = this.#places.at(-1)
    const may = this.#expects === 'comma or end' || this.#expects === (brace ? 'key or end' : 'value or end')
    if (place === undefined || !may || this.#inObject() !== brace) return false
    this.#places.pop()
    if (place === 'metric') this.#visitor.metricEnds()
    this.#valueOver()
    return true
  }

  #value(c: number): boolean {
    const place = placeOf(this.#places.at(-1), this.#key, c)
    if (place !== undefined) {
      this.#places.push(place)
      if (place === 'metric') this.#visitor.metricStarts()
      this.#expects = c === 0x7b ? 'key or end' : 'value or end'
      return true
    }
    const wanted = this.#wanted()
    const kind = c === 0x7b || c === 0x5b ? 'bracket' : c === QUOTE ? 'text' : 'word'
    if (kind === 'word' && !isWord(c)) return false
    this.#begin(kind, wanted)
    return true
  }

  /** Who wants the value that begins here as a whole. */
  #wanted(): ((json: string) => void) | undefined {
    const place = this.#places.at(-1)
    if (place === undefined || place === 'root' || place === 'data') return undefined
    if (place === 'rows') return (json) => this.#visitor.row(json)
    if (place === 'metrics') return () => this.#visitor.unreadable('not_an_object')
    if (place !== 'metric') return (json) => this.#visitor.element(place, json)
    const key = this.#key
    return key === 'name' || key === 'units' ? (json) => this.#visitor.metricSays(key, json) : undefined
  }

  #begin(kind: Capture['kind'], wanted: Capture['wanted']): void {
    this.#capture = { kind, wanted, held: '', depth: 0, inText: false, escaped: false, opened: false, why: undefined }
  }

  #captureOn(capture: Capture, text: string, from: number): number {
    const to = capture.kind === 'bracket' ? bracketEnd(capture, text, from, this.#limits.depth) : capture.kind === 'text' ? textEnd(capture, text, from) : wordEnd(text, from)
    const over = to >= 0
    const end = over ? to : text.length
    if ((capture.wanted || capture.kind === 'word') && capture.why === undefined) {
      capture.held = capture.held === '' ? text.slice(from, end) : capture.held + text.slice(from, end)
      if (capture.held.length > this.#limits.element) capture.why = 'too_large'
    }
    if (capture.why !== undefined) capture.held = ''
    if (over) this.#finish(capture)
    return end
  }

  #finish(capture: Capture): void {
    this.#capture = undefined
    const isKey = this.#expects === 'key' || this.#expects === 'key or end'
    if (capture.kind === 'word' && !isJson(capture.held)) this.#fail(0)
    if (capture.why !== undefined) this.#visitor.unreadable(capture.why)
    else capture.wanted?.(capture.held)
    if (!isKey) return this.#valueOver()
    if (capture.why !== undefined) this.#key = ''
    this.#expects = 'colon'
  }

  #valueOver(): void {
    this.#expects = this.#places.length === 0 ? 'nothing' : 'comma or end'
  }

  #inObject(): boolean {
    const place = this.#places.at(-1)
    return place === 'root' || place === 'data' || place === 'metric'
  }

  #fail(at: number): never {
    throw new AppError('MALFORMED_JSON', `The body is not JSON from character ${this.#read + at + 1} on. What came before is stored.`)
  }
}

/** The bracket that opens here, if it is one whose inside is looked at. */
function placeOf(parent: Place | undefined, key: string, c: number): Place | undefined {
  if (c === 0x7b) return parent === undefined ? 'root' : parent === 'metrics' ? 'metric' : parent === 'root' && key === 'data' ? 'data' : undefined
  return c === 0x5b ? listOf(parent, key) : undefined
}

function listOf(parent: Place | undefined, key: string): Place | undefined {
  if (parent === undefined) return 'metrics'
  if (parent === 'metric') return key === 'data' ? 'rows' : undefined
  if (parent !== 'root' && parent !== 'data') return undefined
  if (key === 'metrics' || (parent === 'root' && key === 'data')) return 'metrics'
  return isEventSection(key) ? key : undefined
}

/** Position after the bracket that closes the capture, or -1 when it is not in this text. */
function bracketEnd(capture: Capture, text: string, from: number, deepest: number): number {
  let at = from
  while (at < text.length) {
    if (capture.inText) {
      at = textOver(capture, text, at)
      continue
    }
    const c = text.charCodeAt(at++)
    if (c === QUOTE) capture.inText = true
    else if (c === 0x7b || c === 0x5b) {
      if (++capture.depth > deepest) capture.why ??= 'too_deep'
    } else if ((c === 0x7d || c === 0x5d) && --capture.depth === 0) return at
  }
  return -1
}

/** Position after the quote that ends a text, or the end of what is there. */
function textOver(capture: Capture, text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const c = text.charCodeAt(at)
    if (capture.escaped) capture.escaped = false
    else if (c === BACKSLASH) capture.escaped = true
    else if (c === QUOTE) {
      capture.inText = false
      return at + 1
    }
  }
  return text.length
}

function textEnd(capture: Capture, text: string, from: number): number {
  const first = !capture.inText && !capture.opened
  if (first) {
    capture.opened = true
    capture.inText = true
  }
  const at = textOver(capture, text, first ? from + 1 : from)
  return capture.inText ? -1 : at
}

function wordEnd(text: string, from: number): number {
  for (let at = from; at < text.length; at++) if (!isWord(text.charCodeAt(at))) return at
  return -1
}

/** Characters of numbers, true, false and null. */
function isWord(c: number): boolean {
  return (c >= 0x30 && c <= 0x39) || (c >= 0x61 && c <= 0x7a) || c === 0x2d || c === 0x2b || c === 0x2e || c === 0x45
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** The text of a JSON string; `undefined` for what is none. */
export function readText(json: string): string | undefined {
  try {
    const value: unknown = JSON.parse(json)
    return typeof value === 'string' ? value : undefined
  } catch {
    return undefined
  }
}
