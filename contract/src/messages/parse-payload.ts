/** The number of an object: sending it again under the same one changes nothing. */
interface Numbered {
  readonly epoch: string
  readonly seq: number
}

export type Parsed = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly reason: string; readonly key: Numbered | undefined }

/** What a C `printf("%f")` writes for a number that is none, where JSON wants a value. */
const BARE_NOT_A_NUMBER = /([:[,]\s*)[+-]?(?:nan|inf(?:inity)?)(?:\([a-z0-9]*\))?(?=\s*[,}\]])/gi

/**
 * Parses a payload. A board whose `printf` wrote `nan` spoils its whole message for JSON, so such a token is read as `null`:
 * then only the object that holds it is refused, and the others of the array are kept.
 */
export function parsePayload(text: string): Parsed {
  try {
    return { ok: true, value: JSON.parse(text) }
  } catch (error) {
    const repaired = text.replace(BARE_NOT_A_NUMBER, '$1null')
    const again = repaired === text ? undefined : tryParse(repaired)
    if (again) return again
    return { ok: false, reason: error instanceof Error ? error.message : 'not JSON', key: salvageKey(text) }
  }
}

function tryParse(text: string): Parsed | undefined {
  try {
    return { ok: true, value: JSON.parse(text) }
  } catch {
    return undefined
  }
}

const EPOCH = /"e"\s*:\s*"([A-Za-z0-9_-]{1,32})"/g
const SEQUENCE = /"s"\s*:\s*([1-9]\d{0,15})(?=\s*[,}])/g

/** The number of a broken single object, if it tells exactly one: a number nobody can store must not block its device for ever. */
function salvageKey(text: string): Numbered | undefined {
  const [epoch, ...moreEpochs] = text.matchAll(EPOCH)
  const [seq, ...moreSeqs] = text.matchAll(SEQUENCE)
  if (!epoch || !seq || moreEpochs.length > 0 || moreSeqs.length > 0) return undefined
  const number = Number(seq[1])
  return Number.isSafeInteger(number) ? { epoch: epoch[1] as string, seq: number } : undefined
}
