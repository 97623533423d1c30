/** More than any message means; a thousand times less than what ends the stack of whoever walks or writes it. */
const DEEPEST = 100
/** A text as short as this cannot be nested harmfully, and is not looked through: nearly every message is. */
const HARMLESS_CHARS = 2_000

/** What a message says in JSON; `undefined` when it is none, or is nested deeper than any message is. */
export function readJson(payload: string | Uint8Array): unknown {
  try {
    const text = typeof payload === 'string' ? payload : Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString()
    return text.length > HARMLESS_CHARS && isDeep(text) ? undefined : (JSON.parse(text) as unknown)
  } catch {
    return undefined
  }
}

/** A value as JSON for people who look into what was laid aside; a sentence where it cannot be written, as when it is nested too deeply. */
export function jsonText(value: unknown): string {
  try {
    return JSON.stringify(value, bigintAsText) ?? 'null'
  } catch {
    return '(nested too deeply to be written)'
  }
}

/** CBOR has whole numbers larger than JSON's. */
function bigintAsText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}

function isDeep(text: string): boolean {
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const c = text.charCodeAt(at)
    if (c === QUOTE) at = stringEnd(text, at)
    else if (c === OPEN_LIST || c === OPEN_OBJECT) {
      if (++depth > DEEPEST) return true
    } else if (c === CLOSE_LIST || c === CLOSE_OBJECT) depth--
  }
  return false
}

const [QUOTE, BACKSLASH, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x22, 0x5c, 0x5b, 0x5d, 0x7b, 0x7d] as const

/** Where the text that begins at `from` ends; the end of all where it does not. */
function stringEnd(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at++) {
    const c = text.charCodeAt(at)
    if (c === BACKSLASH) at++
    else if (c === QUOTE) return at
  }
  return text.length
}
