import type { Delimiters } from './delimiters.ts'

/**
 * Text of one value with its escape sequences undone (HL7 v2.5.1 §2.7). Done after splitting, so that an escaped delimiter
 * never splits. What is unknown, or a lone escape character, stays as it came.
 */
export function decodeText(text: string, d: Delimiters): string {
  if (!text.includes(d.escape)) return text
  let out = ''
  let at = 0
  while (at < text.length) {
    const start = text.indexOf(d.escape, at)
    if (start === -1) break
    const end = text.indexOf(d.escape, start + 1)
    const sequence = end === -1 ? undefined : text.slice(start + 1, end)
    const isSequence = sequence !== undefined && SEQUENCE.test(sequence)
    // A lone mark stands for itself, and what follows may be a sequence again.
    const next = isSequence ? end + 1 : start + 1
    out += text.slice(at, start) + ((isSequence ? meaningOf(sequence, d) : undefined) ?? text.slice(start, next))
    at = next
  }
  return out + text.slice(at)
}

/** What can stand between two marks; sequences of a site (`Zxx`) among them. */
const SEQUENCE = /^(?:[A-Z][A-Za-z0-9]*|\.[a-z]{2}[+-]?\d*)$/

function meaningOf(sequence: string, d: Delimiters): string | undefined {
  const delimiters: Readonly<Record<string, string>> = { F: d.field, S: d.component, T: d.subcomponent, R: d.repetition, E: d.escape, P: d.truncation ?? '#' }
  return delimiters[sequence] ?? FORMATS[sequence] ?? hexadecimal(sequence) ?? (sequence.startsWith('.') ? '' : undefined)
}

/** Highlighting and formatting say nothing about a value. */
const FORMATS: Readonly<Record<string, string>> = { H: '', N: '', '.br': '\n' }

function hexadecimal(sequence: string): string | undefined {
  if (!/^X(?:[0-9A-Fa-f]{2})+$/.test(sequence)) return undefined
  return (sequence.slice(1).match(/../g) ?? []).map((pair) => String.fromCharCode(Number.parseInt(pair, 16))).join('')
}

/** Escapes what would split, and what would end a segment or a frame. */
export function encodeText(text: string, d: Delimiters): string {
  let out = ''
  for (const c of text) out += escapeOf(c, d)
  return out
}

function escapeOf(c: string, d: Delimiters): string {
  const wrap = (name: string) => d.escape + name + d.escape
  if (c === d.escape) return wrap('E')
  if (c === d.field) return wrap('F')
  if (c === d.component) return wrap('S')
  if (c === d.subcomponent) return wrap('T')
  if (c === d.repetition) return wrap('R')
  if (c === d.truncation) return wrap('P')
  const code = c.charCodeAt(0)
  return code < 0x20 ? wrap(`X${code.toString(16).padStart(2, '0').toUpperCase()}`) : c
}
