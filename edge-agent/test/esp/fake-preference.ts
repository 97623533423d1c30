import type { ModdablePreference } from '../../esp/moddable.ts'

/** Names are at most 15 characters in the flash of an ESP32, texts at most 4000 bytes. */
const LONGEST_NAME = 15
const LONGEST_TEXT = 4_000

/** Flash with the limits of an ESP32. */
export function fakePreference(): ModdablePreference & { readonly stored: Map<string, string> } {
  const stored = new Map<string, string>()
  const name = (domain: string, key: string): string => {
    if (domain.length > LONGEST_NAME || key.length > LONGEST_NAME) throw new TypeError(`${key} is too long a name`)
    return `${domain}/${key}`
  }
  return {
    stored,
    get: (domain, key) => stored.get(name(domain, key)),
    set(domain, key, value) {
      if (value.length > LONGEST_TEXT) throw new TypeError(`${key} is too long a text`)
      stored.set(name(domain, key), value)
    },
    delete: (domain, key) => void stored.delete(name(domain, key)),
  }
}
