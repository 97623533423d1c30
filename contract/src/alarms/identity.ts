import { type ConditionKey, type Subject, subjectKey } from './vocabulary.ts'

/**
 * The name of an alarm follows from what it is about and when it began: two engines that watch the same ward, and one that
 * replays its log, give it the same one. Laid out as UUID version 8 (RFC 9562 section 5.8), time first.
 */
export function alarmId(subject: Subject, condition: ConditionKey, sinceMs: number): string {
  return nameOf(sinceMs, `${subjectKey(subject)}|${condition}|${sinceMs}`)
}

/** The name of one line of the log: writing it again is harmless. */
export function recordId(stream: string, n: number, atMs: number): string {
  return nameOf(atMs, `${stream}|${n}|${atMs}`)
}

function nameOf(ms: number, text: string): string {
  const time = Math.max(0, Math.floor(ms)).toString(16).padStart(12, '0').slice(-12)
  const [a, b, c] = [hash(text, 0x9e3779b9), hash(text, 0x85ebca6b), hash(text, 0xc2b2ae35)]
  const variant = ((a & 0x3f) | 0x80).toString(16)
  return `${time.slice(0, 8)}-${time.slice(8)}-8${hex(b, 3)}-${variant}${hex(a >>> 8, 2)}-${hex(c, 8)}${hex(b >>> 12, 4)}`
}

const hex = (value: number, digits: number): string => (value >>> 0).toString(16).padStart(8, '0').slice(-digits)

/** FNV-1a with an avalanche at the end (as in MurmurHash3), so that neighbours differ in all bits. */
function hash(text: string, seed: number): number {
  let h = seed
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}
