import type { DurableDocument } from '../src/commands/durable-document.ts'
import type { ModdablePreference } from './moddable.ts'

const DOMAIN = 'vigil'
/** The flash takes strings of up to 4000 bytes on an ESP32; a document is cut into pieces well below that. */
const PIECE = 1_800
const SLOTS = ['a', 'b'] as const

const textOf = (value: ReturnType<ModdablePreference['get']>): string => (typeof value === 'string' ? value : '')

/**
 * A document in flash. It is written into the slot that is not in use, piece by piece, and one short entry then says where it is:
 * a power cut leaves the old one whole. Texts are ASCII (JSON with everything else escaped), so that pieces never cut a character.
 * @param name at most eight characters
 */
export function preferenceDocument<T>(preference: ModdablePreference, name: string): DurableDocument<T> {
  const place = (): { slot: string; pieces: number } | undefined => {
    const said = /^([ab])(\d+)$/.exec(textOf(preference.get(DOMAIN, name)))
    return said ? { slot: said[1] as string, pieces: Number(said[2]) } : undefined
  }
  const key = (slot: string, piece: number): string => `${name}.${slot}${piece}`

  return {
    load() {
      const { slot, pieces } = place() ?? { slot: '', pieces: 0 }
      if (pieces === 0) return undefined
      let text = ''
      for (let i = 0; i < pieces; i += 1) text += textOf(preference.get(DOMAIN, key(slot, i)))
      try {
        return JSON.parse(text) as T
      } catch {
        return undefined
      }
    },
    save(value) {
      const text = JSON.stringify(value).replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      const old = place()
      const slot = SLOTS.find((one) => one !== old?.slot) as string
      const pieces = Math.ceil(text.length / PIECE)
      for (let i = 0; i < pieces; i += 1) preference.set(DOMAIN, key(slot, i), text.slice(i * PIECE, (i + 1) * PIECE))
      preference.set(DOMAIN, name, `${slot}${pieces}`)
      for (let i = 0; i < (old?.pieces ?? 0); i += 1) preference.delete(DOMAIN, key(old?.slot as string, i))
    },
  }
}
