import { ADVANCE, GLYPH_WIDTH, rowsOf } from './font.ts'

export const WIDTH = 128
export const HEIGHT = 64
const PAGE_ROWS = 8

export interface TextOptions {
  /** Dots for each dot of the font. */
  readonly scale?: number
  readonly align?: 'left' | 'right' | 'centre'
}

/** A picture of 128 × 64 dots in the display's own order: pages of eight rows, one byte a column, the lowest bit on top. */
export interface Frame {
  readonly bytes: Uint8Array
  /** `x` and `y` are those of the upper left dot, of the right end or of the middle, by `align`. What does not fit is cut off. */
  text(x: number, y: number, text: string, options?: TextOptions): void
  line(y: number): void
  /** Makes a band of rows dark. */
  clear(y: number, rows: number): void
  /** Turns dark and bright round in a band of rows. */
  invert(y: number, rows: number): void
}

export const textWidth = (text: string, scale = 1): number => text.length * ADVANCE * scale - scale

export function createFrame(): Frame {
  const bytes = new Uint8Array((WIDTH * HEIGHT) / PAGE_ROWS)
  const inside = (x: number, y: number): boolean => x >= 0 && x < WIDTH && y >= 0 && y < HEIGHT
  const indexOf = (x: number, y: number): number => Math.floor(y / PAGE_ROWS) * WIDTH + x
  const set = (x: number, y: number): void => {
    if (inside(x, y)) bytes[indexOf(x, y)] = (bytes[indexOf(x, y)] ?? 0) | (1 << (y % PAGE_ROWS))
  }
  const block = (x: number, y: number, size: number): void => {
    for (let dy = 0; dy < size; dy += 1) for (let dx = 0; dx < size; dx += 1) set(x + dx, y + dy)
  }
  const glyph = (x: number, y: number, character: string, scale: number): void => {
    rowsOf(character).forEach((row, dy) => {
      for (let dx = 0; dx < GLYPH_WIDTH; dx += 1) if (row & (1 << (GLYPH_WIDTH - 1 - dx))) block(x + dx * scale, y + dy * scale, scale)
    })
  }
  return {
    bytes,
    text(x, y, text, { scale = 1, align = 'left' } = {}) {
      const width = textWidth(text, scale)
      const from = align === 'left' ? x : align === 'right' ? x - width : Math.round(x - width / 2)
      Array.from(text).forEach((character, i) => glyph(from + i * ADVANCE * scale, y, character, scale))
    },
    line(y) {
      for (let x = 0; x < WIDTH; x += 1) set(x, y)
    },
    clear(y, rows) {
      for (let dy = 0; dy < rows; dy += 1) {
        for (let x = 0; x < WIDTH; x += 1) if (inside(x, y + dy)) bytes[indexOf(x, y + dy)] = (bytes[indexOf(x, y + dy)] ?? 0) & ~(1 << ((y + dy) % PAGE_ROWS))
      }
    },
    invert(y, rows) {
      for (let dy = 0; dy < rows; dy += 1) {
        for (let x = 0; x < WIDTH; x += 1) if (inside(x, y + dy)) bytes[indexOf(x, y + dy)] = (bytes[indexOf(x, y + dy)] ?? 0) ^ (1 << ((y + dy) % PAGE_ROWS))
      }
    },
  }
}

/** The picture for a terminal: two rows of dots in one of text, bright dots bright. */
export function halfBlocks(bytes: Uint8Array): string {
  const rows = pictureOf(bytes).trimEnd().split('\n')
  const pair = (top: string, bottom: string): string => Array.from(top, (dot, x) => HALF_BLOCKS[(dot === '#' ? 2 : 0) + (bottom[x] === '#' ? 1 : 0)]).join('')
  return `${Array.from({ length: HEIGHT / 2 }, (_, i) => pair(rows[2 * i] ?? '', rows[2 * i + 1] ?? '')).join('\n')}\n`
}
const HALF_BLOCKS = [' ', '▄', '▀', '█'] as const

/** The picture in characters, a row of text for each row of dots, for tests and for people without the display. */
export function pictureOf(bytes: Uint8Array): string {
  const row = (y: number): string => Array.from({ length: WIDTH }, (_, x) => ((bytes[Math.floor(y / PAGE_ROWS) * WIDTH + x] ?? 0) & (1 << (y % PAGE_ROWS)) ? '#' : '.')).join('')
  return `${Array.from({ length: HEIGHT }, (_, y) => row(y)).join('\n')}\n`
}
