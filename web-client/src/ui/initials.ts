const MOST = 2

/** `LW` of "Li Wei", `A` of "admin": whose something is, where there is no room for a name. */
export function initials(name: string): string {
  return name.split(/[\s._-]+/u).filter(Boolean).slice(0, MOST).map((word) => (Array.from(word)[0] ?? '').toLocaleUpperCase()).join('')
}
