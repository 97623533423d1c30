/** The parts of a name the screens use. */
export interface NamedPatient {
  readonly familyName: string
  readonly givenName: string
  readonly title: string
}

/** `KOWALSKI, Ewa (Ms)`: the NHS patient banner's form. */
export function fullName({ familyName, givenName, title }: NamedPatient): string {
  const given = [givenName, title && `(${title})`].filter(Boolean).join(' ')
  return given ? `${familyName.toLocaleUpperCase()}, ${given}` : familyName.toLocaleUpperCase()
}

/** How much of a name a wall shows, from most to least. */
export const wallNames = ['short', 'initials', 'bed'] as const
export type WallNames = (typeof wallNames)[number]

/** Scripts whose first sign is often half of the given name or all of it: it would hide nothing. */
const WHOLE_SIGNS = /[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}]/u

/**
 * A name where there is little room, or where it must not be read by everybody: `KOWALSKI, E` for a tile, `KOWALSKI` for the strip, `K. E.`
 * as initials (`王*`, as call screens write it), and nothing where the bed says whose it is.
 */
export function shortName({ familyName, givenName }: Pick<NamedPatient, 'familyName' | 'givenName'>, form: WallNames | 'surname' = 'short'): string {
  const [family, initial] = [familyName, givenName].map((part) => Array.from(part)[0]?.toLocaleUpperCase())
  if (form === 'bed') return ''
  if (form === 'initials') return WHOLE_SIGNS.test(familyName) ? `${family}*` : [family, initial].filter(Boolean).map((letter) => `${letter}.`).join(' ')
  return initial && form === 'short' ? `${familyName.toLocaleUpperCase()}, ${initial}` : familyName.toLocaleUpperCase()
}

/** `129 728 7652`: ten digits in the groups people read aloud; anything else as it is. */
export function groupedIdentifier(identifier: string): string {
  return /^\d{10}$/.test(identifier) ? identifier.replace(/(\d{3})(\d{3})(\d{4})/, '$1 $2 $3') : identifier
}
