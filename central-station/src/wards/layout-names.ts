/** Longest name of the API: `Name` of the contract. */
const LONGEST = 64

/**
 * A name for addresses and other systems, made of what people call a thing: `Ward 3 East` is `ward-3-east`.
 * What has no Latin letter or figure is called `otherwise`. The first that is not taken, counted on from 2.
 */
export function nameFrom(words: string, otherwise: string, isTaken: (name: string) => boolean): string {
  const base = latin(words).slice(0, LONGEST - 4).replace(/-$/, '') || otherwise
  for (let n = 1; ; n++) {
    const name = n === 1 ? base : `${base}-${n}`
    if (!isTaken(name)) return name
  }
}

function latin(words: string): string {
  return words.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase().replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^-|-$/g, '')
}
