import type { Plugin } from 'rolldown'

// What a chip is, how it is recognised and what a person must confirm are sentences for the documentation and for `vigil-agent scan`.
// A small board tells them to nobody, and has every byte of its program in a flash of 1 MB.
const PROSE = /^( +)(description|identity|confirm): (['"`]).*\3,$/gm
const isSensor = (id: string): boolean => /\/edge-agent\/src\/sensors\/[\w-]+\.ts$/.test(id.replaceAll('\\', '/'))

/** Leaves those sentences out of the program; that there is something to confirm stays. */
export const withoutProse: Plugin = {
  name: 'without-prose',
  transform: { order: 'pre', handler: (code, id) => (isSensor(id) ? code.replace(PROSE, `$1$2: '-',`) : undefined) },
}
